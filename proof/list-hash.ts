import { hash } from 'node:crypto';
import { atOnce, type Slices } from './in-slices.ts';
import { HASH_BYTES, LEAF, SLICE, writeHash } from './tree-hash.ts';

const PREFIX_BYTES = 8;
const LEAF_BYTES = 1 + PREFIX_BYTES + HASH_BYTES;
const ROOT = 2;
const TWO_TO_32 = 0x1_0000_0000;

/** The hash of a block's leaf, whose input is the prefix as eight bytes, the highest first, and the block's digest. */
export function hashLeaf(prefix: number, digest: Uint8Array): Buffer {
  return atOnce(hashLeaves(Float64Array.of(prefix), Buffer.from(digest)));
}

/** The hashes of all leaves, one after the other. Throws a RangeError unless prefixes ascend and each has its digest. */
export function* hashLeaves(prefixes: Float64Array, digests: Buffer): Slices<Buffer> {
  if (digests.length !== prefixes.length * HASH_BYTES) throw new RangeError('every block has one digest of 32 bytes');
  const hashes = Buffer.allocUnsafe(digests.length);
  const leaf = Buffer.alloc(LEAF_BYTES, LEAF);
  for (const [index, prefix] of prefixes.entries()) {
    if (!isCount(prefix) || (index > 0 && prefix <= (prefixes[index - 1] as number))) throw new RangeError('prefixes must ascend');
    writeWide(leaf, prefix, 1);
    digests.copy(leaf, 1 + PREFIX_BYTES, index * HASH_BYTES, (index + 1) * HASH_BYTES);
    writeHash(hashes, index, leaf);
    if (index % SLICE === SLICE - 1) yield;
  }
  return hashes;
}

/** The root of a list, in hex: the SHA-256 of a byte 2, the number of leaves as eight bytes, and the hash of their tree. */
export function rootOf(size: number, treeHash: Buffer): string {
  const bytes = Buffer.alloc(1 + PREFIX_BYTES + HASH_BYTES, ROOT);
  writeWide(bytes, size, 1);
  treeHash.copy(bytes, 1 + PREFIX_BYTES);
  return hash('sha256', bytes, 'hex');
}

function writeWide(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32BE(Math.floor(value / TWO_TO_32), at);
  bytes.writeUInt32BE(value % TWO_TO_32, at + 4);
}

/** Whether this is a whole number from nought up, of those that JavaScript counts exactly. */
export function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
