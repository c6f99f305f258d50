import { LineCutter, LONGEST_LINE } from './line-cutter.ts';
import type { LineReader } from './line-reader.ts';
import type { ListParser } from './list-parser.ts';
import type { ParseReport, Tally } from './tally.ts';

const BLANK = 0x20;

/** A header has words in it and hardly a digit; a number that is broken has digits. */
const MOST_DIGITS_OF_HEADER = 4;

/** A file of lines: blank ones and a header are passed over, every other is read or refused. */
export class ListLines implements ListParser {
  readonly #reader: LineReader;
  readonly #removes: boolean;
  readonly #tally: Tally;
  readonly #cutter: LineCutter;
  #line = 0;
  #header: Buffer | undefined;
  #started = false;

  /** `removes` is for lines that do not say whether they add or remove. */
  constructor(reader: LineReader, removes: boolean, tally: Tally) {
    this.#reader = reader;
    this.#removes = removes;
    this.#tally = tally;
    this.#cutter = new LineCutter((bytes, start, end) => this.#see(bytes, start, end));
  }

  write(chunk: Buffer): void {
    this.#cutter.write(chunk);
  }

  end(): ParseReport {
    this.#cutter.end();
    return this.#tally.report();
  }

  #see(bytes: Buffer, start: number, to: number): void {
    this.#line += 1;
    if (to - start > LONGEST_LINE) return this.#tally.refuse(this.#line, 'line_too_long');
    let end = to;
    while (end > start && (bytes[end - 1] as number) <= BLANK) end -= 1;
    if (end === start) return;
    const number = this.#reader.read(bytes, start, end);
    if (typeof number === 'number') this.#tally.take(number, this.#reader.removes ?? this.#removes, this.#line);
    else if (!this.#isHeader(bytes.subarray(start, end))) this.#tally.refuse(this.#line, number);
    this.#started = true;
  }

  /** Whether this is the header of the first file; the further ones of a zip then have the same. */
  #isHeader(text: Buffer): boolean {
    if (!this.#started && looksLikeHeader(text.toString())) this.#header = Buffer.from(text);
    return this.#header?.equals(text) ?? false;
  }
}

function looksLikeHeader(text: string): boolean {
  return /\p{L}/u.test(text) && text.replace(/\D/g, '').length <= MOST_DIGITS_OF_HEADER;
}
