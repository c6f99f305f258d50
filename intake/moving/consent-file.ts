import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Db } from '../../db/connection.ts';
import {
  findConsentImport, finishConsentImport, recordConsentTotal, startConsentImport, type ConsentImport,
} from '../../db/consent-imports.ts';
import { Deference } from '../../db/deference.ts';
import type { Vault } from '../../db/vault.ts';
import type { ImportProgress } from '../../domain/import-card.ts';
import { isBlankRecord } from '../import/dialect.ts';
import { examineFile, readRecords, type ExaminedFile, type OpenFile } from '../import/file-layout.ts';
import { reportingProgress } from '../import/import-file.ts';
import { ImportFailure } from '../import/import-failure.ts';
import { Pace } from '../import/pace.ts';
import type { RowRefusal } from '../import/refusal.ts';
import { openUpload, removeUpload } from '../import/upload.ts';
import { writeConsentBatch, type ConsentBatch } from './consent-batch.ts';
import { openingOf, type ConsentReading } from './consent-columns.ts';
import { consentReader, type ConsentRow, type ReadConsent } from './consent-rows.ts';

export interface ConsentWork {
  db: Db;
  vault: Vault;
  uploadFolder: string;
  now: () => Date;
  /** Told whenever the work has come a bit further, and how far where that changed. */
  onProgress?: (progress: ImportProgress | null) => void;
  /** Ends the work after the batch in hand; the next run goes on from there. */
  signal?: AbortSignal;
}

/** So few that nobody who asks about one of the people waits long. */
const BATCH_ROWS = 1_000;

/**
 * Takes the consents of an uploaded file, from wherever an earlier run left it, and answers the import as it is then. A file
 * that cannot be read is a failed import, not an error. Only one run gets on with it; any other throws ImportTakenOver.
 */
export async function importConsents(work: ConsentWork, importId: string): Promise<ConsentImport> {
  const { db, uploadFolder, now, signal } = work;
  const started = await startConsentImport(db, importId, now());
  if (!started) throw new Error('There is no import of this id in the database.');
  if (started.state === 'running') {
    const problem = await readAndWrite(work, started).then(() => null, (error: unknown) => {
      if (error instanceof ImportFailure) return { code: error.code, detail: error.message };
      throw error;
    });
    if (problem || !signal?.aborted) await finishConsentImport(db, importId, now(), problem);
  }
  if (!signal?.aborted) await removeUpload(uploadFolder, importId);
  return (await findConsentImport(db, importId)) ?? started;
}

async function readAndWrite(work: ConsentWork, started: ConsentImport): Promise<void> {
  const { db, vault, uploadFolder: folder, onProgress, signal } = work;
  const reading = started.parameters as ConsentReading;
  const open: OpenFile = () => reportingProgress(openUpload({ folder, vault }, started.id), onProgress);
  const file = await examineFile(open, started.format, openingOf(reading));
  const read = consentReader(file, reading, started.received_at);
  await recordConsentTotal(db, started.id, file.rows);
  const target = { db, vault, importId: started.id, receivedAt: started.received_at };
  const pace = new Pace(Number(started.rows_read), file.rows);
  const deference = new Deference(db);
  for await (const batch of batchesOf(open, file, read, Number(started.records_done))) {
    if (signal?.aborted) return;
    const begunAt = performance.now();
    await writeConsentBatch(target, batch, pace.rowsPerSecond);
    onProgress?.(pace.advance(batch.rows.length));
    await deference.giveWay(performance.now() - begunAt);
  }
}

async function* batchesOf(
  open: OpenFile, file: ExaminedFile, read: ReadConsent, recordsDone: number,
): AsyncGenerator<ConsentBatch> {
  let rows: (ConsentRow | RowRefusal)[] = [];
  let record = 0;
  let from = recordsDone;
  const start = Math.max(file.preamble, recordsDone);
  for await (const portion of readRecords(open, file.layout)) {
    for (const cells of portion) {
      record += 1;
      if (record <= start || isBlankRecord(cells)) continue;
      rows.push(read(cells, record));
      if (rows.length < BATCH_ROWS) continue;
      yield { from, to: record, rows };
      [rows, from] = [[], record];
    }
    await nextTurn();
  }
  if (record > from) yield { from, to: record, rows };
}
