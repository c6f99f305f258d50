/** Codes that name a group, a test or nothing rather than a country. */
const NO_COUNTRY = new Set(['EU', 'EZ', 'QO', 'UN', 'XA', 'XB', 'ZZ']);
const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const COUNTRIES = countries();

/** Whether a text is an ISO 3166-1 alpha-2 code in use. */
export function isCountry(code: string): boolean {
  return COUNTRIES.has(code);
}

function countries(): Set<string> {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const codes = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));
  return new Set(codes.filter((code) => !NO_COUNTRY.has(code) && names.of(code) !== undefined && isCurrent(code)));
}

/** Codes that were given up, and nicknames such as UK, have another one that is meant: under them no law would be found. */
function isCurrent(code: string): boolean {
  return Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`;
}
