import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** Tokens under a suppression in force, ascending, from one on; at most `limit`. */
export async function suppressedTokensFrom(db: Db, from: bigint, limit: number): Promise<bigint[]> {
  const rows = await db
    .selectFrom('suppression')
    .select('token')
    .distinct()
    .where('lifted_at', 'is', null)
    .where('token', '>=', from)
    .orderBy('token')
    .limit(limit)
    .execute();
  return rows.map(({ token }) => token);
}

/**
 * How many numbers are under a suppression in force, and how many of them can still be opened: they are leads that are kept, and
 * not in the archive.
 */
export async function countSuppressed(db: Db): Promise<{ all: number; opened: number }> {
  const { rows } = await sql<{ all: bigint; opened: bigint }>`
    select count(*) as all, count(*) filter (where exists (
      select 1 from lead join keyring.subject_key on subject_key.lead_id = lead.id where lead.token = suppressed.token and lead.archived_at is null)) as opened
    from (select distinct token from suppression where lifted_at is null) suppressed`.execute(db);
  return { all: Number(rows[0]?.all ?? 0), opened: Number(rows[0]?.opened ?? 0) };
}
