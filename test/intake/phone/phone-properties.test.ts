import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { getCountries } from 'libphonenumber-js/max';
import { leadList, worldNumbers } from '../../../bench/phone-corpus.ts';
import { compareWithLibrary, expectedReading } from '../../../bench/phone-yardstick.ts';
import { normalisePhone, parseByLibrary } from '../../../intake/phone/normalise-phone.ts';
import { unwrapPhoneCell } from '../../../intake/phone/phone-cell.ts';
import { PHONE_REFUSALS } from '../../../intake/phone/phone-result.ts';
import { parsePlainNumber } from '../../../intake/phone/plain-number.ts';

const SEED = 7;
const digit = fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
const character = fc.oneof(
  { weight: 8, arbitrary: digit },
  { weight: 2, arbitrary: fc.constantFrom(' ', '-', '.', '(', ')', '/', '+', '\u00a0', '\u2013', '\u202f', ',', ';', '#', '~', 'x', ' ext. ') },
  { weight: 1, arbitrary: fc.constantFrom('\uff11', '\u0664', '\u096d', '\u{1d7d8}', '\uff0b', '\u200e', 'E', '\n', '"', "'") },
);
const start = fc.constantFrom('', '', '+', '+1', '+44', '+86', '+49', '+7', '00', '0044', '011', '0', '1', "'", 'p:', 'tel:');
const cell = fc.tuple(start, fc.array(character, { maxLength: 22 })).map(([head, tail]) => head + tail.join(''));
const region = fc.option(fc.constantFrom(...getCountries()), { nil: undefined });

describe('the phone normaliser against the library', () => {
  it('reads whatever it accepts as the library does, and refuses more only for reasons of its own', () => {
    fc.assert(fc.property(cell, region, (text, country) => {
      const expected = expectedReading({ cell: text, ...country && { region: country } });
      const result = normalisePhone(text, country);
      if (result.ok) expect(result).toEqual({ ok: true, ...expected });
      else if (expected) expect(['two_numbers', 'decimal_number']).toContain(result.code);
    }), { numRuns: 20_000, seed: SEED });
  });

  it('answers plain numbers exactly as the long way does, refusals included', () => {
    fc.assert(fc.property(cell.map(unwrapPhoneCell), region, (text, country) => {
      const plain = parsePlainNumber(text, country);
      if (plain) expect(plain).toEqual(parseByLibrary(text, country));
    }), { numRuns: 20_000, seed: SEED });
  });

  it('never differs on a lead list and on the numbers of all countries', () => {
    expect(compareWithLibrary(leadList(50_000, SEED)).differences).toEqual([]);
    expect(compareWithLibrary(worldNumbers(50_000, SEED)).differences).toEqual([]);
  });

  it('takes the plain way for most of a lead list', () => {
    const rows = [...leadList(10_000, SEED)];
    const plain = rows.filter((row) => parsePlainNumber(unwrapPhoneCell(row.cell), row.region));
    expect(plain.length / rows.length).toBeGreaterThan(0.9);
  });
});

describe('the phone normaliser by itself', () => {
  it('leaves its own answers as they are', () => {
    for (const row of worldNumbers(20_000, SEED)) {
      const result = normalisePhone(row.cell, row.region);
      if (result.ok) expect(normalisePhone(result.e164)).toEqual(result);
    }
  });

  it('answers any text and any region, and a refusal holds a code and nothing else', () => {
    const regions = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'US', '001'));
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), regions, (text, country) => {
      const result = normalisePhone(text, country);
      if (!result.ok) expect(result).toEqual({ ok: false, code: expect.stringMatching(/^[a-z_]+$/) });
      if (!result.ok) expect(PHONE_REFUSALS).toHaveProperty(result.code);
    }), { numRuns: 5_000, seed: SEED });
  });
});
