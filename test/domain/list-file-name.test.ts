import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { momentOfName, readNamePattern } from '../../domain/list-file-name.ts';

const momentOf = (pattern: string, name: string) => {
  const read = readNamePattern(pattern);
  return read ? momentOfName(read, name) : 'no pattern';
};

describe('a pattern of names of files', () => {
  test.each([
    ['tps-{YYYY}{MM}{DD}.txt', 'tps-20261123.txt', new Date('2026-11-23T00:00:00Z')],
    ['{DD}.{MM}.{YYYY}_{hh}{mm}*', '23.11.2026_0415-full.zip', new Date('2026-11-23T04:15:00Z')],
    ['*.csv', 'anything at all.csv', null],
    ['*.csv', 'anything.csv.part', undefined],
    ['a.c', 'abc', undefined],
    ['tps-{YYYY}{MM}{DD}.txt', 'tps-20260231.txt', 'no_day'],
    ['tps-{YYYY}{MM}{DD}.txt', 'tps-20261123.txt.gz', undefined],
    ['tps-{YYYY}{MM}.txt', 'tps-202611.txt', 'no pattern'],
    ['{YYYY}{YYYY}{MM}{DD}', '2026', 'no pattern'],
    ['{ss}', '1', 'no pattern'],
    ['(a+)+$', 'a', 'no pattern'],
    ['../*', '../x', 'no pattern'],
    ['****', 'x', 'no pattern'],
    ['', '', 'no pattern'],
  ])('%j reads %j as %p', (pattern, name, moment) => {
    expect(momentOf(pattern, name)).toEqual(moment);
  });

  test('takes any name without a date as one without a moment, and never a path', () => {
    fc.assert(fc.property(fc.string({ maxLength: 255 }), (name) => {
      expect(momentOf('*', name)).toBe(name.includes('/') ? undefined : null);
    }));
  });
});
