import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import type { DeclaredAddress } from '../../../intake/place/address-place.ts';
import { AREA_CODES } from '../../../intake/place/area-codes.ts';
import { placeOf, zonesOfMobile } from '../../../intake/place/candidates.ts';
import { ZONE_TABLE_FILE, zoneTable } from '../../../local/tables/zones.ts';

const EASTERN = 'America/New_York';
const CENTRAL = 'America/Chicago';
const BOTH = [CENTRAL, EASTERN];
const AUSTRALIA = ['Adelaide', 'Brisbane', 'Eucla', 'Lord_Howe', 'Perth', 'Sydney'].map((city) => `Australia/${city}`);

describe('the zones of a number', () => {
  test.each<[string, string, string, string[]]>([
    ['area code 850 spans two zones', '+18505550103', 'US', BOTH],
    ['its overlay 448 spans them too', '+14485550103', 'US', BOTH],
    ['area code 364 has the zones of 270', '+13645550102', 'US', BOTH],
    ['area code 930 has the zones of 812', '+19305550102', 'US', BOTH],
    ['area code 458 has the zones of 541', '+14585550102', 'US', ['America/Denver', 'America/Los_Angeles']],
    ['area code 928 reaches into the Navajo Nation', '+19285550102', 'US', ['America/Denver', 'America/Phoenix']],
    ['an overlay that the map does not know has those of its family', '+12355550102', 'US', [CENTRAL]],
    ['a toll-free number has none', '+18005550102', 'US', []],
    ['an area code that nobody knows has none', '+15245550102', 'US', []],
    ['an Australian mobile has all of the mainland', '+61491570158', 'AU', AUSTRALIA],
    ['an Australian fixed line has its own', '+61293744000', 'AU', ['Australia/Sydney']],
    ['a Spanish mobile may be in the Canaries', '+34612345678', 'ES', ['Atlantic/Canary', 'Europe/Madrid']],
    ['China has one', '+8613812345678', 'CN', ['Asia/Shanghai']],
    ['a number of no country has none', '+80012345678', '+800', []],
  ])('%s', (_, phone, country, zones) => expect(placeOf({ phone, country }).zones.toSorted()).toEqual(zones));

  test.each<[string, 'fixed' | 'mobile' | 'voip' | undefined, string[]]>([
    ['stays one that a look-up calls fixed', 'fixed', ['Australia/Sydney']],
    ['that nobody looked up stays one', undefined, ['Australia/Sydney']],
    ['that a look-up calls a mobile was taken along, and may be anywhere', 'mobile', AUSTRALIA],
    ['so may one that a look-up finds on the internet', 'voip', AUSTRALIA],
  ])('a number of a fixed line %s', (_, lineType, zones) => {
    expect(placeOf({ phone: '+61293744000', country: 'AU', lineType }).zones.toSorted()).toEqual(zones);
  });

  test.each<[string, string]>([
    ['+61293744000', 'AU'], ['+34911234567', 'ES'], ['+493012345678', 'DE'], ['+442079460000', 'GB'], ['+74951234567', 'RU'], ['+12025550143', 'US'],
    ['+17095550102', 'CA'], ['+17875550102', 'PR'],
  ])('of %s once it is a mobile are those of before and those of mobiles in the country of its first jurisdiction', (phone, country) => {
    const { zones, jurisdictions } = placeOf({ phone, country });
    const moved = placeOf({ phone, country, lineType: 'mobile' });
    expect(new Set([...zones, ...zonesOfMobile(jurisdictions[0] ?? '')])).toEqual(new Set(moved.zones));
    expect(moved.jurisdictions).toEqual(jurisdictions);
  });

  test('area code 709 spans two zones half an hour apart, both with summer time', () => {
    const { zones } = placeOf({ phone: '+17095550102', country: 'CA' });
    expect(zones).toEqual(expect.arrayContaining(['America/St_Johns', 'America/Goose_Bay']));
    expect(zones).not.toContain('America/Puerto_Rico');
  });

  test('a Russian mobile may be anywhere from Kaliningrad to Kamchatka, and not in Kazakhstan', () => {
    const { zones } = placeOf({ phone: '+79161234567', country: 'RU' });
    expect(zones).toEqual(expect.arrayContaining(['Europe/Kaliningrad', 'Asia/Kamchatka']));
    expect(zones).not.toContain('Asia/Almaty');
  });
});

test.each<[string, string, string, string[]]>([
  ['Puerto Rico is under federal law', '+17875550102', 'PR', ['US', 'PR']],
  ['a toll-free number belongs to the country alone', '+18005550102', 'US', ['US']],
  ['a number of no country has no jurisdiction', '+80012345678', '+800', []],
  ['a German number is under German law', '+4915112345678', 'DE', ['DE']],
])('%s', (_, phone, country, jurisdictions) => expect(placeOf({ phone, country }).jurisdictions).toEqual(jurisdictions));

test.each<[string, DeclaredAddress, string[], string[]]>([
  ['a state with two zones adds both', { country: 'US', region: 'AZ' }, ['US', 'US-AZ'], ['America/Phoenix', 'America/Denver']],
  ['a state may be written out', { region: 'florida' }, ['US', 'US-FL'], [EASTERN, CENTRAL]],
  ['a ZIP alone is enough', { postalCode: '40202' }, ['US', 'US-KY'], [EASTERN, CENTRAL]],
  ['another country adds all its zones', { country: 'DE' }, ['US', 'DE'], ['Europe/Berlin']],
])('of a toll-free number, %s', (_, address, jurisdictions, zones) => {
  expect(placeOf({ phone: '+18005550102', country: 'US', address })).toEqual({ jurisdictions, zones });
});

test('of a number of no country, an address says where the person is', () => {
  const given = { phone: '+80012345678', country: '+800' };
  expect(placeOf({ ...given, address: { country: 'DE' } })).toEqual({ jurisdictions: ['DE'], zones: ['Europe/Berlin'] });
  expect(placeOf({ ...given, address: { postalCode: '20001' } })).toEqual({ jurisdictions: [], zones: [] });
});

test('a Connecticut number with a Kentucky address is under both laws', () => {
  const { jurisdictions, zones } = placeOf({ phone: '+18605550101', country: 'US', address: { country: 'US', region: 'KY' } });
  expect(jurisdictions).toEqual(['US', 'US-CT', 'US-KY']);
  expect(zones).toEqual([EASTERN, CENTRAL]);
});

test('an address never takes anything away', () => {
  const part = fc.option(fc.constantFrom('US', 'CA', 'AU', 'DE', 'FL', 'ON', '40202', 'K1A 0B1', 'nowhere'), { nil: undefined });
  const address = fc.record({ country: fc.constantFrom('US', 'CA', 'AU', 'PR', 'DE', undefined), region: part, postalCode: part });
  const areaCode = fc.constantFrom(...Object.values(AREA_CODES).flat().flatMap((family) => family.split(' ')));
  fc.assert(fc.property(areaCode, address, (code, given) => {
    const number = { phone: `+1${code}5550101`, country: 'US' };
    const [alone, declared] = [placeOf(number), placeOf({ ...number, address: given })];
    expect(declared.jurisdictions).toEqual(expect.arrayContaining(alone.jurisdictions));
    expect(declared.zones).toEqual(expect.arrayContaining(alone.zones));
  }));
});

test('every area code of a state belongs to it and has a zone', () => {
  const codes = Object.entries(AREA_CODES).flatMap(([region, families]) => families.flatMap((each) => each.split(' ').map((code) => [region, code] as const)));
  const without = codes.filter(([region, code]) => {
    const { jurisdictions, zones } = placeOf({ phone: `+1${code}5550101`, country: region.slice(0, 2) });
    return !jurisdictions.includes(region) || zones.length === 0 || zones.length > 6;
  });
  expect(without).toEqual([]);
});

test('the table is the one that the package in use gives', () => {
  expect(readFileSync(ZONE_TABLE_FILE, 'utf8')).toBe(zoneTable());
});
