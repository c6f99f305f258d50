import { hash } from 'node:crypto';
import type { Slices } from './in-slices.ts';

/** The length of every hash here: SHA-256. */
export const HASH_BYTES = 32;

/** What is hashed before a leaf's input, section 2.1.1. */
export const LEAF = 0;

/** How many hashes are made before others get their turn: some milliseconds. */
export const SLICE = 2_048;

const NODE = 1;
const pair = Buffer.alloc(1 + 2 * HASH_BYTES, NODE);

/** A Merkle tree by RFC 9162, section 2.1, with all its levels in memory: 64 bytes for each leaf. */
export class HashTree {
  readonly size: number;
  readonly #levels: Buffer[];

  /** Takes the levels from the leaves up. */
  private constructor(levels: Buffer[]) {
    this.#levels = levels;
    this.size = (levels[0] as Buffer).length / HASH_BYTES;
  }

  /** Takes the hashes of the leaves in their order, one after the other. */
  static* over(leaves: Buffer): Slices<HashTree> {
    const levels = [leaves];
    for (let level = leaves; level.length > HASH_BYTES; levels.push(level)) level = yield* levelAbove(level);
    return new HashTree(levels);
  }

  /** The hash of the whole tree; without leaves that of nothing, as the RFC has it. */
  get hash(): Buffer {
    return this.size === 0 ? Buffer.from(hash('sha256', '', 'hex'), 'hex') : this.#levels.at(-1) as Buffer;
  }

  /** The inclusion path of a leaf, section 2.1.3.1: the sibling on each level from the leaves up, where it has one. */
  path(index: number): Buffer[] {
    return this.#levels.flatMap((level, height) => {
      const sibling = Math.floor(index / 2 ** height) ^ 1;
      const hash = level.subarray(sibling * HASH_BYTES, (sibling + 1) * HASH_BYTES);
      return hash.length === 0 ? [] : [hash];
    });
  }
}

/**
 * The hash of the tree in which a leaf has this index and path, section 2.1.3.2; undefined where a tree of this size has no
 * such leaf, or a path of another length.
 */
export function hashByPath(leafHash: Buffer, index: number, size: number, path: readonly Buffer[]): Buffer | undefined {
  if (index >= size) return undefined;
  let [at, last] = [index, size - 1];
  let result = leafHash;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (at % 2 === 1 || at === last) {
      result = hashPair(sibling, result);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      result = hashPair(result, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 ? result : undefined;
}

/** Hashes neighbours; one that is left over at the end moves up as it is. */
function* levelAbove(level: Buffer): Slices<Buffer> {
  const pairs = Math.floor(level.length / (2 * HASH_BYTES));
  const above = Buffer.allocUnsafe(Math.ceil(level.length / (2 * HASH_BYTES)) * HASH_BYTES);
  for (let at = 0; at < pairs; at += 1) {
    level.copy(pair, 1, 2 * at * HASH_BYTES, 2 * (at + 1) * HASH_BYTES);
    writeHash(above, at, pair);
    if (at % SLICE === SLICE - 1) yield;
  }
  level.copy(above, pairs * HASH_BYTES, 2 * pairs * HASH_BYTES);
  return above;
}

/** Puts the SHA-256 of some bytes at an index of a flat array of hashes. By way of a string: four times as fast as a Buffer. */
export function writeHash(hashes: Buffer, index: number, bytes: Uint8Array): void {
  hashes.write(hash('sha256', bytes, 'binary'), index * HASH_BYTES, HASH_BYTES, 'latin1');
}

function hashPair(left: Buffer, right: Buffer): Buffer {
  return Buffer.from(hash('sha256', Buffer.concat([Uint8Array.of(NODE), left, right]), 'hex'), 'hex');
}
