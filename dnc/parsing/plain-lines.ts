import { DigitRun } from './digit-run.ts';
import type { LineReader } from './line-reader.ts';
import type { NumberReading } from './number-reading.ts';
import type { RowRefusal } from './row-refusal.ts';

const ZERO = 0x30;
const MOST_DIGITS = 15;

/** One number a line: with a plus, as plain E.164 digits, or as it is dialled in the list's country. */
export class PlainLines implements LineReader {
  readonly removes = undefined;
  readonly #reading: NumberReading;
  readonly #run: DigitRun;

  constructor(reading: NumberReading) {
    this.#reading = reading;
    this.#run = new DigitRun(reading);
  }

  read(bytes: Buffer, start: number, end: number): number | RowRefusal {
    const value = end - start <= MOST_DIGITS ? digitsIn(bytes, start, end) : -1;
    const number = value < 0 ? undefined : this.#reading.plain(value, end - start);
    return number ?? this.#readThoroughly(bytes, start, end);
  }

  #readThoroughly(bytes: Buffer, start: number, end: number): number | RowRefusal {
    this.#run.clear();
    this.#run.take(bytes, start, end);
    return this.#run.read();
  }
}

/** The value of bytes that are digits only, or less than nothing; nearly all lines are, so they get the shortest way. */
function digitsIn(bytes: Buffer, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
