import { LINE_TYPES, type LineType } from '../../domain/clearance.ts';
import { CLOCK_SKEW_MS, EMAIL, LABEL, LONGEST_EMAIL, WORD } from '../accepted-values.ts';
import { normalisePhone } from '../phone/normalise-phone.ts';
import { PHONE_REFUSALS } from '../phone/phone-result.ts';
import { isCountry } from '../country.ts';
import { problem, type RowProblem, type RowRefusalCode } from './refusal.ts';
import type { TimeCells } from './time-cells.ts';

const LONGEST_URL = 2_000;

type InFuture = Extract<RowRefusalCode, `${string}_in_future`>;

/**
 * Reads the cells of one row after the other, by the same rules as the bodies of the API, and gathers what is wrong with the
 * row in hand. A blank cell is a value that was not given.
 */
export class Cells {
  #problems: RowProblem[] = [];
  readonly #times: TimeCells;
  readonly #latest: number;

  /** `receivedAt` is the moment of the upload: nothing can have happened after it. */
  constructor(times: TimeCells, receivedAt: Date) {
    this.#times = times;
    this.#latest = receivedAt.getTime() + CLOCK_SKEW_MS;
  }

  /** The problems since the last call. */
  takeProblems(): RowProblem[] {
    const taken = this.#problems;
    if (taken.length > 0) this.#problems = [];
    return taken;
  }

  refuse(code: RowRefusalCode, column: string, detail?: string): undefined {
    this.#problems.push(problem(code, column, detail));
    return undefined;
  }

  text(cell: string, longest: number, column: string): string | undefined {
    const text = cell.trim();
    if (text.length > longest) return this.refuse('too_long', column, `has more than ${longest} characters`);
    return text === '' ? undefined : text;
  }

  label(cell: string, column: string): string | undefined {
    return this.#matching(LABEL, 'invalid_label', cell, column);
  }

  word(cell: string, column: string): string | undefined {
    return this.#matching(WORD, 'invalid_word', cell, column);
  }

  email(cell: string, column: string): string | undefined {
    const email = cell.trim();
    if (email === '') return undefined;
    return email.length <= LONGEST_EMAIL && EMAIL.test(email) ? email : this.refuse('invalid_email', column);
  }

  url(cell: string, column: string): string | undefined {
    const url = this.text(cell, LONGEST_URL, column);
    if (url === undefined) return undefined;
    return /^https?:\/\//i.test(url) && URL.canParse(url) ? url : this.refuse('invalid_url', column);
  }

  country(cell: string, column: string): string | undefined {
    const code = cell.trim().toUpperCase();
    if (code === '') return undefined;
    return isCountry(code) ? code : this.refuse('invalid_region', column);
  }

  lineType(cell: string, column: string): LineType | undefined {
    const text = cell.trim().toLowerCase();
    if (text === '') return undefined;
    return LINE_TYPES.find((type) => type === text) ?? this.refuse('invalid_word', column);
  }

  phone(cell: string, region: string | undefined, column: string): { e164: string; country: string } | undefined {
    const result = normalisePhone(cell, region);
    return result.ok ? result : this.refuse('invalid_phone', column, `${result.code}: ${PHONE_REFUSALS[result.code]}`);
  }

  /** A moment that has passed, under the code for one that has not; null when any moment will do. */
  moment(cell: string, column: string, inFuture: InFuture | null): Date | undefined {
    const text = cell.trim();
    if (text === '') return undefined;
    const moment = this.#times.read(text);
    if (typeof moment === 'string') return this.refuse(moment, column);
    return inFuture && moment.getTime() > this.#latest ? this.refuse(inFuture, column) : moment;
  }

  #matching(pattern: RegExp, code: RowRefusalCode, cell: string, column: string): string | undefined {
    const text = cell.trim();
    if (text === '') return undefined;
    return pattern.test(text) ? text : this.refuse(code, column);
  }
}
