import { sql } from 'kysely';
import type { Db } from './connection.ts';

/**
 * Hands up to `limit` of what waits for the journal to `write`, oldest first, and forgets it once that has resolved; answers how
 * many. Others that do the same meanwhile take others. When `write` fails, or this process dies, all of it is handed out again.
 */
export async function handOutJournalEntries(db: Db, limit: number, write: (entries: object[]) => Promise<void>): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const rows = await tx.selectFrom('journal_entry').select(['id', 'entry']).orderBy('id').limit(limit).forUpdate().skipLocked().execute();
    if (rows.length === 0) return 0;
    await write(rows.map(({ entry }) => entry));
    await tx.deleteFrom('journal_entry').where('id', '=', sql<bigint>`any(${rows.map(({ id }) => String(id))}::bigint[])`).execute();
    return rows.length;
  });
}

/** For how many seconds the oldest of what waits for the journal has waited, by the database's clock; null when nothing does. */
export async function journalLag(db: Db): Promise<number | null> {
  const { rows: [row] } = await sql<{ seconds: number }>`
    select extract(epoch from clock_timestamp() - noted_at)::float8 as seconds from journal_entry order by id limit 1`.execute(db);
  return row?.seconds ?? null;
}
