import { sql, type Selectable } from 'kysely';
import type { Db } from './connection.ts';
import type { SuppressionExportTable } from './own-list-schema.ts';

export type SuppressionExport = Selectable<SuppressionExportTable>;

export async function insertExport(
  db: Db, asked: Pick<SuppressionExport, 'id' | 'partner' | 'requested_by' | 'requested_at'>,
): Promise<SuppressionExport> {
  return db.insertInto('suppression_export').values(asked).returningAll().executeTakeFirstOrThrow();
}

export async function findExport(db: Db, id: string): Promise<SuppressionExport | null> {
  return (await db.selectFrom('suppression_export').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Agrees to an export; null when somebody has done so already. The caller is not the one who asked for it. */
export async function approveExport(db: Db, id: string, by: string, at: Date): Promise<SuppressionExport | null> {
  const row = await db
    .updateTable('suppression_export')
    .set({ approved_by: by, approved_at: at })
    .where('id', '=', id)
    .where('approved_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Puts down who was last handed an export. */
export async function recordHandOut(db: Db, id: string, by: string, at: Date): Promise<void> {
  await db.updateTable('suppression_export').set({ handed_out_by: by, handed_out_at: at }).where('id', '=', id).execute();
}

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

/** How many numbers are under a suppression in force, and how many of them can still be opened: they are leads that are kept. */
export async function countSuppressed(db: Db): Promise<{ all: number; opened: number }> {
  const { rows } = await sql<{ all: bigint; opened: bigint }>`
    select count(*) as all, count(*) filter (where exists (
      select 1 from lead join keyring.subject_key on subject_key.lead_id = lead.id where lead.token = suppressed.token)) as opened
    from (select distinct token from suppression where lifted_at is null) suppressed`.execute(db);
  return { all: Number(rows[0]?.all ?? 0), opened: Number(rows[0]?.opened ?? 0) };
}
