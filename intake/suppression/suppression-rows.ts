import { Cells } from '../import/cells.ts';
import { problem, refuseRow, type RowRefusal } from '../import/refusal.ts';
import { TimeCells } from '../import/time-cells.ts';
import type { SuppressionColumns, SuppressionReading } from './suppression-columns.ts';

const NO = new Set(['', 'false', 'no', 'n', '0', 'off', 'none']);

/** What a row says: numbers that are to be left alone, since when, and what of it cannot be read. */
export interface SuppressionRow {
  phones: string[];
  reportedAt: Date;
  /** Whatever else of the row can be read counts all the same. */
  refusal: RowRefusal | null;
}

/** Reads one record; null for one that has no number, or of somebody who did not opt out. */
export type ReadSuppression = (record: readonly string[], row: number) => SuppressionRow | null;

/** How the rows of a file are read. `reportedAt` is for rows that do not say it themselves. */
export function suppressionReader(
  columns: SuppressionColumns, reading: SuppressionReading, { reportedAt, receivedAt }: { reportedAt: Date; receivedAt: Date },
): ReadSuppression {
  const cells = new Cells(new TimeCells(reading.dateFormat, reading.zone), receivedAt);
  const numbers = new NumberCells(columns, cells, reading.region);
  return (record, row) => {
    if (record.length > columns.names.length) return { phones: [], reportedAt, refusal: refuseRow(row, [problem('surplus_cells', '')]) };
    if (!hasOptedOut(columns, record)) return null;
    const phones = numbers.read(record);
    const said = columns.reportedAt && cells.moment(record[columns.reportedAt.index] ?? '', columns.reportedAt.name, 'reported_in_future');
    const problems = cells.takeProblems();
    if (phones.length === 0 && problems.length === 0) return null;
    return { phones, reportedAt: said ?? reportedAt, refusal: problems.length === 0 ? null : refuseRow(row, problems) };
  };
}

function hasOptedOut({ optedOut, words }: SuppressionColumns, record: readonly string[]): boolean {
  if (optedOut.length === 0) return true;
  return optedOut.some(({ index }) => {
    const word = (record[index] ?? '').trim().toLowerCase();
    return words ? words.has(word) : !NO.has(word);
  });
}

class NumberCells {
  readonly #columns: SuppressionColumns;
  readonly #cells: Cells;
  readonly #region: string | undefined;

  constructor(columns: SuppressionColumns, cells: Cells, region: string | undefined) {
    this.#columns = columns;
    this.#cells = cells;
    this.#region = region;
  }

  read(record: readonly string[]): string[] {
    const phones: string[] = [];
    for (const { index, name } of this.#columns.phones) {
      const cell = record[index]?.trim();
      if (cell === undefined) this.#cells.refuse('missing_cells', name);
      const phone = cell ? this.#cells.phone(this.#withCallingCode(cell, record), this.#region, name) : undefined;
      if (phone) phones.push(phone.e164);
    }
    return phones;
  }

  /** Only where nobody said which country numbers are of. */
  #withCallingCode(cell: string, record: readonly string[]): string {
    const { callingCode } = this.#columns;
    const code = callingCode && this.#region === undefined ? record[callingCode.index]?.trim() ?? '' : '';
    return /^[1-9]\d{0,2}$/.test(code) && /^\d/.test(cell) ? `+${code}${cell}` : cell;
  }
}
