import { CsvSlicer, SlicingError } from './csv-slicer.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;
const EXCEL_HINT = /^sep=(.)(?:\r\n|\n|\r|$)/;

/** How a delimited file is cut. */
export interface Dialect {
  delimiter: string;
  /** Records at the start that are neither header nor data: Excel's `sep=;` line. */
  hints: 0 | 1;
}

/**
 * The dialect of a file by a sample of its beginning. What the sender says decides, then Excel's own hint, then the delimiter
 * with which the first record has the columns asked for, then the one that cuts the sample into records of most even width.
 */
export function detectDialect(sample: string, delimiter: string | undefined, columns: readonly string[] = []): Dialect {
  const hint = EXCEL_HINT.exec(sample)?.[1];
  const hints = hint === undefined ? 0 : 1;
  const told = delimiter ?? hint;
  if (told !== undefined) return { delimiter: told, hints };
  const candidates = DELIMITERS.map((candidate) => ({ candidate, records: sliceSample(sample, candidate) }));
  const named = candidates.find(({ records }) => columns.length > 0 && hasColumns(records[0] ?? [], columns));
  const best = named ?? candidates.toSorted((a, b) => evenness(b.records) - evenness(a.records))[0];
  return { delimiter: best?.candidate ?? ',', hints };
}

/** Whether a record is nothing but blanks and delimiters. */
export function isBlankRecord(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === '');
}

/** The complete records of a sample, blank ones left out; none where the delimiter makes nonsense of its quotes. */
function sliceSample(sample: string, delimiter: string): string[][] {
  const slicer = new CsvSlicer(delimiter);
  try {
    const complete = slicer.push(sample);
    return (complete.length > 0 ? complete : slicer.end()).filter((cells) => !isBlankRecord(cells));
  } catch (error) {
    if (error instanceof SlicingError) return [];
    throw error;
  }
}

function hasColumns(header: readonly string[], columns: readonly string[]): boolean {
  const names = new Set(header.map((cell) => cell.trim()));
  return columns.every((column) => names.has(column));
}

/** The share of records as wide as the first, with a little credit for width; nothing for records of one cell. */
function evenness(records: readonly string[][]): number {
  const width = records[0]?.length ?? 0;
  if (width < 2) return 0;
  return records.filter((cells) => cells.length === width).length / records.length + Math.min(width, 50) / 1000;
}
