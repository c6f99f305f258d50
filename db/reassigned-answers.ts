import type { Insertable, Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import type { ReassignedAnswerTable } from './reassigned-schema.ts';

export type ReassignedAnswerRow = Selectable<ReassignedAnswerTable>;

/** Adds what a database of reassigned numbers said about a lead's number. */
export async function insertReassignedAnswer(
  tx: Tx, answer: Omit<Insertable<ReassignedAnswerTable>, 'id'>,
): Promise<ReassignedAnswerRow> {
  return tx.insertInto('reassigned_answer').values({ id: newId(), ...answer }).returningAll().executeTakeFirstOrThrow();
}

/** What was said about a lead's number, in the order in which it was recorded, after an id; at most `limit`. */
export async function listReassignedAnswers(
  db: Db, leadId: string, after: string | null, limit: number,
): Promise<ReassignedAnswerRow[]> {
  const query = db.selectFrom('reassigned_answer').selectAll().where('lead_id', '=', leadId).orderBy('id').limit(limit);
  return (after === null ? query : query.where('id', '>', after)).execute();
}

/** What was said last about a lead's number up to a moment; null when nothing was. */
export async function reassignedAnswerAt(db: Db, leadId: string, at: Date): Promise<ReassignedAnswerRow | null> {
  const query = db.selectFrom('reassigned_answer').selectAll().where('lead_id', '=', leadId).where('asked_at', '<=', at);
  return (await query.orderBy('asked_at', 'desc').orderBy('id', 'desc').limit(1).executeTakeFirst()) ?? null;
}
