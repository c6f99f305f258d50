import { normalisePhone } from '../../intake/phone/normalise-phone.ts';
import { planOfCountry } from '../../intake/phone/numbering-plan.ts';
import type { RowRefusal } from './row-refusal.ts';

const FEWEST_DIGITS = 7;
const MOST_DIGITS = 15;
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, exponent) => 10 ** exponent);
const NORTH_AMERICA = 1;
const WITH_AREA_CODE = 10;
const FIRST_AREA_CODE = 200;
const QUOTED = /^"(.*)"$/s;
const ZERO_AMONG_PREFIXES = /^\^\(\?:(?:.+\|)?0(?:\|.+)?\)$/;
const SEPARATORS = /[\s().-]/g;

/** A ten-digit North American number in E.164. */
export function inNorthAmerica(value: number): number | RowRefusal {
  return value >= FIRST_AREA_CODE * 1e7 ? NORTH_AMERICA * 1e10 + value : 'invalid_area_code';
}

/**
 * Makes E.164 numbers of what a registry writes. Unlike a lead's phone, a row is not refused for being in no numbering plan:
 * registries list numbers that are not assigned yet, or no longer. It must have the lengths that its country has.
 */
export class NumberReading {
  readonly callingCode: number;
  readonly #country: string;
  readonly #codeLength: number;
  readonly #lengths: readonly number[];
  readonly #dropsZero: boolean;

  /** The country (ISO alpha-2) in which numbers without a plus are dialled. */
  constructor(country: string) {
    const plan = planOfCountry(country);
    this.callingCode = Number(plan?.callingCode ?? 0);
    this.#country = country;
    this.#codeLength = plan?.callingCode.length ?? 0;
    this.#lengths = plan?.lengths ?? [];
    this.#dropsZero = ZERO_AMONG_PREFIXES.test(plan?.nationalPrefix?.source ?? '');
  }

  /** The digits that follow a plus, as a number and how many they are. */
  international(value: number, digits: number): number | RowRefusal {
    if (digits < FEWEST_DIGITS) return 'too_short';
    if (digits > MOST_DIGITS) return 'too_long';
    if (value < power(digits - 1)) return 'unknown_calling_code';
    if (Math.floor(value / power(digits - 1)) !== NORTH_AMERICA) return value;
    if (digits !== 1 + WITH_AREA_CODE) return digits < 1 + WITH_AREA_CODE ? 'too_short' : 'too_long';
    return inNorthAmerica(value - 1e10);
  }

  /** Digits without a plus, national or with the country's own calling code; undefined where only their text can decide. */
  plain(value: number, digits: number): number | RowRefusal | undefined {
    if (this.callingCode === NORTH_AMERICA && digits === WITH_AREA_CODE) return inNorthAmerica(value);
    if (digits < 2 || digits > MOST_DIGITS) return undefined;
    if (value < power(digits - 1)) return this.#withZero(value, digits);
    const isNational = this.#lengths.includes(digits);
    const hasCode = Math.floor(value / power(digits - this.#codeLength)) === this.callingCode;
    const isInternational = hasCode && this.#lengths.includes(digits - this.#codeLength);
    if (isNational === isInternational) return undefined;
    return isNational ? this.#national(value, digits) : this.international(value, digits);
  }

  /** Any other way of writing: quotes, separators, an international prefix, an extension. */
  text(written: string): number | RowRefusal {
    const text = QUOTED.exec(written)?.[1] ?? written;
    const result = normalisePhone(text, this.#country);
    if (result.ok) return Number(result.e164.slice(1));
    const digits = text.replace(SEPARATORS, '');
    if (result.code === 'invalid_number') return this.#unassigned(digits) ?? result.code;
    return this.#foreign(digits) ?? result.code;
  }

  /** A leading zero is dropped once, where the country does that. */
  #withZero(value: number, digits: number): number | RowRefusal | undefined {
    const length = digits - 1;
    const fits = this.#dropsZero && value >= power(length - 1) && this.#lengths.includes(length);
    return fits ? this.#national(value, length) : undefined;
  }

  #national(value: number, digits: number): number | RowRefusal {
    return this.international(this.callingCode * power(digits) + value, this.#codeLength + digits);
  }

  #unassigned(digits: string): number | RowRefusal | undefined {
    if (/^\+\d{1,15}$/.test(digits)) return this.international(Number(digits), digits.length - 1);
    return /^\d{1,15}$/.test(digits) ? this.plain(Number(digits), digits.length) : undefined;
  }

  /** Digits that are too many for the country can be a number of another, its plus lost; then it must be a valid one. */
  #foreign(digits: string): number | undefined {
    const longest = (this.#lengths.at(-1) ?? MOST_DIGITS) + 1;
    if (!/^[1-9]\d{6,14}$/.test(digits) || digits.length <= longest) return undefined;
    const result = normalisePhone(`+${digits}`);
    return result.ok ? Number(result.e164.slice(1)) : undefined;
  }
}

function power(exponent: number): number {
  return POWERS[exponent] as number;
}
