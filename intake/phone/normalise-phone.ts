import { ParseError, parsePhoneNumberWithError, type CountryCode, type PhoneNumber } from 'libphonenumber-js/max';
import { planOfCountry, plansOfCallingCode, type NumberingPlan } from './numbering-plan.ts';
import { looksLikeTwoNumbers, refuseBeforeParsing, unwrapPhoneCell } from './phone-cell.ts';
import { refusePhone, type PhoneRefusal, type PhoneResult } from './phone-result.ts';
import { lengthRefusal, parsePlainNumber } from './plain-number.ts';

export type { PhoneRefusal, PhoneResult } from './phone-result.ts';

// A bare extension of this many digits is taken for the rest of a second number.
const SUBSCRIBER_DIGITS = 6;

/**
 * Reads one cell as one telephone number and answers it in E.164 (an extension is dropped) with the country it belongs to,
 * or the reason for which it is refused. Valid means valid by libphonenumber's /max metadata, and the whole cell must be
 * the number. `region` (ISO 3166-1 alpha-2) is where a number without a calling code would be dialled; empty is none.
 */
export function normalisePhone(cell: string, region?: string): PhoneResult {
  const plain = parsePlainNumber(cell, region);
  if (plain) return plain;
  const text = unwrapPhoneCell(cell);
  const refusal = refuseBeforeParsing(text);
  if (refusal) return refusePhone(refusal);
  return parsePlainNumber(text, region) ?? parseByLibrary(text, region);
}

/** The thorough way, for every spelling. Takes an unwrapped text; the plain way agrees with it wherever it answers. */
export function parseByLibrary(text: string, region: string | undefined): PhoneResult {
  const plan = region ? planOfCountry(region) : undefined;
  const result = parseInCountry(text, plan?.country);
  if (result.ok) return result;
  const international = withPlusForZeros(text, plan);
  const retried = international === undefined ? result : parseInCountry(international, undefined);
  if (retried.ok) return retried;
  return result.code === 'region_missing' && region?.trim() ? refusePhone('unknown_region') : result;
}

/**
 * People write 00 for the plus also where the region has another international prefix, or none is known. It counts where
 * the digits are too many for a national number of the region: a mistyped one must not become somebody's number abroad.
 */
function withPlusForZeros(text: string, plan: NumberingPlan | undefined): string | undefined {
  const rest = /^[ (]*00(?!0)(.*)$/s.exec(text)?.[1];
  const longestWritten = plan ? (plan.lengths.at(-1) ?? 0) + 1 : 0;
  return rest !== undefined && text.replace(/\D/g, '').length > longestWritten ? `+${rest}` : undefined;
}

function parseInCountry(text: string, country: string | undefined): PhoneResult {
  try {
    const options = country === undefined ? {} : { defaultCountry: country as CountryCode };
    return judge(parsePhoneNumberWithError(text, { ...options, extract: false }), text, country);
  } catch (error) {
    if (error instanceof ParseError) return refusePhone(explain(error, text, country));
    throw error;
  }
}

function judge(phone: PhoneNumber, text: string, country: string | undefined): PhoneResult {
  if (phone.isValid()) {
    if (hidesSecondNumber(phone, text, country)) return refusePhone('two_numbers');
    return { ok: true, e164: phone.format('E.164'), country: phone.country ?? `+${phone.countryCallingCode}` };
  }
  if (looksLikeTwoNumbers(text)) return refusePhone('two_numbers');
  const plan = phone.country ? planOfCountry(phone.country) : plansOfCallingCode(phone.countryCallingCode)[0];
  return refusePhone(plan ? lengthRefusal(phone.nationalNumber, plan) : 'unknown_calling_code');
}

/** The library takes `2025550143;2025550144` for an extension, and `030 12345/12346` for one long number. */
function hidesSecondNumber(phone: PhoneNumber, text: string, country: string | undefined): boolean {
  if (phone.ext !== undefined && phone.ext.length >= SUBSCRIBER_DIGITS && !/\p{L}/u.test(text)) return true;
  const beforeSlash = /^(.*\d.*)[/\uff0f]\s*\d/s.exec(text)?.[1];
  return beforeSlash !== undefined && parseInCountry(beforeSlash, country).ok;
}

function explain(error: ParseError, text: string, country: string | undefined): PhoneRefusal {
  if (looksLikeTwoNumbers(text)) return 'two_numbers';
  switch (error.message) {
    case 'TOO_SHORT': return 'too_short';
    case 'TOO_LONG': return 'too_long';
    case 'INVALID_COUNTRY': return country === undefined && !text.startsWith('+') ? 'region_missing' : 'unknown_calling_code';
    default: return /\p{L}/u.test(text) ? 'letters' : 'not_a_number';
  }
}
