import { sql, type Selectable } from 'kysely';
import type { Db } from './connection.ts';
import type { ImportProblem, ImportRefusalTable } from './import-schema.ts';

/** The books of files that are read row by row: of leads, of consents, of numbers to be left alone. */
export type ImportBook = 'import' | 'consent_import' | 'suppression_import';

/** A row that was not taken, as every book keeps it. */
export type ImportRefusal = Pick<Selectable<ImportRefusalTable>, 'row' | 'code' | 'column' | 'detail'>;

export async function findInBook<Row>(db: Db, book: ImportBook, id: string): Promise<Row | null> {
  const { rows: [row] } = await sql<Row>`select * from ${sql.table(book)} where id = ${id}`.execute(db);
  return row ?? null;
}

/** Imports, newest first, those older than `before` (an id); at most `limit`. */
export async function listBook<Row>(db: Db, book: ImportBook, before: string | null, limit: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select * from ${sql.table(book)} where ${before === null ? sql`true` : sql`id < ${before}`} order by id desc limit ${limit}`.execute(db);
  return rows;
}

/** Refused rows in the order of the file, those after row `after`; at most `limit`. */
export async function listRefusalsOf(
  db: Db, book: ImportBook, importId: string, { after, limit }: { after: bigint; limit: number },
): Promise<ImportRefusal[]> {
  const { rows } = await sql<ImportRefusal>`
    select "row", code, "column", detail from ${sql.table(`${book}_refusal`)}
    where import_id = ${importId} and "row" > ${after} order by "row" limit ${limit}`.execute(db);
  return rows;
}

/** Marks an import as running, unless it has ended. */
export async function startInBook(db: Db, book: ImportBook, id: string, at: Date): Promise<void> {
  await sql`
    update ${sql.table(book)} set state = 'running', started_at = coalesce(started_at, ${at})
    where id = ${id} and state in ('receiving', 'running')`.execute(db);
}

/** Puts down how many rows there are to read. */
export async function recordTotalInBook(db: Db, book: ImportBook, id: string, rows: number): Promise<void> {
  await sql`update ${sql.table(book)} set rows_total = ${rows} where id = ${id}`.execute(db);
}

/** Ends a running import; one that has ended stays as it is. */
export async function finishInBook(db: Db, book: ImportBook, id: string, at: Date, problem: ImportProblem | null): Promise<void> {
  await sql`
    update ${sql.table(book)} set state = ${problem ? 'failed' : 'completed'}, finished_at = ${at},
      problem = ${problem && JSON.stringify(problem)}::jsonb
    where id = ${id} and state = 'running'`.execute(db);
}
