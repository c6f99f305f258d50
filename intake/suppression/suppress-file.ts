import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Db } from '../../db/connection.ts';
import { finishSuppressionImport, recordSuppressionTotal, type SuppressionImport } from '../../db/suppression-imports.ts';
import type { Vault } from '../../db/vault.ts';
import { isBlankRecord } from '../import/dialect.ts';
import { examineFile, readRecords, type ExaminedFile, type OpenFile } from '../import/file-layout.ts';
import { ImportFailure } from '../import/import-failure.ts';
import { findColumns, openingOf, type SuppressionReading } from './suppression-columns.ts';
import { SuppressionBatch } from './suppression-batch.ts';
import { suppressionReader, type ReadSuppression } from './suppression-rows.ts';

/** So few that nobody who asks about one of their numbers waits long, and that their locks fit beside those of everybody else. */
const BATCH_ROWS = 1_000;
/** Rows read before others get their turn of the thread. */
const SLICE = 200;

export interface SuppressionWork {
  db: Db;
  vault: Vault;
  open: OpenFile;
  now: () => Date;
  /** The most rows that are taken at once. */
  mostRows: number;
}

/**
 * Suppresses the numbers of a file, batch by batch, and answers the import as it is at the end. A file that cannot be read is a
 * failed import of which nothing was taken. One that was broken off can be sent again: what it wrote is known by then.
 */
export async function suppressFile(
  work: SuppressionWork, file: SuppressionImport, reading: SuppressionReading, reportedAt: Date,
): Promise<SuppressionImport> {
  const { db, now } = work;
  try {
    const { format, parameters } = openingOf(reading);
    const examined = await examineFile(work.open, format, parameters);
    if (examined.rows > work.mostRows) throw tooManyRows(work.mostRows);
    const columns = findColumns(reading, examined.first, examined.layout.hasHeader);
    await recordSuppressionTotal(db, file.id, examined.rows);
    await writeAll(work, file, examined, suppressionReader(columns, reading, { reportedAt, receivedAt: file.received_at }));
    return await finishSuppressionImport(db, file.id, now(), null);
  } catch (error) {
    const fail = (problem: { code: string; detail: string }) => finishSuppressionImport(db, file.id, now(), problem);
    if (error instanceof ImportFailure) return fail({ code: error.code, detail: error.message });
    await fail(BROKEN_OFF).catch(() => undefined);
    throw error;
  }
}

function tooManyRows(most: number): ImportFailure {
  return new ImportFailure('too_many_rows', `A file has at most ${most} rows; send it in parts.`);
}

const BROKEN_OFF = { code: 'internal_error', detail: 'It was broken off. Send the file again: what was taken of it is known.' };

async function writeAll(
  work: SuppressionWork, file: SuppressionImport, examined: ExaminedFile, read: ReadSuppression,
): Promise<void> {
  const startedAt = performance.now();
  let batch = new SuppressionBatch();
  let done = 0;
  const write = async () => {
    done += batch.rows;
    const rowsPerSecond = Math.round(done / Math.max((performance.now() - startedAt) / 1000, 0.001));
    await batch.write(work, file, rowsPerSecond);
    batch = new SuppressionBatch();
  };
  let record = 0;
  for await (const portion of readRecords(work.open, examined.layout)) {
    for (const cells of portion) {
      record += 1;
      if (record <= examined.preamble || isBlankRecord(cells)) continue;
      batch.add(read(cells, record));
      if (batch.rows % SLICE === 0) await nextTurn();
      if (batch.rows === BATCH_ROWS) await write();
    }
  }
  if (batch.rows > 0) await write();
}
