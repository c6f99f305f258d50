import type { Insertable, Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import type { SubjectRequestTable } from './person-schema.ts';

export type SubjectRequestRow = Selectable<SubjectRequestTable>;

/** Adds what a person asked for. */
export async function insertSubjectRequest(tx: Tx, request: Omit<Insertable<SubjectRequestTable>, 'id'>): Promise<SubjectRequestRow> {
  return tx.insertInto('subject_request').values({ id: newId(), ...request }).returningAll().executeTakeFirstOrThrow();
}

export async function findSubjectRequest(db: Db, id: string): Promise<SubjectRequestRow | null> {
  return (await db.selectFrom('subject_request').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** What people asked for, oldest first, after an id; at most `limit`. */
export async function listSubjectRequests(db: Db, after: string | null, limit: number): Promise<SubjectRequestRow[]> {
  const query = db.selectFrom('subject_request').selectAll().orderBy('id').limit(limit);
  return (after === null ? query : query.where('id', '>', after)).execute();
}
