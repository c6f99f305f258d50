import { AREA_CODES, US_TERRITORIES } from '../intake/place/area-codes.ts';

const NORTH_AMERICA = 1;
const EXCHANGES = 1_000;

/** The area code of a prefix like 1202555. Other calling codes start with other digits, so nothing else lies in that range. */
export function areaCodeOf(prefix: number): number | undefined {
  const leading = Math.floor(prefix / EXCHANGES);
  return Math.floor(leading / EXCHANGES) === NORTH_AMERICA ? leading % EXCHANGES : undefined;
}

/**
 * Whether prefixes are of another country than one with some calling code: of another calling code, or within +1 of an area code
 * that other countries have. An area code of no country, such as 800, is everybody's.
 */
export function foreignTo(country: string, callingCode: number): (prefix: number) => boolean {
  const elsewhere = callingCode === NORTH_AMERICA ? areaCodesElsewhere(country) : new Set<number>();
  return (prefix) => !isOfCallingCode(prefix, callingCode) || elsewhere.has(areaCodeOf(prefix) ?? 0);
}

/** Federal lists of the United States reach their territories as well. */
function areaCodesElsewhere(country: string): ReadonlySet<number> {
  const [own, others] = [new Set<number>(), new Set<number>()];
  for (const [region, groups] of Object.entries(AREA_CODES)) {
    const [place = region] = region.split('-');
    const isOwn = place === country || (country === 'US' && US_TERRITORIES.has(place));
    for (const code of groups.flatMap((group) => group.split(' '))) (isOwn ? own : others).add(Number(code));
  }
  return new Set([...others].filter((code) => !own.has(code)));
}

/** Whether a prefix is of a calling code, which has up to three digits; a prefix has at least as many. */
function isOfCallingCode(prefix: number, callingCode: number): boolean {
  let leading = prefix;
  while (leading > callingCode && leading >= 10) leading = Math.floor(leading / 10);
  return leading === callingCode;
}
