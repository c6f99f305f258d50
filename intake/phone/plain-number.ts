import { isValidIn, planOfCountry, plansOfCallingCode, type NumberingPlan } from './numbering-plan.ts';
import { refusePhone, type PhoneResult } from './phone-result.ts';

const FEWEST_DIGITS = 5;
const MOST_DIGITS = 17;
// From here on a cell may be two short numbers side by side, which only the long way tells apart from a long one.
const DIGITS_OF_TWO_NUMBERS = 14;

/**
 * The quick way for cells of digits, blanks, brackets, dots, dashes and a leading plus: the steps of libphonenumber's
 * parser on the metadata of /max, with every pattern compiled once. Answers undefined where it would have to guess.
 */
export function parsePlainNumber(text: string, region: string | undefined): PhoneResult | undefined {
  const digits = digitsOfPlainText(text);
  if (digits === undefined) return undefined;
  if (text.startsWith('+')) return parseInternational(digits);
  const plan = region ? planOfCountry(region) : undefined;
  return plan && parseInRegion(digits, plan);
}

/** The ASCII digits of a plainly written number, or undefined when anything else is in it. */
function digitsOfPlainText(text: string): string | undefined {
  let digits = '';
  let start = text.startsWith('+') ? 1 : 0;
  for (let i = start; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char >= 48 && char <= 57) continue;
    if (!isSeparator(char)) return undefined;
    if (i > start) digits += text.slice(start, i);
    start = i + 1;
  }
  digits += start === 0 ? text : text.slice(start);
  return digits.length < FEWEST_DIGITS || digits.length > MOST_DIGITS || text.endsWith('.0') ? undefined : digits;
}

/** Blank, no-break blank, brackets, dash and dot: what cannot start an extension or part two numbers. */
function isSeparator(char: number): boolean {
  return char === 32 || char === 160 || char === 40 || char === 41 || char === 45 || char === 46;
}

function parseInternational(digits: string): PhoneResult | undefined {
  for (let length = 1; length <= 3; length++) {
    const plans = plansOfCallingCode(digits.slice(0, length));
    if (plans[0]) return parseNational(digits.slice(length), plans[0], undefined);
  }
  return undefined;
}

function parseInRegion(digits: string, plan: NumberingPlan): PhoneResult | undefined {
  const prefix = plan.internationalPrefix.exec(digits)?.[0];
  if (prefix) {
    const rest = digits.slice(prefix.length);
    const result = rest === '' || rest.startsWith('0') ? undefined : parseInternational(rest);
    return result?.ok ? result : undefined;
  }
  if (digits.startsWith('00')) return undefined;
  if (!digits.startsWith(plan.callingCode)) return parseNational(digits, plan, plan.country);
  return parseWithoutPlus(digits, plan);
}

/** Digits that start with the region's own calling code: the code is dropped where only that makes a number of them. */
function parseWithoutPlus(digits: string, plan: NumberingPlan): PhoneResult | undefined {
  const shorter = digits.slice(plan.callingCode.length);
  const asWritten = nationalNumberOf(digits, plan);
  const withoutCode = nationalNumberOf(shorter, plan);
  if (asWritten === undefined || withoutCode === undefined) return undefined;
  const isTooLong = asWritten.length > longestOf(plan);
  const onlyShorterFits = !plan.nationalNumber.test(asWritten) && plan.nationalNumber.test(withoutCode);
  if (!isTooLong && !onlyShorterFits) return parseNational(digits, plan, plan.country);
  const main = plansOfCallingCode(plan.callingCode)[0];
  return main && parseNational(shorter, main, undefined);
}

function parseNational(digits: string, plan: NumberingPlan, region: string | undefined): PhoneResult | undefined {
  const nationalNumber = nationalNumberOf(digits, plan);
  if (nationalNumber === undefined) return undefined;
  const owner = ownerOf(plan.callingCode, nationalNumber);
  const deciding = owner ?? plan;
  if (!isValidIn(deciding, nationalNumber)) return refuseByLength(digits, nationalNumber, deciding);
  const country = owner ? owner.country : region;
  return { ok: true, e164: `+${plan.callingCode}${nationalNumber}`, country: country ?? `+${plan.callingCode}` };
}

/** The digits without the national prefix (the 0 of 07911 123456); undefined where dropping it takes more than a look. */
function nationalNumberOf(digits: string, plan: NumberingPlan): string | undefined {
  const match = plan.nationalPrefix?.exec(digits);
  if (!match || match[0] === '') return digits;
  if (plan.rewritesPrefix && match.length > 1 && match.at(-1)) return undefined;
  const rest = digits.slice(match[0].length);
  if (plan.nationalNumber.test(digits) && !plan.nationalNumber.test(rest)) return digits;
  // Whether the prefix goes depends on the lengths in the country the rest belongs to; no matter where they all agree.
  const plans = plansOfCallingCode(plan.callingCode);
  if (plans.every((sibling) => mayHaveLength(sibling, rest.length))) return rest;
  return plans.some((sibling) => mayHaveLength(sibling, rest.length)) ? undefined : digits;
}

/** Like the library, which drops a prefix also from a number that stays too long. */
function mayHaveLength(plan: NumberingPlan, length: number): boolean {
  return plan.lengths.includes(length) || length > longestOf(plan);
}

/** Which of the countries that share a calling code the number belongs to; the lead's jurisdiction hangs on it. */
function ownerOf(callingCode: string, nationalNumber: string): NumberingPlan | undefined {
  const plans = plansOfCallingCode(callingCode);
  if (plans.length === 1) return plans[0];
  return plans.find((plan) => plan.leadingDigits?.test(nationalNumber) ?? isValidIn(plan, nationalNumber));
}

function refuseByLength(digits: string, nationalNumber: string, plan: NumberingPlan): PhoneResult | undefined {
  if (digits.length >= DIGITS_OF_TWO_NUMBERS) return undefined;
  return refusePhone(lengthRefusal(nationalNumber, plan));
}

/** What is wrong with a number that the plan does not have: its length, or else its digits. */
export function lengthRefusal(nationalNumber: string, plan: NumberingPlan): 'too_short' | 'too_long' | 'invalid_number' {
  if (nationalNumber.length < (plan.lengths[0] ?? 0)) return 'too_short';
  return nationalNumber.length > longestOf(plan) ? 'too_long' : 'invalid_number';
}

function longestOf(plan: NumberingPlan): number {
  return plan.lengths.at(-1) ?? 0;
}
