import { sql, type Insertable, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import type { ConsentImportRefusalTable, ConsentImportTable } from './consent-move-schema.ts';
import { takeBatchTurn } from './import-batches.ts';
import {
  findInBook, finishInBook, listBook, listRefusalsOf, recordTotalInBook, startInBook, type ImportRefusal,
} from './import-books.ts';

export type ConsentImport = Selectable<ConsentImportTable>;
type ConsentImportRefusal = Selectable<ConsentImportRefusalTable>;

/** A file that has been stored and is to be read. */
export interface NewConsentImport {
  id: string;
  format: ConsentImport['format'];
  parameters: object;
  /** Of the file's bytes, hexadecimal. */
  sha256: string;
  sizeBytes: number;
  receivedAt: Date;
  receivedBy: string;
}

/**
 * Puts an import on the books, with the outbox row for its workflow. The same bytes with the same parameters, unless that
 * import failed, are a duplicate: it names the first and has no rows.
 */
export async function insertConsentImport(tx: Tx, file: NewConsentImport): Promise<ConsentImport> {
  for (;;) {
    const first = await insertRow(tx, file, null);
    if (first) {
      const word = { subject: file.id, workflow: 'consent_import' as const, signal: 'received' as const, fact_id: file.id };
      await tx.insertInto('outbox').values({ ...word, lane: 0, due_at: file.receivedAt }).execute();
      return first;
    }
    const known = await firstOfFile(tx, file);
    // It can have failed between the two looks; then this one is the first.
    const duplicate = known === null ? null : await insertRow(tx, file, known);
    if (duplicate) return duplicate;
  }
}

async function insertRow(tx: Tx, file: NewConsentImport, duplicateOf: string | null): Promise<ConsentImport | null> {
  const { id, format, parameters, sha256, sizeBytes, receivedAt, receivedBy } = file;
  const isFirst = duplicateOf === null;
  const row: Insertable<ConsentImportTable> = {
    id,
    format,
    parameters: JSON.stringify(parameters),
    state: isFirst ? 'receiving' : 'completed',
    sha256,
    size_bytes: BigInt(sizeBytes),
    duplicate_of: duplicateOf,
    received_at: receivedAt,
    received_by: receivedBy,
    finished_at: isFirst ? null : receivedAt,
    rows_total: isFirst ? null : 0n,
    problem: null,
  };
  return (await tx.insertInto('consent_import').values(row).onConflict((conflict) => conflict.doNothing()).returningAll().executeTakeFirst()) ?? null;
}

async function firstOfFile(tx: Tx, { sha256, format, parameters }: NewConsentImport): Promise<string | null> {
  const row = await tx
    .selectFrom('consent_import')
    .select('id')
    .where('sha256', '=', sha256)
    .where('format', '=', format)
    .where(sql<boolean>`md5(parameters::text) = md5(${JSON.stringify(parameters)}::jsonb::text)`)
    .where('duplicate_of', 'is', null)
    .where('state', '<>', 'failed')
    .executeTakeFirst();
  return row?.id ?? null;
}

export async function findConsentImport(db: Db, id: string): Promise<ConsentImport | null> {
  return findInBook(db, 'consent_import', id);
}

/** Imports, newest first, those older than `before` (an id); at most `limit`. */
export async function listConsentImports(db: Db, before: string | null, limit: number): Promise<ConsentImport[]> {
  return listBook(db, 'consent_import', before, limit);
}

/** Refused rows in the order of the file, those after row `after`; at most `limit`. */
export async function listConsentRefusals(db: Db, importId: string, after: bigint, limit: number): Promise<ImportRefusal[]> {
  return listRefusalsOf(db, 'consent_import', importId, { after, limit });
}

/** Marks an import as running, unless it has ended. Answers the import as it is then; null when there is none. */
export async function startConsentImport(db: Db, id: string, at: Date): Promise<ConsentImport | null> {
  await startInBook(db, 'consent_import', id, at);
  return findConsentImport(db, id);
}

/** Puts down how many rows there are to read. */
export async function recordConsentTotal(db: Db, id: string, rows: number): Promise<void> {
  await recordTotalInBook(db, 'consent_import', id, rows);
}

/** Ends a running import; one that has ended stays as it is. */
export async function finishConsentImport(db: Db, id: string, at: Date, problem: ConsentImport['problem']): Promise<void> {
  await finishInBook(db, 'consent_import', id, at, problem);
}

/**
 * Takes the turn of the next batch, until the end of the transaction. False when the import is not where the caller left it:
 * it has ended, or another run has taken it up.
 */
export async function lockConsentBatch(tx: Tx, importId: string, recordsDone: number): Promise<boolean> {
  await takeBatchTurn(tx);
  const query = tx.selectFrom('consent_import').select(['state', 'records_done']).where('id', '=', importId);
  const row = await query.forUpdate().executeTakeFirst();
  return row?.state === 'running' && Number(row.records_done) === recordsDone;
}

/** What one batch did to the accounting of its import; `waiting` are among the recorded. */
export interface ConsentCounts {
  recorded: number;
  known: number;
  suppressed: number;
  refused: number;
  waiting: number;
}

/** Adds a batch to the accounting, with the rows that it refused; in its own transaction, so that no kill can part them. */
export async function recordConsentBatch(
  tx: Tx, importId: string, counts: ConsentCounts, refusals: readonly ConsentImportRefusal[],
  progress: { recordsDone: number; rowsPerSecond: number },
): Promise<void> {
  const { recorded, known, suppressed, refused, waiting } = counts;
  if (refusals.length > 0) await tx.insertInto('consent_import_refusal').values(refusals).execute();
  await tx
    .updateTable('consent_import')
    .set({
      rows_read: sql`rows_read + ${recorded + known + suppressed + refused}`,
      rows_recorded: sql`rows_recorded + ${recorded}`,
      rows_known: sql`rows_known + ${known}`,
      rows_suppressed: sql`rows_suppressed + ${suppressed}`,
      rows_refused: sql`rows_refused + ${refused}`,
      rows_waiting: sql`rows_waiting + ${waiting}`,
      records_done: BigInt(progress.recordsDone),
      rows_per_second: progress.rowsPerSecond,
    })
    .where('id', '=', importId)
    .execute();
}
