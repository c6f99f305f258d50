import type { NumberReading } from './number-reading.ts';
import type { RowRefusal } from './row-refusal.ts';

const ZERO = 0x30;
const PLUS = 0x2b;
const BLANK = 0x20;
const MOST_DIGITS = 15;

/**
 * The digits of one number, gathered from the bytes of one or more columns without making a text of them. Where anything but
 * digits and one leading plus is met, the columns are put together as text after all.
 */
export class DigitRun {
  readonly #reading: NumberReading;
  #value = 0;
  #digits = 0;
  #plus = false;
  #plain = true;
  #text = '';

  constructor(reading: NumberReading) {
    this.#reading = reading;
  }

  clear(): void {
    this.#value = 0;
    this.#digits = 0;
    this.#plus = false;
    this.#plain = true;
    this.#text = '';
  }

  /** Takes the next column, blanks around it left out. */
  take(bytes: Buffer, from: number, to: number): void {
    let [start, end] = [from, to];
    while (start < end && (bytes[start] as number) <= BLANK) start += 1;
    while (start < end && (bytes[end - 1] as number) <= BLANK) end -= 1;
    if (this.#plain && this.#takeDigits(bytes, start, end)) return;
    this.#takeText(bytes.toString('utf8', start, end));
  }

  /** The number that the columns are, in E.164. */
  read(): number | RowRefusal {
    if (!this.#plain) return this.#reading.text(this.#text);
    if (this.#plus) return this.#reading.international(this.#value, this.#digits);
    return this.#reading.plain(this.#value, this.#digits) ?? this.#reading.text(this.#asText());
  }

  #takeDigits(bytes: Buffer, start: number, end: number): boolean {
    const plus = this.#digits === 0 && !this.#plus && bytes[start] === PLUS && start < end;
    const first = plus ? start + 1 : start;
    const digits = this.#digits + end - first;
    if (digits > MOST_DIGITS) return false;
    let value = this.#value;
    for (let at = first; at < end; at += 1) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) return false;
      value = value * 10 + digit;
    }
    this.#value = value;
    this.#digits = digits;
    if (plus) this.#plus = true;
    return true;
  }

  #takeText(text: string): void {
    this.#text = this.#plain ? this.#asText() + text : this.#text + text;
    this.#plain = false;
  }

  #asText(): string {
    const digits = this.#digits === 0 ? '' : String(this.#value).padStart(this.#digits, '0');
    return this.#plus ? `+${digits}` : digits;
  }
}
