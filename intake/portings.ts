import type { Tx } from '../db/connection.ts';
import { addPlacings } from '../db/lead-placing.ts';
import type { LockedLead } from '../db/locked-lead.ts';
import { tellLeads } from '../db/outbox.ts';
import { insertPorting, type PortingRow } from '../db/portings.ts';
import { isBoundToPlace, type Porting } from '../domain/porting.ts';
import { zonesOfMobile } from './place/candidates.ts';

/**
 * Puts on record that the number of a lead was ported, and tells its workflow. A number that is no longer bound to a place may be
 * anywhere in its country, which comes first among the jurisdictions; what was known of the place is never taken away. Lists,
 * consents and suppressions stay what they are: a number that is ported is still the person's.
 */
export async function recordPorting(
  tx: Tx, lead: LockedLead, { at, lineType }: Omit<Porting, 'id'>, now: Date,
): Promise<PortingRow> {
  const row = await insertPorting(tx, { lead_id: lead.id, at, line_type: lineType, received_at: now });
  const [country] = lead.jurisdictions;
  const zones = country === undefined || isBoundToPlace(lineType) ? [] : [...zonesOfMobile(country)];
  if (zones.length > 0) await addPlacings(tx, [[lead.id, { jurisdictions: [], zones, lineType: null, isCompany: false }]]);
  await tellLeads(tx, [lead.id], { signal: 'lifecycleChanged', factId: row.id }, now);
  return row;
}
