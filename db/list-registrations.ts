import type { Db, Tx } from './connection.ts';
import type { DncListTable } from './dnc-schema.ts';

/** A registered list, and the release of it that is in force. */
export interface RegisteredList {
  id: string;
  jurisdiction: string;
  name: string;
  effect: DncListTable['effect'];
  createdAt: Date;
  release: { id: string; asOf: Date } | null;
}

const COLUMNS = ['id', 'jurisdiction', 'name', 'effect', 'created_at', 'release_id', 'release_as_of'] as const;

/** Registers a list; false when one of that id is registered already. */
export async function insertList(tx: Tx, list: Pick<RegisteredList, 'id' | 'jurisdiction' | 'name' | 'effect'>, now: Date): Promise<boolean> {
  const inserted = await tx
    .insertInto('dnc_list')
    .values({ ...list, created_at: now })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Registered lists by id, those after an id; at most `limit`. */
export async function listRegistrations(db: Db, after: string | null, limit: number): Promise<RegisteredList[]> {
  const query = db.selectFrom('dnc_list').select(COLUMNS).orderBy('id').limit(limit);
  const rows = await (after === null ? query : query.where('id', '>', after)).execute();
  return rows.map(registeredList);
}

export async function findRegistration(db: Db, id: string): Promise<RegisteredList | null> {
  const row = await db.selectFrom('dnc_list').select(COLUMNS).where('id', '=', id).executeTakeFirst();
  return row ? registeredList(row) : null;
}

/** Whether any list has a release in force. */
export async function isAnyInForce(db: Db): Promise<boolean> {
  const row = await db.selectFrom('dnc_list').select('id').where('release_id', 'is not', null).limit(1).executeTakeFirst();
  return row !== undefined;
}

type Row = Pick<DncListTable, 'id' | 'jurisdiction' | 'name' | 'effect' | 'created_at'> & { release_id: string | null; release_as_of: Date | null };

function registeredList({ created_at: createdAt, release_id: id, release_as_of: asOf, ...list }: Row): RegisteredList {
  return { ...list, createdAt, release: id === null || asOf === null ? null : { id, asOf } };
}
