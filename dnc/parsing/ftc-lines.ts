import type { LineReader } from './line-reader.ts';
import { inNorthAmerica } from './number-reading.ts';
import type { RowRefusal } from './row-refusal.ts';

const ZERO = 0x30;
const COMMA = 0x2c;
const LOCAL_DIGITS = 7;
const NUMBER_LENGTH = 11;
const A = 0x41;
const D = 0x44;
const TO_UPPER = 0xdf;

const FULL = /^\s*"?(\d{3})"?\s*,\s*"?(\d{7})"?$/;
const CHANGE = /^\s*"?(\d{3})"?\s*,\s*"?(\d{7})"?\s*(?:,\s*"?([^",]*?)"?\s*(?:,.*)?)?$/;

/** The flat files of the US registry: `NPA,NNNNNNN` in full ones, `NPA,NNNNNNN,A` (or D), time or not, in those of changes. */
export class FtcLines implements LineReader {
  removes = false;
  readonly #isChange: boolean;

  constructor(kind: 'full' | 'change') {
    this.#isChange = kind === 'change';
  }

  read(bytes: Buffer, start: number, end: number): number | RowRefusal {
    const value = this.#isAsUsual(bytes, start, end) ? digitsAt(bytes, start) : -1;
    return value < 0 ? this.#readText(bytes.toString('latin1', start, end)) : inNorthAmerica(value);
  }

  /** Whether everything but the digits is where these files have it; of a change, notes what it says. */
  #isAsUsual(bytes: Buffer, start: number, end: number): boolean {
    const rest = start + NUMBER_LENGTH;
    if (bytes[start + 3] !== COMMA) return false;
    if (!this.#isChange) return end === rest;
    const action = (bytes[rest + 1] as number) & TO_UPPER;
    this.removes = action === D;
    const isWhole = end === rest + 2 || (end > rest + 2 && bytes[rest + 2] === COMMA);
    return isWhole && bytes[rest] === COMMA && (action === A || action === D);
  }

  /** The same with quotes or blanks. */
  #readText(text: string): number | RowRefusal {
    const [, area, local, action = ''] = (this.#isChange ? CHANGE : FULL).exec(text) ?? [];
    if (area === undefined || local === undefined) return 'not_a_number';
    if (this.#isChange && !/^[AD]$/i.test(action)) return action === '' ? 'action_missing' : 'action_unknown';
    this.removes = action.toUpperCase() === 'D';
    return inNorthAmerica(Number(area + local));
  }
}

/** The ten digits around a comma, or less than nothing when one of them is no digit. */
function digitsAt(bytes: Buffer, start: number): number {
  let value = 0;
  for (let at = start; at < start + 4 + LOCAL_DIGITS; at += 1) {
    if (at === start + 3) continue;
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
