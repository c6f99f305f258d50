const NORTH_AMERICA = 1;
const AREA_CODES = 1_000;

/** The area code of a prefix like 1202555. Other calling codes start with other digits, so nothing else lies in that range. */
export function areaCodeOf(prefix: number): number | undefined {
  const leading = Math.floor(prefix / AREA_CODES);
  return Math.floor(leading / AREA_CODES) === NORTH_AMERICA ? leading % AREA_CODES : undefined;
}

/** Whether a prefix is of a calling code, which has up to three digits; a prefix has at least as many. */
export function isOfCallingCode(prefix: number, callingCode: number): boolean {
  let leading = prefix;
  while (leading > callingCode && leading >= 10) leading = Math.floor(leading / 10);
  return leading === callingCode;
}
