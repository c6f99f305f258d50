import type { Insertable, Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import type { UnclearOptOutTable } from './gate-schema.ts';

export type UnclearOptOutRow = Selectable<UnclearOptOutTable>;

/** Adds a statement that may be an opt-out, for a person to look at. */
export async function insertUnclearOptOut(tx: Tx, statement: Omit<Insertable<UnclearOptOutTable>, 'id'>): Promise<UnclearOptOutRow> {
  return tx.insertInto('unclear_opt_out').values({ id: newId(), ...statement }).returningAll().executeTakeFirstOrThrow();
}

export async function findUnclearOptOut(db: Db, id: string): Promise<UnclearOptOutRow | null> {
  return (await db.selectFrom('unclear_opt_out').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** The statements that nobody has looked at, oldest first, after an id; at most `limit`. */
export async function openUnclearOptOuts(db: Db, after: string | null, limit: number): Promise<UnclearOptOutRow[]> {
  const query = db.selectFrom('unclear_opt_out').selectAll().where('resolved_at', 'is', null).orderBy('id').limit(limit);
  return (after === null ? query : query.where('id', '>', after)).execute();
}

/** Records what a statement meant; null when that is on record already. */
export async function resolveUnclearOptOut(
  tx: Tx, id: string, resolved: Pick<UnclearOptOutRow, 'resolved_at' | 'resolved_as' | 'resolved_by'>,
): Promise<UnclearOptOutRow | null> {
  const row = await tx
    .updateTable('unclear_opt_out')
    .set(resolved)
    .where('id', '=', id)
    .where('resolved_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** The oldest statements that nobody has looked at, with the jurisdictions of their leads; at most `limit`. */
export async function openStatementsWithPlaces(db: Db, limit: number): Promise<{ receivedAt: Date; jurisdictions: string[] }[]> {
  return db
    .selectFrom('unclear_opt_out')
    .innerJoin('lead', 'lead.id', 'unclear_opt_out.lead_id')
    .select(['unclear_opt_out.received_at as receivedAt', 'lead.jurisdictions'])
    .where('resolved_at', 'is', null)
    .orderBy('unclear_opt_out.id')
    .limit(limit)
    .execute();
}
