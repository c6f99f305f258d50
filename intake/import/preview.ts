import { maskEmail } from '../mask-email.ts';
import { maskPhone } from '../phone/mask-phone.ts';
import { normalisePhone } from '../phone/normalise-phone.ts';
import { CsvSlicer, SlicingError, type Slicer } from './csv-slicer.ts';
import { isBlankRecord } from './dialect.ts';
import { decodeText, detectEncoding } from './encoding.ts';
import { detectLayout, slicingFailure, type FileLayout, type OpenFile } from './file-layout.ts';
import { guessColumns, guessMapping, guessTable } from './guess.ts';
import { ImportFailure } from './import-failure.ts';
import { NdjsonSlicer } from './ndjson-slicer.ts';
import type { ImportFormat, ImportMapping, ImportParameters } from './parameters.ts';

const ROWS_SHOWN = 5;
const ROWS_LOOKED_AT = 50;
const CELLS_SHOWN = 100;
const LONGEST_CELL = 80;
const DATE = /^(?:(?:19|20)\d\d[-./]\d|\d{1,2}[-./]\d{1,2}[-./](?:19|20)\d\d)/;

/** How a file would be read. */
export interface ImportPreview {
  encoding: string;
  /** Null for NDJSON. */
  delimiter: string | null;
  header: 'first' | 'none';
  /** The header, or the numbers of the columns in a file without one; for NDJSON the fields of the first line. */
  columns: string[];
  /** The first rows, cell by cell; what looks like a number or an address is masked. */
  rows: string[][];
  /** What the columns seem to be: by their names, or in a file without header by what is in them. */
  mapping: ImportMapping;
}

/**
 * Says how a file would be read, by its beginning; `whole` when that is all of it. Where the sender does not say whether there
 * is a header, a first record with a telephone number in it is none. Throws an ImportFailure for what is no text.
 */
export async function previewImport(
  beginning: Buffer, whole: boolean, format: ImportFormat, parameters: ImportParameters,
): Promise<ImportPreview> {
  const bytes = whole ? beginning : upToLastLine(beginning, parameters.encoding);
  const open: OpenFile = async function* () {
    yield bytes;
  };
  const layout = await detectLayout(open, format, parameters);
  const records = await firstRecords(open, layout, whole);
  const found = format === 'ndjson' ? readObjects(records) : readTable(records.slice(layout.dialect.hints), parameters);
  if (!found) throw new ImportFailure('empty_file', 'There is nothing in the file.');
  const { header, columns, mapping } = found;
  const rows = found.rows.slice(0, ROWS_SHOWN).map((cells) => cells.slice(0, CELLS_SHOWN).map(masked));
  const { encoding, dialect } = layout;
  return { encoding: encoding.name, delimiter: dialect.delimiter || null, header, columns: columns.map(masked), rows, mapping };
}

/** A beginning is cut off anywhere, also in the middle of a character. */
function upToLastLine(beginning: Buffer, label: string | undefined): Buffer {
  const end = beginning.lastIndexOf('\n') + 1;
  if (end === 0) return beginning;
  const unit = detectEncoding(beginning, label).name.startsWith('utf-16') ? 2 : 1;
  const units = Math.min(Math.ceil(end / unit), Math.floor(beginning.length / unit));
  return beginning.subarray(0, units * unit);
}

type Found = Pick<ImportPreview, 'header' | 'columns' | 'mapping' | 'rows'>;

function readTable(records: readonly string[][], parameters: ImportParameters): Found | null {
  const [first, ...others] = records;
  if (!first) return null;
  const rows = [first, ...others];
  const hasHeader = parameters.header ? parameters.header === 'first' : !first.some((cell) => looksLikePhone(cell, parameters.region));
  const isPhone = (cell: string) => looksLikePhone(cell, parameters.region);
  if (hasHeader) return { header: 'first', columns: first.map((cell) => cell.trim()), mapping: guessTable(first, others, isPhone), rows: others };
  const columns = first.map((_, index) => String(index + 1));
  return { header: 'none', columns, mapping: guessColumns(rows, isPhone), rows };
}

/** Lines that are bodies of `POST /v1/leads` need no mapping. */
function readObjects(lines: readonly string[][]): Found | null {
  const objects = lines.map(([line = '']) => parseObject(line)).filter((object) => object !== null);
  const [first] = objects;
  if (!first) return null;
  const columns = Object.keys(first);
  const isBody = columns.includes('phone') && columns.includes('acquiredAt');
  const rows = objects.map((object) => columns.map((name) => textOf(object[name])));
  return { header: 'first', columns, mapping: isBody ? {} : guessMapping(columns), rows };
}

async function firstRecords(open: OpenFile, layout: FileLayout, whole: boolean): Promise<string[][]> {
  const slicer: Slicer = layout.format === 'ndjson' ? new NdjsonSlicer() : new CsvSlicer(layout.dialect.delimiter);
  const records: string[][] = [];
  try {
    for await (const text of decodeText(open(), layout.encoding)) records.push(...slicer.push(text));
    if (whole || records.length === 0) records.push(...slicer.end());
  } catch (error) {
    throw error instanceof SlicingError ? slicingFailure(error) : error;
  }
  return records.filter((cells) => !isBlankRecord(cells)).slice(0, ROWS_LOOKED_AT);
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value = JSON.parse(line) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than the stack allows.
    return '…';
  }
}

function looksLikePhone(cell: string, region: string | undefined): boolean {
  return /\p{Nd}{3}/u.test(cell) && normalisePhone(cell, region ?? 'US').ok;
}

function masked(cell: string): string {
  const short = cell.length > LONGEST_CELL ? `${cell.slice(0, LONGEST_CELL)}…` : cell;
  const withoutAddresses = short.normalize('NFKC').replace(/[^\s@,;<>"]+@[^\s@,;<>"]+/g, maskEmail);
  return withoutAddresses.replace(/\+?\p{Nd}[\p{Nd}\s().-]{5,}\p{Nd}/gu, (digits) => (DATE.test(digits) ? digits : maskPhone(digits)));
}
