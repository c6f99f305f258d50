import { CsvSlicer, SlicingError, type Slicer } from './csv-slicer.ts';
import { detectDialect, isBlankRecord, type Dialect } from './dialect.ts';
import { decodeText, detectEncoding, type Encoding } from './encoding.ts';
import { ImportFailure } from './import-failure.ts';
import { NdjsonSlicer } from './ndjson-slicer.ts';
import type { ImportFormat, ImportParameters } from './parameters.ts';

const SAMPLE_CHARACTERS = 1_000_000;

/** Opens the bytes of a file from their start. */
export type OpenFile = () => AsyncIterable<Buffer>;

/** How the bytes of a file become records. */
export interface FileLayout {
  format: ImportFormat;
  encoding: Encoding;
  /** Of CSV only. */
  dialect: Dialect;
  hasHeader: boolean;
}

/** A file that has been read through once. */
export interface ExaminedFile {
  layout: FileLayout;
  /** The first record that is not blank: the header, or in a file without one the first row. */
  first: string[];
  /** Records before the first row: blank ones, Excel's hint, the header. */
  preamble: number;
  /** Records from there on that are not blank. */
  rows: number;
}

/** Finds out how a file is to be read, by its beginning and what its sender said. Throws an ImportFailure. */
export async function detectLayout(open: OpenFile, format: ImportFormat, parameters: ImportParameters): Promise<FileLayout> {
  const encoding = await sniffEncoding(open, parameters.encoding);
  const hasHeader = format === 'csv' && parameters.header !== 'none';
  if (format === 'ndjson') return { format, encoding, dialect: { delimiter: '', hints: 0 }, hasHeader };
  const columns = hasHeader ? Object.values(parameters.mapping ?? {}).flat().map(String) : [];
  return { format, encoding, dialect: detectDialect(await sampleText(open, encoding), parameters.delimiter, columns), hasHeader };
}

/**
 * Reads a whole file through, so that what cannot be read is known before its first row is taken, and so that the number of
 * its rows is. Throws an ImportFailure.
 */
export async function examineFile(open: OpenFile, format: ImportFormat, parameters: ImportParameters): Promise<ExaminedFile> {
  const layout = await detectLayout(open, format, parameters);
  let records = 0;
  let rows = 0;
  let first: string[] | null = null;
  let preamble = layout.dialect.hints as number;
  for await (const portion of readRecords(open, layout)) {
    for (const cells of portion) {
      records += 1;
      if (records <= layout.dialect.hints || isBlankRecord(cells)) continue;
      if (first) rows += 1;
      else {
        first = cells;
        preamble = layout.hasHeader ? records : records - 1;
        rows = layout.hasHeader ? 0 : 1;
      }
    }
  }
  if (!first) throw new ImportFailure('empty_file', 'There is nothing in the file.');
  return { layout, first, preamble, rows };
}

/** The records of a file in portions, blank ones included. Throws an ImportFailure. */
export async function* readRecords(open: OpenFile, layout: FileLayout): AsyncGenerator<string[][]> {
  const slicer: Slicer = layout.format === 'ndjson' ? new NdjsonSlicer() : new CsvSlicer(layout.dialect.delimiter);
  try {
    for await (const text of decodeText(open(), layout.encoding)) yield slicer.push(text);
    yield slicer.end();
  } catch (error) {
    throw error instanceof SlicingError ? slicingFailure(error) : error;
  }
}

async function sniffEncoding(open: OpenFile, label: string | undefined): Promise<Encoding> {
  for await (const head of open()) return detectEncoding(head, label);
  throw new ImportFailure('empty_file', 'There is nothing in the file.');
}

async function sampleText(open: OpenFile, encoding: Encoding): Promise<string> {
  let sample = '';
  for await (const text of decodeText(open(), encoding)) {
    sample += text;
    if (sample.length >= SAMPLE_CHARACTERS) break;
  }
  return sample;
}

/** A file that cannot be cut into records. */
export function slicingFailure({ code, record }: SlicingError): ImportFailure {
  const place = `Record ${record}`;
  const detail =
    code === 'record_too_long'
      ? `${place} does not end; most likely a quote in it is never closed.`
      : `${place} has a quote that is not closed, or that stands inside of a cell without being doubled. Cells with quotes in them are enclosed in quotes, and the quotes in them doubled.`;
  return new ImportFailure(code, detail);
}
