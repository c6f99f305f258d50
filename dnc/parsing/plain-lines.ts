import { DigitRun } from './digit-run.ts';
import type { LineReader } from './line-reader.ts';
import type { NumberReading } from './number-reading.ts';
import type { RowRefusal } from './row-refusal.ts';

/** One number a line: with a plus, as plain E.164 digits, or as it is dialled in the list's country. */
export class PlainLines implements LineReader {
  readonly removes = undefined;
  readonly #run: DigitRun;

  constructor(reading: NumberReading) {
    this.#run = new DigitRun(reading);
  }

  read(bytes: Buffer, start: number, end: number): number | RowRefusal {
    this.#run.clear();
    this.#run.take(bytes, start, end);
    return this.#run.read();
  }
}
