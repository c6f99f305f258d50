import { sql } from 'kysely';
import type { Db, Tx } from './connection.ts';
import {
  findInBook, finishInBook, listBook, listRefusalsOf, recordTotalInBook, startInBook, type ImportRefusal,
} from './import-books.ts';
import type { ImportProblem, ImportRow, ImportState } from './import-schema.ts';

/** A file that has been stored and is to be imported. */
export interface NewImport {
  id: string;
  sourceId: string;
  format: ImportRow['format'];
  parameters: object;
  /** Of the file's bytes, hexadecimal. */
  sha256: string;
  sizeBytes: number;
  receivedAt: Date;
}

/** An import with its accounting: read = created + merged + refused, always. */
export interface Import {
  id: string;
  sourceId: string;
  format: ImportRow['format'];
  parameters: Record<string, unknown>;
  state: ImportState;
  sha256: string;
  sizeBytes: number;
  duplicateOf: string | null;
  receivedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** `total` is known once the file has been examined. */
  rows: { total: number | null; read: number; created: number; merged: number; refused: number; suppressed: number };
  recordsDone: number;
  rowsPerSecond: number;
  /** Null as long as there is nothing to tell it by. */
  remainingSeconds: number | null;
  problem: ImportProblem | null;
}

/**
 * Puts an import on the books, with the outbox row for its workflow. The same bytes from the same source with the same
 * parameters, unless that import failed, are a duplicate: it has an id of its own, names the first and has no rows.
 */
export async function insertImport(tx: Tx, file: NewImport): Promise<{ state: ImportState; duplicateOf: string | null }> {
  for (;;) {
    if (await insertRow(tx, file, null)) {
      await announceImport(tx, file);
      return { state: 'receiving', duplicateOf: null };
    }
    const duplicateOf = await findFirstOfFile(tx, file);
    // It can have failed between the two looks; then this one is the first.
    if (duplicateOf === null) continue;
    await insertRow(tx, file, duplicateOf);
    return { state: 'completed', duplicateOf };
  }
}

async function insertRow(tx: Tx, file: NewImport, duplicateOf: string | null): Promise<boolean> {
  const inserted = await tx
    .insertInto('import')
    .values({
      id: file.id,
      source_id: file.sourceId,
      format: file.format,
      parameters: JSON.stringify(file.parameters),
      state: duplicateOf === null ? 'receiving' : 'completed',
      sha256: file.sha256,
      size_bytes: BigInt(file.sizeBytes),
      duplicate_of: duplicateOf,
      received_at: file.receivedAt,
      started_at: null,
      finished_at: duplicateOf === null ? null : file.receivedAt,
      rows_total: duplicateOf === null ? null : 0n,
      problem: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

async function announceImport(tx: Tx, { id, receivedAt }: NewImport): Promise<void> {
  await tx
    .insertInto('outbox')
    .values({ subject: id, workflow: 'import', signal: 'received', fact_id: id, lane: 0, due_at: receivedAt })
    .execute();
}

async function findFirstOfFile(tx: Tx, { sourceId, sha256, format, parameters }: NewImport): Promise<string | null> {
  const row = await tx
    .selectFrom('import')
    .select('id')
    .where('source_id', '=', sourceId)
    .where('sha256', '=', sha256)
    .where('format', '=', format)
    .where(sql<boolean>`md5(parameters::text) = md5(${JSON.stringify(parameters)}::jsonb::text)`)
    .where('duplicate_of', 'is', null)
    .where('state', '<>', 'failed')
    .executeTakeFirst();
  return row?.id ?? null;
}

export async function findImport(db: Db, id: string): Promise<Import | null> {
  const row = await findInBook<ImportRow>(db, 'import', id);
  return row && importOf(row);
}

/** Imports, newest first, those older than `before` (an id); at most `limit`. */
export async function listImports(db: Db, before: string | null, limit: number): Promise<Import[]> {
  return (await listBook<ImportRow>(db, 'import', before, limit)).map(importOf);
}

/** Refused rows in the order of the file, those after row `after`; at most `limit`. */
export async function listRefusals(db: Db, importId: string, after: bigint, limit: number): Promise<ImportRefusal[]> {
  return listRefusalsOf(db, 'import', importId, { after, limit });
}

/** Marks an import as running, unless it has ended. Answers the import as it is then; null when there is none. */
export async function startImport(db: Db, id: string, at: Date): Promise<Import | null> {
  await startInBook(db, 'import', id, at);
  return findImport(db, id);
}

/** Puts down how many rows there are to read. */
export async function recordTotal(db: Db, id: string, rows: number): Promise<void> {
  await recordTotalInBook(db, 'import', id, rows);
}

/** Ends a running import; one that has ended stays as it is. */
export async function finishImport(db: Db, id: string, at: Date, problem: ImportProblem | null): Promise<void> {
  await finishInBook(db, 'import', id, at, problem);
}

/** Ids of the imports among some, of leads or of consents, that are not over yet. */
export async function unfinishedImports(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from import where id = any(${ids}::uuid[]) and state in ('receiving', 'running')
    union all
    select id from consent_import where id = any(${ids}::uuid[]) and state in ('receiving', 'running')`.execute(db);
  return new Set(rows.map((row) => row.id));
}

function importOf(row: ImportRow): Import {
  const rows = {
    total: row.rows_total === null ? null : Number(row.rows_total),
    read: Number(row.rows_read),
    created: Number(row.rows_created),
    merged: Number(row.rows_merged),
    refused: Number(row.rows_refused),
    suppressed: Number(row.rows_suppressed),
  };
  return {
    id: row.id,
    sourceId: row.source_id,
    format: row.format,
    parameters: row.parameters,
    state: row.state,
    sha256: row.sha256,
    sizeBytes: Number(row.size_bytes),
    duplicateOf: row.duplicate_of,
    receivedAt: row.received_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    rows,
    recordsDone: Number(row.records_done),
    rowsPerSecond: row.rows_per_second,
    remainingSeconds: remainingSeconds(row.state, rows, row.rows_per_second),
    problem: row.problem,
  };
}

function remainingSeconds(state: ImportState, rows: Import['rows'], rowsPerSecond: number): number | null {
  if (state === 'completed' || state === 'failed') return 0;
  return rows.total === null || rowsPerSecond === 0 ? null : Math.ceil((rows.total - rows.read) / rowsPerSecond);
}
