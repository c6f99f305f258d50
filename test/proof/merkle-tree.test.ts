import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { blockDigest, checkNumber, ListTree, type NumberPath } from '../../proof/merkle-tree.ts';
import { BLOCK_BYTES, encodeBlock } from '../../proof/number-block.ts';

/** Blocks by prefix; each lists its number 7, and as many others as make blocks differ. */
const list = fc.uniqueArray(fc.integer({ min: 1_000, max: 1_200 }), { maxLength: 70 }).map((prefixes) =>
  new Map(prefixes.sort((one, other) => one - other).map((prefix) => [prefix, blockWith(7, prefix)])));
const somePlace = fc.constantFrom(7, 8, 1_111);
const someNumber = fc.tuple(fc.integer({ min: 998, max: 1_202 }), somePlace).map(([prefix, place]) => prefix * 10_000 + place);

function blockWith(...listed: number[]): Uint8Array {
  const bits = new Uint8Array(BLOCK_BYTES);
  for (const place of listed) bits[place >> 3]! |= 1 << (place & 7);
  return encodeBlock(bits);
}

function treeOf(blocks: Map<number, Uint8Array>): ListTree {
  return new ListTree({ prefixes: [...blocks.keys()], digests: Buffer.concat([...blocks.values()].map(blockDigest)) });
}

function prove(blocks: Map<number, Uint8Array>, number: number): NumberPath {
  return treeOf(blocks).prove(number, blocks.get(Math.floor(number / 10_000)) ?? null);
}

describe('the tree of a list', () => {
  it('has the root that RFC 9162 gives to its leaves, and the number of them', () => {
    fc.assert(fc.property(list, (blocks) => {
      const inputs = [...blocks].map(([prefix, block]) => Buffer.concat([wide(prefix), blockDigest(block)]));
      expect(treeOf(blocks).root).toBe(sha256(Buffer.of(2), wide(inputs.length), naiveTreeHash(inputs)).toString('hex'));
    }));
  });

  it('proves of any number, without the list, whether it is listed', () => {
    fc.assert(fc.property(list, someNumber, (blocks, number) => {
      const path = JSON.parse(JSON.stringify(prove(blocks, number))) as NumberPath;
      const [prefix, place] = [Math.floor(number / 10_000), number % 10_000];
      const listed = blocks.has(prefix) && (place === 7 || place === prefix);
      expect(checkNumber(treeOf(blocks).root, number, path)).toEqual({ listed });
    }), { numRuns: 500 });
  });

  it('notices any change of a proof, wherever it is', () => {
    fc.assert(fc.property(list, someNumber, fc.nat(), fc.nat(), (blocks, number, where, how) => {
      const path = prove(blocks, number);
      const changed = JSON.parse(JSON.stringify(path)) as NumberPath;
      tamper(changed, where, how);
      fc.pre(JSON.stringify(changed) !== JSON.stringify(path));
      expect(() => checkNumber(treeOf(blocks).root, number, changed)).toThrow(Error);
    }), { numRuns: 3000 });
  });

  it('notices another root', () => {
    fc.assert(fc.property(list, someNumber, fc.integer({ min: 0, max: 63 }), (blocks, number, at) => {
      const { root } = treeOf(blocks);
      const other = root.slice(0, at) + (root[at] === '0' ? '1' : '0') + root.slice(at + 1);
      expect(() => checkNumber(other, number, prove(blocks, number))).toThrow('does not lead to the root');
    }));
  });

  it('shows no block to be missing that is there', () => {
    const blocks = new Map([1_000, 1_001, 1_002, 1_003].map((prefix) => [prefix, blockWith(7)]));
    const tree = treeOf(blocks);
    const { after: first } = absence(tree.prove(9_990_000, null));
    const { before: last } = absence(tree.prove(10_040_000, null));
    expect(() => checkNumber(tree.root, 10_020_007, { kind: 'no_block', size: 4, before: first, after: last })).toThrow('not neighbours');
    expect(() => checkNumber(tree.root, 10_020_007, { kind: 'no_block', size: 4, before: first, after: null })).toThrow('not neighbours');
    expect(() => checkNumber(tree.root, 10_020_007, { kind: 'no_block', size: 4, before: null, after: last })).toThrow('not neighbours');
    expect(() => checkNumber(tree.root, 10_000_007, { kind: 'no_block', size: 4, before: null, after: first })).toThrow('would not lie between');
    expect(() => checkNumber(tree.root, 10_020_007, { kind: 'no_block', size: 0, before: null, after: null })).toThrow('does not lead to the root');
  });

  it('gives the block of one number for no other', () => {
    const blocks = new Map([1_000, 1_001].map((prefix) => [prefix, blockWith(7)]));
    const path = prove(blocks, 10_000_007);
    expect(() => checkNumber(treeOf(blocks).root, 10_010_007, path)).toThrow('does not lead to the root');
  });

  it('proves the absence of everything from an empty list', () => {
    const empty = new Map<number, Uint8Array>();
    expect(treeOf(empty).root).toBe(sha256(Buffer.of(2), wide(0), sha256()).toString('hex'));
    expect(checkNumber(treeOf(empty).root, 12_025_550_143, prove(empty, 12_025_550_143))).toEqual({ listed: false });
  });

  it('is made of ascending prefixes and their own blocks only', () => {
    const digests = Buffer.alloc(64);
    expect(() => new ListTree({ prefixes: [1_001, 1_000], digests })).toThrow(RangeError);
    expect(() => new ListTree({ prefixes: [1_000, 1_000], digests })).toThrow(RangeError);
    expect(() => new ListTree({ prefixes: [1_000], digests })).toThrow(RangeError);
    const tree = treeOf(new Map([[1_000, blockWith(7)]]));
    expect(() => tree.prove(10_000_007, blockWith(8))).toThrow('not the block');
    expect(() => tree.prove(10_000_007, null)).toThrow('not the block');
    expect(() => tree.prove(10_010_007, blockWith(7))).toThrow('no block of that prefix');
    expect(() => tree.prove(-1, null)).toThrow(RangeError);
  });
});

function absence(path: NumberPath): Extract<NumberPath, { kind: 'no_block' }> {
  if (path.kind !== 'no_block') throw new Error('the block is there');
  return path;
}

/** RFC 9162, section 2.1.1, to the letter. */
function naiveTreeHash(inputs: readonly Buffer[]): Buffer {
  if (inputs.length === 0) return sha256();
  if (inputs.length === 1) return sha256(Buffer.of(0), inputs[0]!);
  let half = 1;
  while (half * 2 < inputs.length) half *= 2;
  return sha256(Buffer.of(1), naiveTreeHash(inputs.slice(0, half)), naiveTreeHash(inputs.slice(half)));
}

function sha256(...parts: Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}

function wide(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Changes one value somewhere in a tree of JSON. */
function tamper(value: object, where: number, how: number): void {
  const spots = spotsOf(value);
  const [holder, key] = spots[where % spots.length]!;
  const before = holder[key];
  if (typeof before === 'number') holder[key] = Math.max(0, before + (how % 2 === 0 ? 1 : -1) * (1 + (how % 5)));
  else if (typeof before === 'string') holder[key] = tamperText(before, how);
  else if (Array.isArray(before)) holder[key] = tamperPath(before as string[], how);
  else holder[key] = null;
}

function tamperText(text: string, how: number): string {
  const at = how % text.length;
  const other = text[at] === 'A' ? 'B' : 'A';
  return how % 3 === 0 ? text.slice(0, -1) : text.slice(0, at) + other + text.slice(at + 1);
}

function tamperPath(path: readonly string[], how: number): string[] {
  if (how % 3 === 0) return path.slice(1);
  return how % 3 === 1 ? [...path, 'A'.repeat(43)] : [...path].reverse();
}

function spotsOf(value: object): [Record<string, unknown>, string][] {
  return Object.entries(value).flatMap(([key, item]: [string, unknown]) => [
    [value as Record<string, unknown>, key] as [Record<string, unknown>, string],
    ...(typeof item === 'object' && item !== null ? spotsOf(item) : []),
  ]);
}
