import { insertContact } from '../../db/contacts.ts';
import { readEndingLeads } from '../../db/archive.ts';
import { plus } from '../../domain/civil-time.ts';
import { rowsOf, sha256Of } from '../../endings/archive/bundle.ts';
import type { ArchiveStore } from '../../endings/archive/archive-store.ts';
import type { Acquisition } from '../../intake/acquisition.ts';
import type { House } from '../setup/house.ts';

/** A lead that was called once, long ago, so that it is to be archived and not yet to be disposed of. */
export async function quietLead(house: Pick<House, 'db' | 'acquire'>, changes: Partial<Acquisition> = {}): Promise<string> {
  const at = plus(new Date(), 'P13M', -1);
  const { leadId } = await house.acquire({ acquiredAt: at, receivedAt: at, ...changes });
  const contact = {
    leadId, clearanceId: null, channel: 'call', purpose: 'marketing', campaign: null, seller: null, outcome: 'no_answer', startedAt: at, endedAt: at,
    durationSeconds: null, callerId: null, agent: null, reference: null,
  } as const;
  await house.db.transaction().execute((tx) => insertContact(tx, contact, at));
  return leadId;
}

/** What is kept of a person in the hot tables, row by row. */
export async function hotRows({ db }: Pick<House, 'db'>, leadId: string): Promise<string[]> {
  const rows = await db.selectFrom('personal_data').selectAll().where('lead_id', '=', leadId).orderBy('fact_id').orderBy('tier').execute();
  return rows.map((row) => rowText(row.fact_id, row.tier, row.sealed, row.email_token));
}

const rowText = (factId: string, tier: number, sealed: Buffer, token: bigint | null) => `${factId} ${tier} ${sealed.toString('hex')} ${String(token)}`;

/**
 * Where the personal data of a lead is. Throws unless it is in one place and whole: in the hot tables, or in a bundle that is in
 * the store, is what is on record, and opens.
 */
export async function placeOf({ db, vault }: Pick<House, 'db' | 'vault'>, store: ArchiveStore, leadId: string): Promise<{ place: 'hot' | 'archive'; rows: string[] }> {
  const [lead] = await readEndingLeads(db, [leadId]);
  if (!lead?.key) throw new Error('the lead or its key is gone');
  const hot = await hotRows({ db }, leadId);
  if (lead.archivedAt === null) {
    if (lead.bundle?.isInUse) throw new Error('a lead that is not archived has a bundle in use');
    return { place: 'hot', rows: hot };
  }
  if (!lead.bundle?.isInUse) throw new Error('an archived lead has no bundle');
  const bytes = await store.get(lead.bundle.object);
  if (bytes === null) throw new Error('the bundle of an archived lead is not in the store');
  if (!sha256Of(bytes).equals(lead.bundle.sha256)) throw new Error('the bundle of an archived lead is another');
  const rows = rowsOf(vault.unwrapKey(leadId, lead.key), leadId, bytes);
  if (hot.length > 0) throw new Error('rows of an archived lead are hot');
  return { place: 'archive', rows: rows.map(({ factId, tier, sealed, emailToken }) => rowText(factId, tier, sealed, emailToken)) };
}
