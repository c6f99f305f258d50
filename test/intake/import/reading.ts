import type { Source } from '../../../domain/source.ts';
import type { Acquisition } from '../../../intake/acquisition.ts';
import { examineFile, readRecords, type OpenFile } from '../../../intake/import/file-layout.ts';
import type { ImportFormat, ImportParameters } from '../../../intake/import/parameters.ts';
import type { RowRefusal } from '../../../intake/import/refusal.ts';
import { isRefusal, rowReader } from '../../../intake/import/row-reading.ts';
import { isBlankRecord } from '../../../intake/import/dialect.ts';

export const RECEIVED_AT = new Date('2026-11-22T12:00:00Z');

export const SOURCE: Source = {
  id: 'fair', name: 'Fair', kind: 'event', legalBasis: 'consent', confirmation: 'none', defaultRegion: 'US', consentTexts: [],
};

export interface ReadFile {
  acquisitions: Acquisition[];
  refusals: RowRefusal[];
  rows: number;
}

/** Reads a whole file as an import would, without any database. */
export async function readFile(content: string | Buffer, parameters: ImportParameters, format: ImportFormat = 'csv'): Promise<ReadFile> {
  const open: OpenFile = async function* () {
    yield Buffer.from(content);
  };
  const file = await examineFile(open, format, parameters);
  const readRow = rowReader(file, { source: SOURCE, receivedAt: RECEIVED_AT, parameters });
  const read: ReadFile = { acquisitions: [], refusals: [], rows: file.rows };
  let record = 0;
  for await (const portion of readRecords(open, file.layout)) {
    for (const cells of portion) {
      record += 1;
      if (record <= file.preamble || isBlankRecord(cells)) continue;
      const row = readRow(cells, record);
      if (isRefusal(row)) read.refusals.push(row);
      else read.acquisitions.push(row);
    }
  }
  return read;
}
