/** Why a cell is no phone number, each with what may be said of it to whoever sent it. Closed: callers may switch over it. */
export const PHONE_REFUSALS = {
  empty: 'there is nothing in it',
  letters: 'it contains letters; a number spelled as a word, a name or a remark is not dialled',
  scientific_notation: 'a spreadsheet has rounded it to scientific notation, its last digits are lost',
  decimal_number: 'a spreadsheet has made a decimal number of it',
  two_numbers: 'it contains more than one phone number',
  not_a_number: 'it is not written like a phone number',
  region_missing: 'it has no country calling code, and no region says which country it belongs to',
  unknown_region: 'it has no country calling code, and its region is not a known ISO 3166-1 alpha-2 code',
  unknown_calling_code: 'it starts with a country calling code that is not in use',
  too_short: 'it has too few digits for its country',
  too_long: 'it has too many digits for its country',
  invalid_number: 'no such number is in use in its country',
} as const satisfies Record<string, string>;

export type PhoneRefusal = keyof typeof PHONE_REFUSALS;

/** `country` is ISO alpha-2; numbers that belong to no country carry their calling code instead (`+800`). */
export type PhoneResult =
  | { readonly ok: true; readonly e164: string; readonly country: string }
  | { readonly ok: false; readonly code: PhoneRefusal };

/** A refusal. It never holds the refused text. */
export function refusePhone(code: PhoneRefusal): PhoneResult {
  return { ok: false, code };
}
