import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { numbersOfLines, numbersOfTexts } from '../../dnc/asked-numbers.ts';

const of = (characters: string) => fc.constantFrom(...Array.from(characters));
const digits = (minLength: number, maxLength: number) => fc.string({ unit: of('0123456789'), minLength, maxLength });
const line = fc.oneof(
  digits(1, 20).map((text) => `+${text}`),
  digits(1, 16),
  fc.tuple(of(' \t+'), digits(3, 12), of(' x-')).map(([before, text, after]) => `${before}+${text}${after}`),
  fc.string({ unit: of('+ 0123\r-()x'), maxLength: 14 }).map((text) => text.replace(/\r+$/, '')),
);

describe('numbers that are asked about line by line', () => {
  it('mean what each of them means by itself, whatever the line ends with and whatever the country', () => {
    const lines = fc.array(line, { minLength: 1, maxLength: 20 });
    fc.assert(fc.property(lines, fc.constantFrom(null, 'US', 'GB', 'SG'), fc.constantFrom('\n', '\r\n'), (texts, country, end) => {
      const file = Buffer.from(texts.map((text) => text + end).join(''));
      expect(numbersOfLines(file, country, 100)).toEqual(numbersOfTexts(texts, country));
    }), { numRuns: 2_000 });
  });
});
