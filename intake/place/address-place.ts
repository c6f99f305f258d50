import { US_TERRITORIES } from './area-codes.ts';
import { zonesOfCountry } from './country-zones.ts';
import type { Place } from './place.ts';
import { regionsOfPostalCode } from './postal-codes.ts';
import { REGIONS } from './regions.ts';

export interface DeclaredAddress {
  country?: string | undefined;
  region?: string | undefined;
  postalCode?: string | undefined;
}

/** Countries whose parts have laws or zones of their own here. */
const DIVIDED = new Set(['US', 'CA', 'AU']);
const CODES_BY_NAME = new Map(
  Object.entries(REGIONS).map(([code, [name]]) => [`${code.slice(0, 2)} ${name.toUpperCase()}`, code] as const),
);

/** Where an address puts a person, read as one of the number's country when it names none. */
export function placeOfAddress(address: DeclaredAddress, countryOfNumber: string | undefined): Place {
  const country = address.country ?? countryOfNumber;
  if (!country) return { jurisdictions: [], zones: [] };
  if (US_TERRITORIES.has(country)) return { jurisdictions: ['US', country], zones: [...zonesOfCountry(country)] };
  if (!DIVIDED.has(country)) return undivided(country, address.region, country === countryOfNumber);
  const regions = regionsOf(country, address);
  const zones = regions.flatMap((region) => REGIONS[region]?.slice(1) ?? []);
  const territories = regions.map((region) => region.slice(3)).filter((code) => country === 'US' && US_TERRITORIES.has(code));
  const parts = regions.filter((region) => !territories.includes(region.slice(3)) || country !== 'US');
  const everywhere = regions.length === 0 && country !== countryOfNumber ? zonesOfCountry(country) : [];
  return { jurisdictions: [country, ...territories, ...parts], zones: [...new Set([...zones, ...everywhere])] };
}

/** Of the number's own country the number itself tells more. */
function undivided(country: string, region: string | undefined, isOfNumber: boolean): Place {
  const part = region && /^[A-Z0-9]{1,3}$/.test(region) ? [`${country}-${region}`] : [];
  return { jurisdictions: [country, ...part], zones: isOfNumber ? [] : [...zonesOfCountry(country)] };
}

/** State and postal code can contradict each other: both count. */
function regionsOf(country: string, { region, postalCode }: DeclaredAddress): string[] {
  const named = region?.trim().toUpperCase();
  const code = named && REGIONS[`${country}-${named}`] ? `${country}-${named}` : CODES_BY_NAME.get(`${country} ${named}`);
  const coded = postalCode === undefined ? [] : regionsOfPostalCode(country, postalCode).map((each) => `${country}-${each}`);
  return [...new Set([...(code ? [code] : []), ...coded])];
}
