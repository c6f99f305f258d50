import { describe, expect, it } from '@jest/globals';
import parsePhoneNumber from 'libphonenumber-js/max';
import { sampleLists } from '../../local/sample-lists.ts';
import { sampleSources } from '../../local/sample.ts';

const TODAY = new Date('2026-11-22T13:00:00Z');
const KEPT_FREE = [/^\+1\d{3}55501\d\d$/, /^\+442079460\d{3}$/, /^\+441134960\d{3}$/];

/** Every number that a file of the sample names, in E.164. */
function numbersIn(file: string, country: 'US' | 'GB'): string[] {
  return file.split(/\r?\n/).map((line) => parsePhoneNumber(line.replace(/,[AD]$/, '').replace(',', ''), country)?.number ?? 'unreadable');
}

describe('the lists of the sample', () => {
  it('hold numbers only that nobody can have', () => {
    const named = sampleLists(TODAY).flatMap(({ list, releases }) => releases.flatMap(({ file }) => numbersIn(file, list.jurisdiction as 'US')));
    expect(named.length).toBe(752);
    expect(named.filter((number) => !KEPT_FREE.some((range) => range.test(number)))).toEqual([]);
  });

  it('have some of the sample leads on them from the first release, and some from the second', () => {
    const text = sampleSources(TODAY).map(({ csv }) => csv.replace(/[\s()-]/g, '')).join('\n');
    const national = (number: string) => number.replace(/^\+1/, '').replace(/^\+44/, '0');
    for (const { list, releases } of sampleLists(TODAY)) {
      for (const { file } of releases) {
        const known = numbersIn(file, list.jurisdiction as 'US').filter((number) => text.includes(national(number)));
        expect(known.length).toBeGreaterThan(2);
      }
    }
  });

  it('are of the two days before, and the same for everybody on the same day', () => {
    expect(sampleLists(TODAY)[0]?.releases.map(({ asOf }) => asOf)).toEqual(['2026-11-20T00:00:00.000Z', '2026-11-21T00:00:00.000Z']);
    expect(sampleLists(new Date('2026-11-22T23:59:59Z'))).toEqual(sampleLists(TODAY));
  });
});
