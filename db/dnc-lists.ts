import { sql, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import type { DncListTable } from './dnc-schema.ts';

export type DncListRow = Selectable<DncListTable>;

export async function findList(db: Db, id: string): Promise<DncListRow | null> {
  return (await db.selectFrom('dnc_list').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** The list, with others who change it kept waiting until this transaction ends; null when there is none. */
export async function lockList(tx: Tx, id: string): Promise<DncListRow | null> {
  return (await tx.selectFrom('dnc_list').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst()) ?? null;
}

/**
 * Advisory locks, as pairs, so that they can never be a phone token's: who brings leads in shares the first, and whoever changes
 * what they are looked up in holds it alone. The second, with the list, is held by the one who activates a release of it.
 */
const LOOK_UP_LOCK = [7_042, 2] as const;
const LIST_LOCK = 7_043;
const RELEASE_LOCK = 7_044;

/** Until the end of the transaction no list comes to another state; take it before looking new leads up. */
export async function shareLists(db: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${sql.lit(LOOK_UP_LOCK[0])}, ${sql.lit(LOOK_UP_LOCK[1])})`.execute(db);
}

/** Waits for everybody who is looking new leads up, and keeps others from beginning, until the end of the transaction. */
export async function holdLists(db: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(LOOK_UP_LOCK[0])}, ${sql.lit(LOOK_UP_LOCK[1])})`.execute(db);
}

/** One activation of a list at a time: the next one waits for this transaction to end. */
export async function takeListTurn(db: Db, listId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(LIST_LOCK)}, hashtext(${listId}))`.execute(db);
}

/** One preparation of a release at a time. */
export async function takeReleaseTurn(db: Db, releaseId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${sql.lit(RELEASE_LOCK)}, hashtext(${releaseId}))`.execute(db);
}

/**
 * From now on new leads are looked up in what a release has staged as well: every transaction that has not done so is over. A
 * mark of another release is replaced; whoever comes to activate that one sets it again.
 */
export async function markActivating(db: Db, listId: string, releaseId: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await holdLists(tx);
    await tx.updateTable('dnc_list').set({ activating: releaseId }).where('id', '=', listId).execute();
  });
}
