import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import parsePhoneNumber, { type CountryCode } from 'libphonenumber-js/max';
import { sampleSources } from '../../local/sample.ts';

const TODAY = new Date('2026-11-22T13:00:00Z');
const HALF_A_YEAR_MS = 181 * 86_400_000;

// What regulators keep free for fiction, so that nobody's number is ever in the sample.
const KEPT_FREE = [
  /^\+1\d{3}55501\d\d$/, /^\+44(2079460|113496|121496|131496|141496|161496)\d+$/,
  /^\+33(19900|26191)\d{4}$/, /^\+493023125\d{3}$/, /^\+61(25550|37010)\d{4}$/,
];

function phonesOf({ source, mapping, csv }: ReturnType<typeof sampleSources>[number]): string[] {
  const rows = parse<Record<string, string>>(csv, { columns: true });
  return rows.map((row) => {
    const options = { defaultCountry: source.defaultRegion as CountryCode, extract: false } as const;
    const phone = parsePhoneNumber(row[String(mapping.phone)] ?? '', options);
    return phone?.isValid() === true ? phone.number : 'invalid';
  });
}

describe('the sample', () => {
  it('is about 200 leads under valid numbers that nobody can have', () => {
    const phones = new Set(sampleSources(TODAY).flatMap(phonesOf));
    expect(phones.size).toBeGreaterThan(190);
    expect([...phones].filter((phone) => !KEPT_FREE.some((range) => range.test(phone)))).toEqual([]);
  });

  it('has people who are known from another source already', () => {
    const all = sampleSources(TODAY).map((source) => new Set(phonesOf(source)));
    expect(all).toHaveLength(3);
    expect([...(all[2] ?? [])].filter((phone) => all[0]?.has(phone))).toHaveLength(10);
  });

  it('was acquired in the half year before', () => {
    for (const { mapping, csv } of sampleSources(TODAY)) {
      for (const row of parse<Record<string, string>>(csv, { columns: true })) {
        const age = TODAY.getTime() - Date.parse(row[String(mapping.acquiredAt)] ?? '');
        expect(age).toBeGreaterThanOrEqual(0);
        expect(age).toBeLessThan(HALF_A_YEAR_MS);
      }
    }
  });

  it('is the same for everybody on the same day, so that sending it twice is one import', () => {
    expect(sampleSources(new Date('2026-11-22T23:59:59Z'))).toEqual(sampleSources(TODAY));
  });
});
