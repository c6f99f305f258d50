import { parsePhoneNumberWithError } from 'libphonenumber-js/max';
import type { LineType } from '../../domain/clearance.ts';
import { isBoundToPlace } from '../../domain/porting.ts';
import { planOfCountry } from '../phone/numbering-plan.ts';
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
  /** What a carrier look-up said of it. */
  lineType?: LineType | undefined;
}

/** Everywhere that a number and a declared address put a person. The address adds to what the number says, it never replaces. */
export function placeOf({ phone, country, address, lineType }: NumberedPerson): Place {
  const own = country?.startsWith('+') ? undefined : country;
  const ofNumber = placeOfNumber(phone, own, lineType ?? null);
  if (!address) return { jurisdictions: [...ofNumber.jurisdictions], zones: [...ofNumber.zones] };
  const declared = placeOfAddress(address, own);
  return {
    jurisdictions: [...new Set([...ofNumber.jurisdictions, ...declared.jurisdictions])],
    zones: [...new Set([...ofNumber.zones, ...declared.zones])],
  };
}

function placeOfNumber(phone: string, country: string | undefined, lineType: LineType | null): Place {
  if (!country) return { jurisdictions: [], zones: [] };
  if (phone.startsWith('+1')) return placeOfAreaCode(phone.slice(2, 5), country);
  const zones = zonesOfCountry(country);
  return { jurisdictions: [country], zones: [...(zones.length > 1 ? zonesWithin(phone, country, zones, lineType) : zones)] };
}

/**
 * Where a number of a country may be once it is no longer bound to a place: wherever mobiles of that country are. No zones for
 * +1, where mobiles have the area codes of everybody else.
 */
export function zonesOfMobile(country: string): readonly string[] {
  return planOfCountry(country)?.callingCode === '1' ? [] : zonesOfCountry(country);
}

/** Only a fixed line tells where within a country of several zones it is, and not when its number was taken to another kind. */
function zonesWithin(
  phone: string, country: string, ofCountry: readonly string[], lineType: LineType | null,
): readonly string[] {
  if (!isBoundToPlace(lineType)) return ofCountry;
  if (parsePhoneNumberWithError(phone).getType() !== 'FIXED_LINE') return ofCountry;
  const zones = withinCountry(country, zonesOfLongestPrefix(phone.slice(1)));
  return zones.length <= ofCountry.length ? zones : [];
}
