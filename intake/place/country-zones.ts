import { planOfCountry } from '../phone/numbering-plan.ts';
import { AREA_CODES } from './area-codes.ts';
import { REGIONS } from './regions.ts';
import { ZONE_ROWS } from './zone-table.ts';

const LONGEST_PREFIX = 9;

/** Zones of territories that share a calling code with a larger country and have a country code of their own. */
const TERRITORY_OF_ZONE = new Map(Object.entries({
  'Indian/Christmas': 'CX', 'Indian/Cocos': 'CC', 'Europe/Guernsey': 'GG', 'Europe/Jersey': 'JE', 'Europe/Isle_of_Man': 'IM',
  'Europe/Vatican': 'VA', 'Asia/Almaty': 'KZ', 'Asia/Aqtobe': 'KZ', 'Arctic/Longyearbyen': 'SJ', 'Europe/Mariehamn': 'AX',
  'Indian/Mayotte': 'YT', 'America/Curacao': 'CW', 'America/Kralendijk': 'BQ',
}));
const WITH_OWN_ZONES = new Set(TERRITORY_OF_ZONE.values());

const ZONES_OF_PREFIX = new Map(
  ZONE_ROWS.flatMap(([zones, prefixes]) => prefixes.trim().split(/\s+/).map((prefix) => [prefix, zones.split(' ')] as const)),
);
const known = new Map<string, readonly string[]>();

/** The zones that the map has for exactly these digits: a calling code with what follows, or a 1 with an area code. */
export function zonesOfPrefix(digits: string): readonly string[] {
  return ZONES_OF_PREFIX.get(digits) ?? [];
}

/** The zones of the longest prefix of a number (digits without a plus) that the map has. */
export function zonesOfLongestPrefix(digits: string): readonly string[] {
  for (let length = LONGEST_PREFIX; length > 0; length -= 1) {
    const zones = ZONES_OF_PREFIX.get(digits.slice(0, length));
    if (zones) return zones;
  }
  return [];
}

/** Every zone of a country, without its territories that are countries of their own by code. */
export function zonesOfCountry(country: string): readonly string[] {
  let zones = known.get(country);
  if (!zones) known.set(country, (zones = readZones(country)));
  return zones;
}

/** Those of some zones that can be a country's. */
export function withinCountry(country: string, zones: readonly string[]): readonly string[] {
  const owner = WITH_OWN_ZONES.has(country) ? country : undefined;
  return zones.filter((zone) => TERRITORY_OF_ZONE.get(zone) === owner);
}

function readZones(country: string): readonly string[] {
  const parts = Object.entries(REGIONS).filter(([region]) => region.startsWith(`${country}-`));
  if (country === 'US' || country === 'CA') return [...new Set(parts.flatMap(([, [, ...zones]]) => zones))];
  const areaCodes = (AREA_CODES[country] ?? []).flatMap((family) => family.split(' '));
  if (areaCodes.length > 0) return [...new Set(areaCodes.flatMap((code) => zonesOfPrefix(`1${code}`)))];
  const { callingCode } = planOfCountry(country) ?? {};
  const zones = callingCode === undefined ? [] : zonesOfPrefix(callingCode);
  return withinCountry(country, zones);
}
