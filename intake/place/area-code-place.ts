import { AREA_CODES, US_TERRITORIES } from './area-codes.ts';
import { zonesOfPrefix } from './country-zones.ts';
import type { Place } from './place.ts';

const FAMILIES = familiesByCode();
const known = new Map<string, Place>();

/** Where the numbers of an area code of +1 can be: all of its area, and the area of its overlays. */
export function placeOfAreaCode(areaCode: string, country: string): Place {
  const key = areaCode + country;
  let place = known.get(key);
  if (!place) known.set(key, (place = readPlace(areaCode, country)));
  return place;
}

function readPlace(areaCode: string, country: string): Place {
  const { codes, regions } = FAMILIES.get(areaCode) ?? { codes: new Set([areaCode]), regions: new Set<string>() };
  const federal = US_TERRITORIES.has(country) ? ['US'] : [];
  return {
    jurisdictions: [...new Set([...federal, country, ...regions])],
    zones: [...new Set([...codes].flatMap((code) => zonesOfPrefix(`1${code}`)))].sort(),
  };
}

interface Family {
  codes: Set<string>;
  regions: Set<string>;
}

function familiesByCode(): Map<string, Family> {
  const families = new Map<string, Family>();
  for (const [region, groups] of Object.entries(AREA_CODES)) {
    for (const codes of groups.map((group) => group.split(' '))) {
      for (const code of codes) {
        const family = families.get(code) ?? { codes: new Set(), regions: new Set() };
        for (const each of codes) family.codes.add(each);
        family.regions.add(region);
        families.set(code, family);
      }
    }
  }
  return families;
}
