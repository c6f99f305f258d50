import type { Db } from '../../db/connection.ts';
import type { CopyPool } from '../../db/copy.ts';
import { Deference } from '../../db/deference.ts';
import { finishImport, findImport, recordTotal, startImport, type Import } from '../../db/imports.ts';
import { findSource } from '../../db/sources.ts';
import type { Vault } from '../../db/vault.ts';
import type { ImportProgress } from '../../domain/import-card.ts';
import { readBatches, type Batch } from './batches.ts';
import { writeBatch } from './batch-writing.ts';
import { examineFile, type OpenFile } from './file-layout.ts';
import { ImportFailure } from './import-failure.ts';
import { Pace } from './pace.ts';
import type { ImportParameters } from './parameters.ts';
import { rowReader } from './row-reading.ts';
import { openUpload, removeUpload } from './upload.ts';

/** Enough rows for the cost of a transaction not to matter, few enough for nobody to wait long for one. */
const BATCH_ROWS = 5_000;
/** While somebody asks the gate: a batch of these keeps neither a core nor the disk busy for longer than a caller notices. */
const BATCH_ROWS_BESIDE = 500;

export interface ImportWork {
  db: Db;
  /** Where batches are written; one connection is enough. */
  pool: CopyPool;
  vault: Vault;
  uploadFolder: string;
  now: () => Date;
  /** Told whenever the work has come a bit further, and how far where that changed. */
  onProgress?: (progress: ImportProgress | null) => void;
  /** Ends the work after the batch in hand; the next run goes on from there. */
  signal?: AbortSignal;
}

/**
 * Imports an uploaded file, from wherever an earlier run left it, and answers the import as it is then. A file that cannot be
 * imported is a failed import, not an error. Only one run gets on with an import; any other throws ImportTakenOver.
 */
export async function importFile(work: ImportWork, importId: string): Promise<Import> {
  const started = await startImport(work.db, importId, work.now());
  if (!started) throw new Error('There is no import of this id in the database.');
  if (started.state === 'running') await runToEnd(work, started);
  if (!work.signal?.aborted) await removeUpload(work.uploadFolder, importId);
  return (await findImport(work.db, importId)) ?? started;
}

async function runToEnd(work: ImportWork, started: Import): Promise<void> {
  try {
    await readAndWrite(work, started);
    if (!work.signal?.aborted) await finishImport(work.db, started.id, work.now(), null);
  } catch (error) {
    if (!(error instanceof ImportFailure)) throw error;
    await finishImport(work.db, started.id, work.now(), { code: error.code, detail: error.message });
  }
}

async function readAndWrite(work: ImportWork, started: Import): Promise<void> {
  const { db, vault, onProgress } = work;
  const source = await findSource(db, started.sourceId);
  if (!source) throw new Error('The source of this import is not registered any more.');
  // From here on it counts who asks: looking through the file takes its time.
  const deference = new Deference(db);
  const parameters = started.parameters as ImportParameters;
  const open: OpenFile = () => reportingProgress(openUpload({ folder: work.uploadFolder, vault }, started.id), onProgress);
  const file = await examineFile(open, started.format, parameters);
  await recordTotal(db, started.id, file.rows);
  const readRow = rowReader(file, { source, receivedAt: started.receivedAt, parameters });
  const course = { recordsDone: started.recordsDone, batchRows: () => (deference.givesWay ? BATCH_ROWS_BESIDE : BATCH_ROWS) };
  await writeAll(work, started, { total: file.rows, batches: readBatches(open, file, readRow, vault, course), deference });
}

/** While PostgreSQL writes one batch, the next one is read, unless somebody else needs the machine more. */
async function writeAll(
  work: ImportWork, started: Import,
  { total, batches, deference }: { total: number; batches: AsyncGenerator<Batch>; deference: Deference },
): Promise<void> {
  const target = { pool: work.pool, vault: work.vault, importId: started.id, sourceId: started.sourceId };
  const pace = new Pace(started.rows.read, total);
  try {
    await deference.look();
    let read = await batches.next();
    while (!read.done && !work.signal?.aborted) {
      const begunAt = performance.now();
      let next: ReturnType<typeof batches.next> | undefined;
      const meanwhile = () => {
        if (deference.givesWay) return;
        next ??= batches.next();
        next.catch(() => undefined);
      };
      const { created, merged, refused } = await writeBatch(target, read.value, { rowsPerSecond: pace.rowsPerSecond, meanwhile });
      const progress = pace.advance(created + merged + refused);
      work.onProgress?.(progress);
      await deference.giveWay(performance.now() - begunAt);
      read = await (next ?? batches.next());
    }
  } finally {
    await batches.return(undefined).catch(() => undefined);
  }
}

/** Bytes of a file, with word of each portion that was read. */
export async function* reportingProgress(chunks: AsyncIterable<Buffer>, onProgress: ImportWork['onProgress']): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    onProgress?.(null);
    yield chunk;
  }
}
