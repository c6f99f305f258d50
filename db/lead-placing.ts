import { sql } from 'kysely';
import type { LineType } from '../domain/clearance.ts';
import type { Db } from './connection.ts';
import { lockLeads } from './leads.ts';

/** Where a person may be and what the number is, as one acquisition tells. */
export interface LeadPlacing {
  jurisdictions: string[];
  zones: string[];
  /** Null when it was not told. */
  lineType: LineType | null;
  isCompany: boolean;
}

export type PlacedLead = readonly [leadId: string, placing: LeadPlacing];

/**
 * Adds what further acquisitions tell of leads that are there already, in their order: no jurisdiction or zone is ever taken
 * away, a company stays one, and of the line types the latest counts.
 */
export async function addPlacings(db: Db, placed: readonly PlacedLead[]): Promise<void> {
  if (placed.length === 0) return;
  await lockLeads(db, placed.map(([leadId]) => leadId));
  const rows = placed.map(([lead_id, placing], position) => ({ lead_id, position, ...placing }));
  await sql`
    with told as (
      select * from json_to_recordset(${JSON.stringify(rows)}::json)
        as told (lead_id uuid, position int, jurisdictions json, zones json, "lineType" text, "isCompany" boolean)
    ), latest as (
      select lead_id, bool_or("isCompany") as is_company,
        (array_agg("lineType" order by position desc) filter (where "lineType" is not null))[1] as line_type
      from told group by lead_id
    ), jurisdiction as (
      select lead_id, array_agg(distinct one.value) as list from told, json_array_elements_text(jurisdictions) one group by lead_id
    ), zone as (
      select lead_id, array_agg(distinct one.value) as list from told, json_array_elements_text(zones) one group by lead_id
    )
    update lead set
      jurisdictions = lead.jurisdictions || array(
        select one from unnest(jurisdiction.list) one where one <> all (lead.jurisdictions) order by one),
      zones = lead.zones || array(select one from unnest(zone.list) one where one <> all (lead.zones) order by one),
      line_type = coalesce(latest.line_type, lead.line_type),
      is_company = lead.is_company or latest.is_company
    from latest left join jurisdiction using (lead_id) left join zone using (lead_id)
    where lead.id = latest.lead_id`.execute(db);
}
