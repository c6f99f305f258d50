import { createDisposalActivities } from '../../activities/disposal.ts';
import { createReviewActivities } from '../../activities/review.ts';
import { newId } from '../../db/ids.ts';
import { FolderJournal } from '../../endings/journal/folder-journal.ts';
import { acquisition, type House } from '../setup/house.ts';

const YEARS_MS = 6 * 366 * 86_400_000;

/** A moment at which nothing obliges anybody to keep what was acquired today. */
const YEARS_LATER = () => new Date(Date.now() + YEARS_MS);

/** The activities of a worker that disposes of leads, some years from now unless said otherwise. */
export function disposer(house: House, now: () => Date = YEARS_LATER) {
  const { db, archive, signing, journalFolder } = house;
  const journal = new FolderJournal(journalFolder, newId());
  const { disposeLead } = createDisposalActivities({ db, now, signing, archive, journal, backupKeepDays: 30 });
  const reviews = createReviewActivities({ db, now });
  return { disposeLead, reviewLead: (leadId: string) => reviews.reviewLead(leadId) };
}

/** A lead with a bit of everything that can be known of somebody. */
export async function fullLead(house: House, phone = acquisition().phone): Promise<string> {
  const consents = [{ channel: 'call' as const, purpose: 'marketing' as const, obtainedAt: new Date(Date.now() - 60_000), expiresAt: null, evidence: { statement: 'yes' } }];
  const { leadId } = await house.acquire({ phone, consents, subject: { name: 'Ada Lovelace', email: 'ada@example.net' } });
  return leadId;
}

export const disposalOf = (house: House, leadId: string) => {
  return house.db.selectFrom('disposal').selectAll().where('lead_id', '=', leadId).executeTakeFirst();
};

export const stepsOf = async (house: House, leadId: string) => {
  const rows = await house.db
    .selectFrom('disposal_step').innerJoin('disposal', 'disposal.id', 'disposal_id').selectAll('disposal_step').where('lead_id', '=', leadId).execute();
  return new Map(rows.map((row) => [row.store, row]));
};

/** Puts a bundle of a lead into the archive, and on record. */
export async function putBundle(house: House, leadId: string): Promise<string> {
  const object = `leads/${leadId.slice(0, 6)}/${leadId}.bundle`;
  await house.archive.put(object, Buffer.from('sealed'));
  await house.db.insertInto('archive_bundle').values({
    lead_id: leadId, object, sha256: Buffer.alloc(32), size_bytes: 6, records: 1, number_check: Buffer.alloc(32),
    stored_at: new Date(), acquisitions: 1, grants: 0,
  }).execute();
  return object;
}

export async function placeHold(house: House, leadId: string): Promise<string> {
  const id = newId();
  await house.db.insertInto('legal_hold').values({
    id, kind: 'lead', lead_id: leadId, reason: 'litigation', placed_by: 'key:one', placed_at: new Date(), search: null,
  }).execute();
  return id;
}
