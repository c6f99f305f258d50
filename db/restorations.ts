import { sql } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';

/** A store that was made from a backup. */
export interface Restoration {
  backupId: string;
  snapshotAt: Date;
  restoredAt: Date;
  report: object;
}

export async function insertRestoration(tx: Tx, { backupId, snapshotAt, restoredAt, report }: Restoration): Promise<void> {
  const row = { backup_id: backupId, snapshot_at: snapshotAt, restored_at: restoredAt, report: JSON.stringify(report) };
  await tx.insertInto('restoration').values({ id: newId(), ...row }).execute();
}

/** The restoration after which the workflows have not been brought into agreement yet; null where there is none. */
export async function unreconciledRestoration(db: Db): Promise<{ id: string; report: object } | null> {
  const { rows: [known] } = await sql<{ known: boolean }>`select to_regclass('restoration') is not null as known`.execute(db);
  if (!known?.known) return null;
  const row = await db.selectFrom('restoration').select(['id', 'report']).where('reconciled_at', 'is', null).orderBy('id').limit(1).executeTakeFirst();
  return row ?? null;
}

export async function markReconciled(db: Db, id: string, now: Date): Promise<void> {
  await db.updateTable('restoration').set({ reconciled_at: now }).where('id', '=', id).execute();
}

/**
 * Leaves word for the workflow of every lead that is not disposed of, with the bulk: one that runs looks again, for what it knows
 * may never have been; one that is missing is started. Answers how many.
 */
export async function tellAllLeads(tx: Tx, factId: string, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
    select id, 'lead', 'reviewOverdue', ${factId}::uuid, 1, ${now}, 'the store was restored'
    from lead where disposed_at is null order by id`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}

/** The same for the requests of persons that have not ended, whose deadlines run on. Answers how many. */
export async function tellOpenRequests(tx: Tx, now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
    select id, 'subject_request', 'received', id, 0, ${now}, kind from subject_request where ended_at is null order by id`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}

/** Which of some ids are leads, and which of those have been disposed of. */
export async function knownLeads(db: Db, ids: readonly string[]): Promise<Map<string, { isDisposed: boolean }>> {
  const rows = await db.selectFrom('lead').select(['id', 'disposed_at']).where('id', '=', sql<string>`any(${ids}::uuid[])`).execute();
  return new Map(rows.map(({ id, disposed_at }) => [id, { isDisposed: disposed_at !== null }]));
}

/** A sealed record, and the wrapped key that should open it. */
export interface SealedRecord {
  leadId: string;
  factId: string;
  tier: 1 | 2;
  sealed: Buffer;
  kek: number;
  wrapped: Buffer;
}

/** Some sealed records from all over a store that has about so many, at most `limit`. */
export async function sealedSample(db: Db, limit: number, records: number): Promise<SealedRecord[]> {
  const percent = Math.min(100, (500 * limit) / Math.max(1, records));
  const { rows } = await sql<SealedRecord>`
    select lead_id as "leadId", fact_id as "factId", tier, sealed, kek, wrapped
    from (select lead_id, fact_id, tier, sealed from personal_data tablesample system (${percent}::real) limit ${limit}) sample
    join keyring.subject_key using (lead_id)`.execute(db);
  return rows;
}
