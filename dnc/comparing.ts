import { blockDigest } from '../proof/merkle-tree.ts';
import { BLOCK_BYTES, countListed, decodeBlock, encodeBlock } from '../proof/number-block.ts';
import type { FileContent } from './reading.ts';
import { areaCodeOf } from './prefixes.ts';

/** What becomes of a block that changes. */
export interface BlockChange {
  prefix: number;
  numbers: number;
  digest: Uint8Array | null;
  block: Uint8Array | null;
  /** Null for a block that is new. */
  flipped: Uint8Array | null;
  added: number;
  removed: number;
}

/** What a file would make of the blocks of a list. */
export interface Comparison {
  /** The prefixes that the file may change, ascending. */
  prefixes: readonly number[];
  /** Whether the bits that are there have to be looked at; where not, the block stays as it is. */
  mayChange(prefix: number, digest: Buffer | null): boolean;
  change(prefix: number, before: Uint8Array | null): BlockChange | null;
}

const NOTHING = new Uint8Array(BLOCK_BYTES);

/**
 * A full file replaces the prefixes of its area codes, or all of them; what it holds beyond its area codes is added. A change
 * is applied to what is there.
 */
export function compare(content: FileContent, listed: readonly number[], areaCodes: ReadonlySet<number> | null): Comparison {
  return content.kind === 'full' ? compareFull(content, listed, areaCodes) : compareChange(content);
}

function compareFull(
  { numbers }: Extract<FileContent, { kind: 'full' }>, listed: readonly number[], areaCodes: ReadonlySet<number> | null,
): Comparison {
  const isReplaced = (prefix: number) => areaCodes === null || areaCodes.has(areaCodeOf(prefix) ?? -1);
  const held = numbers.prefixes();
  const made = new Map<number, Encoded>();
  const encodedOf = (prefix: number) => {
    const encoded = made.get(prefix) ?? encode(numbers.bits(prefix) ?? NOTHING);
    made.set(prefix, encoded);
    return encoded;
  };
  return {
    prefixes: union(held, listed.filter(isReplaced)),
    mayChange: (prefix, digest) => !isReplaced(prefix) || digest === null || !encodedOf(prefix).digest?.equals(digest),
    change(prefix, before) {
      const bits = numbers.bits(prefix) ?? NOTHING;
      if (!isReplaced(prefix)) return changeOf(prefix, before, before ? both(before, bits) : bits);
      const encoded = encodedOf(prefix);
      made.delete(prefix);
      return changeOf(prefix, before, bits, encoded);
    },
  };
}

function compareChange({ numbers }: Extract<FileContent, { kind: 'change' }>): Comparison {
  return {
    prefixes: numbers.prefixes(),
    mayChange: () => true,
    change: (prefix, before) => changeOf(prefix, before, numbers.apply(prefix, before ?? NOTHING)),
  };
}

interface Encoded {
  numbers: number;
  block: Uint8Array | null;
  digest: Buffer | null;
}

function encode(bits: Uint8Array): Encoded {
  const numbers = countListed(bits);
  if (numbers === 0) return { numbers, block: null, digest: null };
  const block = encodeBlock(bits);
  return { numbers, block, digest: blockDigest(block) };
}

/** Null where nothing changes. */
function changeOf(prefix: number, before: Uint8Array | null, after: Uint8Array, encoded = encode(after)): BlockChange | null {
  const { numbers } = encoded;
  if (before === null) return numbers === 0 ? null : { prefix, ...encoded, flipped: null, added: numbers, removed: 0 };
  const flips = differenceOf(before, after);
  const flipped = countListed(flips);
  if (flipped === 0) return null;
  const added = (flipped + numbers - countListed(before)) / 2;
  return { prefix, ...encoded, flipped: encodeBlock(flips), added, removed: flipped - added };
}

/** The bits of an encoded block that may not be there. */
export function bitsOf(block: Uint8Array | undefined): Uint8Array | null {
  return block ? decodeBlock(block) : null;
}

function differenceOf(one: Uint8Array, other: Uint8Array): Uint8Array {
  const difference = new Uint8Array(BLOCK_BYTES);
  for (let at = 0; at < BLOCK_BYTES; at += 1) difference[at] = (one[at] as number) ^ (other[at] as number);
  return difference;
}

function both(one: Uint8Array, other: Uint8Array): Uint8Array {
  return one.map((byte, at) => byte | (other[at] as number));
}

function union(one: readonly number[], other: readonly number[]): number[] {
  return [...new Set([...one, ...other])].sort((a, b) => a - b);
}
