import { sql, type Insertable, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { findInBook, listBook, listRefusalsOf, recordTotalInBook, type ImportRefusal } from './import-books.ts';
import { named } from './named.ts';
import type { SuppressionImportRefusalTable, SuppressionImportTable } from './own-list-schema.ts';

export type SuppressionImport = Selectable<SuppressionImportTable>;
export type SuppressionRefusal = Selectable<SuppressionImportRefusalTable>;

export async function insertSuppressionImport(db: Db, row: Insertable<SuppressionImportTable>): Promise<SuppressionImport> {
  return db.insertInto('suppression_import').values(row).returningAll().executeTakeFirstOrThrow();
}

export async function findSuppressionImport(db: Db, id: string): Promise<SuppressionImport | null> {
  return findInBook(db, 'suppression_import', id);
}

/** Imports, newest first, those older than `before` (an id); at most `limit`. */
export async function listSuppressionImports(db: Db, before: string | null, limit: number): Promise<SuppressionImport[]> {
  return listBook(db, 'suppression_import', before, limit);
}

/** Refused rows in the order of the file, those after row `after`; at most `limit`. */
export async function listSuppressionRefusals(db: Db, importId: string, after: bigint, limit: number): Promise<ImportRefusal[]> {
  return listRefusalsOf(db, 'suppression_import', importId, { after, limit });
}

/** What a batch of numbers brings: one suppression each, unless it is known. */
interface Suppressing {
  ids: string[];
  tokens: string[];
  /** When each was reported, as PostgreSQL reads it. */
  reported: string[];
  kind: string;
  channel: string;
  via: string | null;
  importId: string;
  now: Date;
}

/**
 * Suppresses numbers by token, each once, and leaves word for their leads. Known is a number with a suppression of the kind,
 * for that channel or all, that is in force, or that was reported at the same moment and has been ended since.
 */
export const suppressTokens: (db: Db, values: Suppressing) => Promise<{ suppressed: bigint; leads: bigint }[]> =
  named('suppress_tokens', (of) => sql`
    with given as materialized (
      select * from unnest(${of.ids}::uuid[], ${of.tokens}::bigint[], ${of.reported}::timestamptz[]) as given (id, token, reported_at)
    ), fresh as materialized (
      select * from given where not exists (
        select 1 from suppression known
        where known.token = given.token and known.kind = ${of.kind} and known.channel in ('all', ${of.channel})
          and (known.lifted_at is null or known.reported_at = given.reported_at))
    ), added as (
      insert into suppression (id, token, kind, channel, reported_at, received_at, via, import_id)
      select id, token, ${of.kind}, ${of.channel}, reported_at, ${of.now}, ${of.via}, ${of.importId} from fresh
    ), told as (
      insert into outbox (subject, workflow, signal, fact_id, lane, due_at)
      select lead.id, 'lead', 'lifecycleChanged', fresh.id, 1, ${of.now} from fresh join lead on lead.token = fresh.token
      returning 1
    )
    select (select count(*) from fresh) as suppressed, (select count(*) from told) as leads`);

/** What one batch did to the accounting of its file. */
export interface SuppressionCounts {
  taken: number;
  skipped: number;
  refused: number;
  suppressed: number;
  known: number;
  leads: number;
}

/** A batch that was written, how fast they follow each other, and when. */
export interface WrittenSuppressions {
  counts: SuppressionCounts;
  refusals: readonly SuppressionRefusal[];
  rowsPerSecond: number;
  at: Date;
}

/** Adds a batch to the accounting, with the rows that it refused. */
export async function recordSuppressions(
  tx: Tx, importId: string, { counts, refusals, rowsPerSecond, at }: WrittenSuppressions,
): Promise<void> {
  const { taken, skipped, refused, suppressed, known, leads } = counts;
  if (refusals.length > 0) await tx.insertInto('suppression_import_refusal').values(refusals).execute();
  await tx
    .updateTable('suppression_import')
    .set({
      rows_read: sql`rows_read + ${taken + skipped + refused}`,
      rows_taken: sql`rows_taken + ${taken}`,
      rows_skipped: sql`rows_skipped + ${skipped}`,
      rows_refused: sql`rows_refused + ${refused}`,
      numbers_suppressed: sql`numbers_suppressed + ${suppressed}`,
      numbers_known: sql`numbers_known + ${known}`,
      leads_told: sql`leads_told + ${leads}`,
      rows_per_second: rowsPerSecond,
      touched_at: at,
    })
    .where('id', '=', importId)
    .execute();
}

/** Puts down how many rows there are to read. */
export async function recordSuppressionTotal(db: Db, id: string, rows: number): Promise<void> {
  await recordTotalInBook(db, 'suppression_import', id, rows);
}

/** Ends an import, on the disk with everything that it wrote. */
export async function finishSuppressionImport(
  db: Db, id: string, at: Date, problem: { code: string; detail: string } | null,
): Promise<SuppressionImport> {
  return db
    .updateTable('suppression_import')
    .set({ state: problem ? 'failed' : 'completed', finished_at: at, problem: problem && JSON.stringify(problem) })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}
