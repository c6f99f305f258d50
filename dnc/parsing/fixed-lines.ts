import { DigitRun } from './digit-run.ts';
import type { LineReader } from './line-reader.ts';
import type { NumberReading } from './number-reading.ts';
import type { RowRefusal } from './row-refusal.ts';

/** The British TPS: the area code in five bytes, the rest in seven; or all twelve as one, which reads the same. */
export const TPS_COLUMNS = [{ start: 0, length: 5 }, { start: 5, length: 7 }];
export const TPS_WIDTH = 12;

/** Numbers in columns of fixed bytes, joined; blanks around each are left out. */
export class FixedLines implements LineReader {
  readonly removes = undefined;
  readonly #columns: readonly { start: number; length: number }[];
  readonly #width: number;
  readonly #run: DigitRun;

  /** A line of more than `width` bytes is refused. */
  constructor(reading: NumberReading, columns: readonly { start: number; length: number }[], width = Infinity) {
    this.#columns = columns;
    this.#width = width;
    this.#run = new DigitRun(reading);
  }

  read(bytes: Buffer, start: number, end: number): number | RowRefusal {
    if (end - start > this.#width) return 'too_long';
    this.#run.clear();
    for (const column of this.#columns) {
      const from = start + column.start;
      if (from >= end) return 'column_missing';
      this.#run.take(bytes, from, Math.min(from + column.length, end));
    }
    return this.#run.read();
  }
}
