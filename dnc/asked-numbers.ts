import { DigitRun } from './parsing/digit-run.ts';
import { PlainLines } from './parsing/plain-lines.ts';
import { NumberReading } from './parsing/number-reading.ts';
import type { RowRefusal } from './parsing/row-refusal.ts';

/** Numbers that somebody asks about, as E.164 digits in the order asked, and what could not be read: never what it says. */
export interface AskedNumbers {
  numbers: number[];
  /** Places counted from 0, those that were refused; the first hundred. */
  refusals: { place: number; code: RowRefusal }[];
  /** Whether there were more than may be asked about at once; the rest was not read. */
  tooMany: boolean;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const PLUS = 0x2b;
const ZERO = 0x30;
const NINE = 0x39;
const MOST_DIGITS = 15;
const MOST_REFUSALS = 100;

/**
 * The numbers of a text, one a line. With a country they are read as the lines of one of its lists are, without one they
 * need their plus. Every line counts, also a blank one, which is refused: answers are told apart by their line.
 */
export function numbersOfLines(text: Buffer, country: string | null, most: number): AskedNumbers {
  const reader = readerOf(country);
  const asked = new Asked(most);
  const { length } = text;
  for (let start = 0; start < length && !asked.tooMany;) {
    // Nearly every line is a plus and up to fifteen digits.
    let [end, value] = [start, 0];
    if (text[start] === PLUS) {
      for (end += 1; end < length && isDigit(text[end] as number); end += 1) value = value * 10 + (text[end] as number) - ZERO;
    }
    const digits = end - start - 1;
    const next = digits > 0 && digits <= MOST_DIGITS ? nextLine(text, end) : end;
    if (next > end) asked.take(reader.international(value, digits));
    start = next > end ? next : readLine(text, start, reader, asked);
  }
  return asked.result();
}

/** Reads a line of any other kind, and answers where the next one starts. */
function readLine(text: Buffer, start: number, reader: Reader, asked: Asked): number {
  const found = text.indexOf(LINE_FEED, start);
  const next = found < 0 ? text.length : found;
  const end = next > start && text[next - 1] === CARRIAGE_RETURN ? next - 1 : next;
  asked.take(start === end ? 'empty' : reader.read(text, start, end));
  return next + 1;
}

/** Where the next line starts if this one ends here; the same place if it does not. */
function nextLine(text: Buffer, end: number): number {
  if (end === text.length || text[end] === LINE_FEED) return end + 1;
  if (text[end] !== CARRIAGE_RETURN) return end;
  return end + 1 === text.length || text[end + 1] === LINE_FEED ? end + 2 : end;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** The numbers of some texts, read in the same way. */
export function numbersOfTexts(texts: readonly string[], country: string | null): AskedNumbers {
  const reader = readerOf(country);
  const asked = new Asked(texts.length);
  for (const text of texts) asked.take(readPlain(text, reader) ?? readText(text, reader));
  return asked.result();
}

/** A plus and up to fifteen digits; undefined for anything else. */
function readPlain(text: string, reader: Reader): number | RowRefusal | undefined {
  const digits = text.length - 1;
  if (digits < 1 || digits > MOST_DIGITS || text.charCodeAt(0) !== PLUS) return undefined;
  let value = 0;
  for (let at = 1; at <= digits; at += 1) {
    const digit = text.charCodeAt(at);
    if (!isDigit(digit)) return undefined;
    value = value * 10 + digit - ZERO;
  }
  return reader.international(value, digits);
}

function readText(text: string, reader: Reader): number | RowRefusal {
  const bytes = Buffer.from(text);
  return bytes.length === 0 ? 'empty' : reader.read(bytes, 0, bytes.length);
}

interface Reader {
  /** The digits after a plus, as a number and how many they are. */
  international(value: number, digits: number): number | RowRefusal;
  read(bytes: Buffer, start: number, end: number): number | RowRefusal;
}

function readerOf(country: string | null): Reader {
  const reading = new NumberReading(country ?? '');
  const lines = country === null ? new WholeNumbers(reading) : new PlainLines(reading);
  return {
    international: (value, digits) => reading.international(value, digits),
    read: (bytes, start, end) => lines.read(bytes, start, end),
  };
}

/** Of no country in particular: digits without a plus could be the number of somebody else. */
class WholeNumbers {
  readonly #run: DigitRun;

  constructor(reading: NumberReading) {
    this.#run = new DigitRun(reading);
  }

  read(bytes: Buffer, start: number, end: number): number | RowRefusal {
    let first = start;
    while (first < end && bytes[first] === 0x20) first += 1;
    if (bytes[first] !== PLUS) return 'region_missing';
    this.#run.clear();
    this.#run.take(bytes, start, end);
    return this.#run.read();
  }
}

class Asked {
  readonly #most: number;
  readonly #numbers: number[] = [];
  readonly #refusals: AskedNumbers['refusals'] = [];
  tooMany = false;

  constructor(most: number) {
    this.#most = most;
  }

  take(number: number | RowRefusal): void {
    const place = this.#numbers.length;
    if (place === this.#most) return void (this.tooMany = true);
    this.#numbers.push(typeof number === 'number' ? number : 0);
    if (typeof number === 'number') return;
    if (this.#refusals.length < MOST_REFUSALS) this.#refusals.push({ place, code: number });
  }

  result(): AskedNumbers {
    return { numbers: this.#numbers, refusals: this.#refusals, tooMany: this.tooMany };
  }
}
