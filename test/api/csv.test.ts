import { describe, expect, it } from '@jest/globals';
import { csvRecord } from '../../api/csv.ts';

describe('a record of CSV [ASVS 1.2.10]', () => {
  it.each([
    ['=cmd', "'=cmd"], ['+1', "'+1"], ['-1', "'-1"], ['@x', "'@x"], ['＝cmd', "'＝cmd"], ['＋1', "'＋1"], ['－1', "'－1"], ['＠x', "'＠x"],
    ['\u200e=cmd', "'\u200e=cmd"], [' =cmd', "' =cmd"], ["'=cmd", "''=cmd"], ['a=b', 'a=b'], ["l'eau", "l'eau"], ["'quoted'", "'quoted'"], ['', ''],
  ])('writes %j as %j', (cell, written) => {
    expect(csvRecord([cell])).toBe(`${written}\r\n`);
  });

  it.each([['a,b', '"a,b"'], ['a"b', '"a""b"'], ['a\nb', '"a\nb"'], [' a', '" a"'], ['=a"b', `"'=a""b"`]])('quotes %j', (cell, written) => {
    expect(csvRecord([cell])).toBe(`${written}\r\n`);
  });
});
