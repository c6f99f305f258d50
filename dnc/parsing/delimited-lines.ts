import type { ActionColumn } from '../list-format.ts';
import { DigitRun } from './digit-run.ts';
import type { LineReader } from './line-reader.ts';
import type { NumberReading } from './number-reading.ts';
import type { RowRefusal } from './row-refusal.ts';

const QUOTE = 0x22;

export interface DelimitedColumns {
  delimiter: string;
  columns: readonly number[];
  action?: ActionColumn;
}

/** Numbers in columns of delimited lines, joined. Cells may be quoted, also with delimiters in them, but not with line ends. */
export class DelimitedLines implements LineReader {
  removes: boolean | undefined;
  readonly #delimiter: number;
  readonly #columns: readonly number[];
  readonly #action: ActionColumn | undefined;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #run: DigitRun;

  constructor(reading: NumberReading, { delimiter, columns, action }: DelimitedColumns) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#columns = columns;
    this.#action = action;
    const cells = 1 + Math.max(...columns, action?.column ?? 0);
    this.#starts = new Int32Array(cells);
    this.#ends = new Int32Array(cells);
    this.#run = new DigitRun(reading);
  }

  read(bytes: Buffer, start: number, end: number): number | RowRefusal {
    const cells = this.#cut(bytes, start, end);
    this.#run.clear();
    for (const column of this.#columns) {
      if (column >= cells) return 'column_missing';
      this.#run.take(bytes, this.#starts[column] as number, this.#ends[column] as number);
    }
    const number = this.#run.read();
    return typeof number === 'number' && this.#action ? this.#readAction(this.#action, cells, bytes) ?? number : number;
  }

  /** Finds the cells up to the last that is of interest, and answers how many it found. */
  #cut(bytes: Buffer, start: number, end: number): number {
    const most = this.#starts.length;
    let at = start;
    let cells = 0;
    for (; cells < most && at <= end; cells += 1) {
      const quoted = bytes[at] === QUOTE && at < end;
      const close = quoted ? closingQuote(bytes, at + 1, end) : at;
      let next = close;
      while (next < end && bytes[next] !== this.#delimiter) next += 1;
      this.#starts[cells] = quoted ? at + 1 : at;
      this.#ends[cells] = quoted ? close : next;
      at = next + 1;
    }
    return cells;
  }

  #readAction(action: ActionColumn, cells: number, bytes: Buffer): RowRefusal | undefined {
    if (action.column >= cells) return 'action_missing';
    const word = bytes.toString('utf8', this.#starts[action.column], this.#ends[action.column]).trim();
    if (word === '') return 'action_missing';
    this.removes = word === action.remove;
    return word === action.add || word === action.remove ? undefined : 'action_unknown';
  }
}

/** Where a quoted cell ends; a doubled quote is one of its own. A quote that is never closed reaches to the end. */
function closingQuote(bytes: Buffer, start: number, end: number): number {
  let at = start;
  for (; at < end; at += 1) {
    if (bytes[at] !== QUOTE) continue;
    if (at + 1 === end || bytes[at + 1] !== QUOTE) return at;
    at += 1;
  }
  return end;
}
