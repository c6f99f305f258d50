import { sql } from 'kysely';
import type { Db, Tx } from './connection.ts';

/** A process that wraps and unwraps, as it announces itself. */
export interface KeyReader {
  id: string;
  process: string;
  keks: number[];
  wrapsWith: number;
  /** For how long this word counts. */
  goodForMs: number;
}

/** Whoever announces itself and whoever puts a key into use do it one after the other: nobody can be overlooked. */
const EPOCH_LOCK = 7_301_001;

/**
 * Announces what a process can unwrap and what it wraps with; answers the number of the key in use, which is what it has to
 * wrap with from now on, and of those that were destroyed. In a store that knows of none it is the newest that this process
 * has. Time is the database's: it is the one clock that all processes share.
 */
export async function announceReader(
  db: Db, { id, process, keks, wrapsWith, goodForMs }: KeyReader,
): Promise<{ inUse: number; retired: number[] }> {
  return db.transaction().execute(async (tx) => {
    await lockEpochs(tx);
    await sql`delete from keyring.reader where good_until < clock_timestamp()`.execute(tx);
    await sql`
      insert into keyring.reader (id, process, keks, wraps_with, good_until)
      values (${id}, ${process}, ${keks}::smallint[], ${wrapsWith}, clock_timestamp() + ${goodForMs}::float8 * interval '1 ms')
      on conflict (id) do update set keks = excluded.keks, wraps_with = excluded.wraps_with, good_until = excluded.good_until`.execute(tx);
    await sql`insert into keyring.epoch (kek) select unnest(${keks}::smallint[]) on conflict do nothing`.execute(tx);
    const inUse = await findEpochInUse(tx);
    const retired = await tx.selectFrom('keyring.epoch').select('kek').where('retired_at', 'is not', null).execute();
    const newest = Math.max(...keks);
    if (!inUse) await activate(tx, newest);
    return { inUse: inUse?.kek ?? newest, retired: retired.map(({ kek }) => kek) };
  });
}

/** Takes a process off that ends in order. */
export async function dismissReader(db: Db, id: string): Promise<void> {
  await db.deleteFrom('keyring.reader').where('id', '=', id).execute();
}

/** The number of the key in use, and since when it is; null in a store that nobody has opened yet. */
export async function findEpochInUse(db: Db): Promise<{ kek: number; since: Date } | null> {
  const row = await db.selectFrom('keyring.epoch').select(['kek', 'activated_at']).where('activated_at', 'is not', null)
    .orderBy('kek', 'desc').limit(1).executeTakeFirst();
  return row?.activated_at ? { kek: row.kek, since: row.activated_at } : null;
}

/** What is known of every key-encryption key, oldest first. */
export async function listEpochs(db: Db) {
  return db.selectFrom('keyring.epoch').selectAll().orderBy('kek').execute();
}

/**
 * Puts a key into use as soon as every living process can unwrap with it, and answers how many cannot yet: 0 says that it is
 * in use. So nothing is ever wrapped that somebody does not open.
 */
export async function activateEpoch(db: Db, kek: number): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await lockEpochs(tx);
    const { rows: [row] } = await sql<{ behind: number }>`
      select count(*)::int as behind from keyring.reader where good_until >= clock_timestamp() and not ${kek} = any(keks)`.execute(tx);
    const behind = row?.behind ?? 0;
    if (behind === 0) await activate(tx, kek);
    return behind;
  });
}

/** How many living processes still wrap with an older key. */
export async function readersBehind(db: Db, kek: number): Promise<number> {
  const { rows: [row] } = await sql<{ behind: number }>`
    select count(*)::int as behind from keyring.reader where good_until >= clock_timestamp() and wraps_with < ${kek}`.execute(db);
  return row?.behind ?? 0;
}

/** Marks every key before this one as no longer needed by the keys of leads. */
export async function markEmptied(tx: Tx, before: number, now: Date): Promise<void> {
  await tx.updateTable('keyring.epoch').set({ emptied_at: now }).where('kek', '<', before).where('emptied_at', 'is', null).execute();
}

export async function markRetired(db: Db, kek: number, now: Date): Promise<void> {
  await db.updateTable('keyring.epoch').set({ retired_at: now }).where('kek', '=', kek).execute();
}

async function lockEpochs(tx: Tx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${EPOCH_LOCK})`.execute(tx);
}

async function activate(tx: Tx, kek: number): Promise<void> {
  await sql`update keyring.epoch set activated_at = coalesce(activated_at, clock_timestamp()) where kek = ${kek}`.execute(tx);
}
