import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BLOCK_BYTES, BLOCK_SIZE, countListed, decodeBlock, encodeBlock, isListed, prefixOf } from '../../proof/number-block.ts';
import { numbersIn } from '../dnc/block-numbers.ts';

const place = fc.integer({ min: 0, max: BLOCK_SIZE - 1 });
const few = fc.uniqueArray(place, { maxLength: 60 });
const dense = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: BLOCK_SIZE })).map(([step, from]) =>
  Array.from({ length: BLOCK_SIZE }, (_, index) => index).filter((index) => index >= from && index % step === 0));
const places = fc.oneof(few, dense, fc.constantFrom<number[]>([], [0], [9_999], [254], [255], [256], [0, 9_999]));

function blockOf(listed: readonly number[]): Uint8Array {
  const bits = new Uint8Array(BLOCK_BYTES);
  for (const index of listed) bits[index >> 3]! |= 1 << (index & 7);
  return bits;
}

describe('a block of numbers', () => {
  it('reads back whatever was written, and is never longer than its bits and a byte', () => {
    fc.assert(fc.property(places, (listed) => {
      const encoded = encodeBlock(blockOf(listed));
      expect(encoded.length).toBeLessThanOrEqual(1 + BLOCK_BYTES);
      expect(Buffer.compare(decodeBlock(encoded), blockOf(listed))).toBe(0);
    }));
  });

  it('counts and names the numbers that are listed in it', () => {
    fc.assert(fc.property(places, fc.integer({ min: 1_000, max: 9_999_999 }), (listed, prefix) => {
      const numbers = [...listed].sort((one, other) => one - other).map((index) => prefix * BLOCK_SIZE + index);
      const bits = blockOf(listed);
      expect(countListed(bits)).toBe(listed.length);
      expect(numbersIn(prefix, bits)).toEqual(numbers);
      expect(numbers.every((number) => prefixOf(number) === prefix && isListed(bits, number % BLOCK_SIZE))).toBe(true);
      expect(isListed(bits, 4_321)).toBe(listed.includes(4_321));
    }));
  });

  it('has one encoding only: whatever can be decoded is what would be written', () => {
    const bytes = fc.array(fc.oneof(fc.constantFrom(0, 1, 254, 255), fc.integer({ min: 0, max: 255 })), { maxLength: 80 });
    const tagged = fc.tuple(fc.constantFrom(0, 0, 0, 1, 2), bytes).map(([tag, rest]) => Uint8Array.of(tag, ...rest));
    fc.assert(fc.property(tagged, (encoded) => {
      const bits = decoded(encoded);
      if (bits) expect([...encodeBlock(bits)]).toEqual([...encoded]);
    }), { numRuns: 3000 });
  });

  it('that is changed in any byte is another block, or none', () => {
    fc.assert(fc.property(places, fc.nat(), fc.integer({ min: 1, max: 255 }), (listed, at, change) => {
      const encoded = encodeBlock(blockOf(listed));
      encoded[at % encoded.length]! ^= change;
      const bits = decoded(encoded);
      expect(bits === undefined || Buffer.compare(bits, blockOf(listed)) !== 0).toBe(true);
    }));
  });

  it.each([
    ['an empty block is its tag alone', [], [0]],
    ['a gap of 254 is one byte', [254], [0, 254]],
    ['a gap of 255 is a long gap and nought', [255], [0, 255, 0]],
    ['neighbours have no gap', [3, 4, 5], [0, 3, 0, 0]],
  ])('%s', (_, listed, encoded) => {
    expect([...encodeBlock(blockOf(listed))]).toEqual(encoded);
  });

  it('takes the raw form from 1,250 numbers on, where both are equally long', () => {
    const first = (count: number) => Array.from({ length: count }, (_, index) => index);
    expect([encodeBlock(blockOf(first(1_249))).length, encodeBlock(blockOf(first(1_249)))[0]]).toEqual([1_250, 0]);
    expect([encodeBlock(blockOf(first(1_250))).length, encodeBlock(blockOf(first(1_250)))[0]]).toEqual([1_251, 1]);
  });

  it.each([
    ['nothing at all', []],
    ['an unknown tag', [2, 0]],
    ['an unfinished gap', [0, 255]],
    ['a number beyond the last', [0, ...Array<number>(40).fill(255), 0]],
    ['raw bytes where gaps are shorter', [1, ...Array<number>(1_249).fill(1), 0]],
    ['raw bytes that are cut off', [1, ...Array<number>(1_249).fill(255)]],
    ['raw bytes with one too many', [1, ...Array<number>(1_251).fill(255)]],
    ['gaps where raw bytes are as short', [0, ...Array<number>(1_250).fill(0)]],
  ])('cannot be read from %s', (_, bytes) => {
    expect(() => decodeBlock(Uint8Array.from(bytes))).toThrow(RangeError);
  });

  it('is asked for by an E.164 number', () => {
    for (const number of [0, -1, 1.5, Number.NaN, 1e15]) expect(() => prefixOf(number)).toThrow(RangeError);
    expect(prefixOf(12_025_550_143)).toBe(1_202_555);
  });
});

function decoded(encoded: Uint8Array): Uint8Array | undefined {
  try {
    return decodeBlock(encoded);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return undefined;
  }
}
