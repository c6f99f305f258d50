import { describe, expect, it } from '@jest/globals';
import { detectDialect, isBlankRecord } from '../../../intake/import/dialect.ts';

describe('the dialect of a file', () => {
  it.each([
    ['commas', 'Phone,Name\n+12025550143,Ada\n', ','],
    ['semicolons, with commas in the cells', 'Phone;Name;City\n+49301;"Müller, Jürgen";Berlin\n+49302;Meier, Eva;Bonn\n', ';'],
    ['tabs', 'Phone\tName\n+1\tAda, Countess\n', '\t'],
    ['bars', 'Phone|Name\n+1|Ada; Lovelace\n', '|'],
    ['one column', 'Phone\n+12025550143\n', ','],
    ['quoted cells of another dialect', '"Phone";"Name"\n"+1";"Ada, Countess"\n', ';'],
    ['line ends within quotes', 'Phone;Note\n+1;"one,\ntwo,\nthree"\n+2;x\n', ';'],
    ['a header alone', 'Phone;Name;E-mail', ';'],
  ])('is found: %s', (_, sample, delimiter) => {
    expect(detectDialect(sample, undefined)).toEqual({ delimiter, hints: 0 });
  });

  it('goes by the columns asked for where the file alone says nothing', () => {
    const sample = 'a,b;Phone\n1,2;3\n4,5;6\n';
    expect(detectDialect(sample, undefined).delimiter).toBe(',');
    expect(detectDialect(sample, undefined, ['Phone']).delimiter).toBe(';');
  });

  it('goes by what the sender says, and by the hint that Excel writes', () => {
    expect(detectDialect('a,b\n', ';')).toEqual({ delimiter: ';', hints: 0 });
    expect(detectDialect('sep=;\r\na;b,c\r\n', undefined)).toEqual({ delimiter: ';', hints: 1 });
    expect(detectDialect('sep=;\r\na;b,c\r\n', ',')).toEqual({ delimiter: ',', hints: 1 });
  });

  it('does not stumble over a file of broken quotes', () => {
    expect(detectDialect('a "b", c\n"', undefined).delimiter).toBe(',');
  });
});

describe('a blank record', () => {
  it('has nothing but blanks in it', () => {
    for (const cells of [[''], ['', ''], [' ', '\t', '\u00a0']]) expect(isBlankRecord(cells)).toBe(true);
    for (const cells of [['a'], ['', '0']]) expect(isBlankRecord(cells)).toBe(false);
  });
});
