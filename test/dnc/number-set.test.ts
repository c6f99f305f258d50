import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NumberChanges, NumberSet } from '../../dnc/number-set.ts';
import { BLOCK_BYTES, countListed } from '../../proof/number-block.ts';
import { numbersIn } from './block-numbers.ts';

const near = fc.integer({ min: 12_025_550_000, max: 12_025_580_000 });
const number = fc.oneof(near, fc.integer({ min: 1_000_000, max: 999_999_999_999_999 }));
const step = fc.record({ number, action: fc.constantFrom('add', 'add', 'remove') });

function numbersOf(set: NumberSet): number[] {
  return set.prefixes().flatMap((prefix) => numbersIn(prefix, set.bits(prefix) ?? new Uint8Array(BLOCK_BYTES)));
}

function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((one, other) => one - other);
}

describe('a set of numbers', () => {
  it('holds what a plain set would hold', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const [set, plain] = [new NumberSet(), new Set<number>()];
      for (const { number, action } of steps) {
        set[action](number);
        plain[action === 'add' ? 'add' : 'delete'](number);
      }
      expect(numbersOf(set)).toEqual(ascending(plain));
      expect(set.size).toBe(plain.size);
      expect(steps.every(({ number }) => set.has(number) === plain.has(number))).toBe(true);
    }));
  });

  it('has no bits where it has no numbers', () => {
    const set = new NumberSet();
    set.add(12_025_550_143);
    set.remove(12_025_550_143);
    expect([set.size, set.prefixes(), set.bits(1_202_556)]).toEqual([0, [], undefined]);
  });

  it('keeps blocks apart however many there are', () => {
    const set = new NumberSet();
    for (let prefix = 1_202_000; prefix < 1_203_500; prefix += 1) set.add(prefix * 10_000 + (prefix % 10_000));
    expect(set.prefixes()).toHaveLength(1_500);
    expect(set.prefixes().every((prefix) => countListed(set.bits(prefix)!) === 1)).toBe(true);
  });
});

describe('a change of a list', () => {
  it('makes of any list what one would get by following it line by line', () => {
    fc.assert(fc.property(fc.array(number, { maxLength: 40 }), fc.array(step, { maxLength: 60 }), (before, steps) => {
      const [list, changes, plain] = [new NumberSet(), new NumberChanges(), new Set(before)];
      for (const listed of before) list.add(listed);
      for (const { number, action } of steps) {
        changes[action](number);
        plain[action === 'add' ? 'add' : 'delete'](number);
      }
      const prefixes = ascending(new Set([...list.prefixes(), ...changes.prefixes()]));
      const bits = (prefix: number) => list.bits(prefix) ?? new Uint8Array(BLOCK_BYTES);
      const after = prefixes.flatMap((prefix) => numbersIn(prefix, changes.apply(prefix, bits(prefix))));
      expect(after).toEqual(ascending(plain));
      expect(numbersOf(list)).toEqual(ascending(new Set(before)));
    }));
  });

  it('counts each number once, by what is asked for last', () => {
    const changes = new NumberChanges();
    for (const action of ['add', 'remove', 'add'] as const) changes[action](12_025_550_143);
    changes.remove(12_025_550_144);
    expect(changes.counts).toEqual({ added: 1, removed: 1 });
    expect(changes.prefixes()).toEqual([1_202_555]);
  });
});
