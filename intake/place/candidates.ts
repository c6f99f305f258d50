import { parsePhoneNumberWithError } from 'libphonenumber-js/max';
import { placeOfAddress, type DeclaredAddress } from './address-place.ts';
import { placeOfAreaCode } from './area-code-place.ts';
import type { Place } from './place.ts';
import { withinCountry, zonesOfCountry, zonesOfLongestPrefix } from './country-zones.ts';

export interface NumberedPerson {
  /** Canonical E.164 number. */
  phone: string;
  /** As the normaliser says: the calling code for a number that belongs to no country (`+800`). */
  country: string | undefined;
  address?: DeclaredAddress | undefined;
}

/** Everywhere that a number and a declared address put a person. The address adds to what the number says, it never replaces. */
export function placeOf({ phone, country, address }: NumberedPerson): Place {
  const own = country?.startsWith('+') ? undefined : country;
  const ofNumber = placeOfNumber(phone, own);
  if (!address) return { jurisdictions: [...ofNumber.jurisdictions], zones: [...ofNumber.zones] };
  const declared = placeOfAddress(address, own);
  return {
    jurisdictions: [...new Set([...ofNumber.jurisdictions, ...declared.jurisdictions])],
    zones: [...new Set([...ofNumber.zones, ...declared.zones])],
  };
}

function placeOfNumber(phone: string, country: string | undefined): Place {
  if (!country) return { jurisdictions: [], zones: [] };
  if (phone.startsWith('+1')) return placeOfAreaCode(phone.slice(2, 5), country);
  const zones = zonesOfCountry(country);
  return { jurisdictions: [country], zones: [...(zones.length > 1 ? zonesWithin(phone, country, zones) : zones)] };
}

/** Only a fixed line tells where within a country of several zones it is. */
function zonesWithin(phone: string, country: string, ofCountry: readonly string[]): readonly string[] {
  if (parsePhoneNumberWithError(phone).getType() !== 'FIXED_LINE') return ofCountry;
  const zones = withinCountry(country, zonesOfLongestPrefix(phone.slice(1)));
  return zones.length <= ofCountry.length ? zones : [];
}
