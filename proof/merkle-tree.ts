import { hash } from 'node:crypto';
import { atOnce, inSlices, type Slices } from './in-slices.ts';
import { hashLeaf, hashLeaves, isCount, rootOf } from './list-hash.ts';
import { BLOCK_SIZE, decodeBlock, isListed, prefixOf } from './number-block.ts';
import { HASH_BYTES, hashByPath, HashTree } from './tree-hash.ts';

/** The blocks of a list in ascending order of their prefixes, with the SHA-256 of each as encoded, one after the other. */
export interface ListLeaves {
  prefixes: readonly number[] | Float64Array;
  digests: Uint8Array;
}

/** A leaf without its block: enough to show where a block would be. Hashes are base64url. */
export interface NeighbourPath {
  prefix: number;
  digest: string;
  index: number;
  path: string[];
}

/**
 * What proves of one number whether a list holds it, as JSON: the block of its prefix and the way from there to the root, or
 * the two neighbours between which that block would be (null: the list starts or ends there). Bytes are base64url.
 */
export type NumberPath =
  | { kind: 'block'; index: number; size: number; block: string; path: string[] }
  | { kind: 'no_block'; size: number; before: NeighbourPath | null; after: NeighbourPath | null };

const EMPTY = atOnce(HashTree.over(Buffer.alloc(0)));

/** The SHA-256 of an encoded block, as its leaf has it. */
export function blockDigest(encoded: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', encoded, 'hex'), 'hex');
}

/**
 * The Merkle tree (RFC 9162, section 2.1) over the blocks of a list. A leaf's input is the prefix as eight bytes, the highest
 * first, and the digest of the encoded block. Throws a RangeError unless prefixes ascend and each has its digest.
 */
export class ListTree {
  /** Hex: the SHA-256 of a byte 2, the number of leaves as eight bytes, the highest first, and the tree's hash. */
  readonly root: string;
  readonly size: number;
  readonly #prefixes: Float64Array;
  readonly #digests: Buffer;
  readonly #tree: HashTree;

  constructor(leaves: ListLeaves, tree: HashTree = atOnce(treeOver(leaves))) {
    this.#prefixes = Float64Array.from(leaves.prefixes);
    this.#digests = bufferOf(leaves.digests);
    this.size = this.#prefixes.length;
    this.#tree = tree;
    this.root = rootOf(this.size, tree.hash);
  }

  /** The same without keeping the thread from others: the whole United States take half a second. */
  static async grow(leaves: ListLeaves): Promise<ListTree> {
    return new ListTree(leaves, await inSlices(treeOver(leaves)));
  }

  /**
   * The proof for a number, listed or not. `encodedBlock` is the block of its prefix, null when the list has none. Throws a
   * RangeError for what is no E.164 number, and for a block that is not the one of this tree.
   */
  prove(number: number, encodedBlock: Uint8Array | null): NumberPath {
    const prefix = prefixOf(number);
    const index = this.#indexOf(prefix);
    const { size } = this;
    if (this.#prefixes[index] !== prefix) {
      if (encodedBlock !== null) throw new RangeError('the tree has no block of that prefix');
      return { kind: 'no_block', size, before: this.#neighbour(index - 1), after: this.#neighbour(index) };
    }
    if (encodedBlock === null || !blockDigest(encodedBlock).equals(this.#digest(index))) {
      throw new RangeError('this is not the block that the tree was made of');
    }
    return { kind: 'block', index, size, block: Buffer.from(encodedBlock).toString('base64url'), path: this.#path(index) };
  }

  /** Where a prefix is, or would be. */
  #indexOf(prefix: number): number {
    let [low, high] = [0, this.size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#prefixes[middle] as number) < prefix) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #neighbour(index: number): NeighbourPath | null {
    const prefix = this.#prefixes[index];
    if (prefix === undefined) return null;
    return { prefix, digest: this.#digest(index).toString('base64url'), index, path: this.#path(index) };
  }

  #digest(index: number): Buffer {
    return this.#digests.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  }

  #path(index: number): string[] {
    return this.#tree.path(index).map((hash) => hash.toString('base64url'));
  }
}

function* treeOver({ prefixes, digests }: ListLeaves): Slices<HashTree> {
  return yield* HashTree.over(yield* hashLeaves(Float64Array.from(prefixes), bufferOf(digests)));
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Whether a number was listed, by nothing but the root of the list (hex) and the number's path. Throws an Error that says in a
 * sentence what does not fit when anything of it was changed.
 */
export function checkNumber(root: string, number: number, path: NumberPath): { listed: boolean } {
  const prefix = prefixOf(number);
  switch (path.kind) {
    case 'block': return { listed: checkBlock(root, prefix, number % BLOCK_SIZE, path) };
    case 'no_block':
      checkAbsence(root, prefix, path);
      return { listed: false };
    default: throw new Error('The path is of no known kind.');
  }
}

function checkBlock(root: string, prefix: number, place: number, path: Extract<NumberPath, { kind: 'block' }>): boolean {
  const encoded = bytesOf(path.block);
  checkLeaf(root, path.size, { ...path, prefix, digest: blockDigest(encoded).toString('base64url') });
  return isListed(decodeBlock(encoded), place);
}

function checkAbsence(root: string, prefix: number, path: Extract<NumberPath, { kind: 'no_block' }>): void {
  const { size, before, after } = path;
  if (before === null && after === null) return checkRoot(root, size, size === 0 ? EMPTY.hash : undefined);
  for (const leaf of [before, after]) if (leaf !== null) checkLeaf(root, size, leaf);
  const between = (before === null || before.prefix < prefix) && (after === null || after.prefix > prefix);
  if (!between) throw new Error('The block of the number would not lie between the two leaves.');
  const next = before === null ? 0 : before.index + 1;
  if (next !== (after === null ? size : after.index)) throw new Error('The two leaves are not neighbours, another may lie between them.');
}

function checkLeaf(root: string, size: number, leaf: NeighbourPath): void {
  if (!isCount(size) || !isCount(leaf.index) || !isCount(leaf.prefix)) throw new Error('The path holds something that is no number.');
  if (!Array.isArray(leaf.path)) throw new Error('The path holds no hashes.');
  const leafHash = hashLeaf(leaf.prefix, hashOf(leaf.digest));
  checkRoot(root, size, hashByPath(leafHash, leaf.index, size, leaf.path.map(hashOf)));
}

function checkRoot(root: string, size: number, treeHash: Buffer | undefined): void {
  if (treeHash === undefined) throw new Error('A list of this size has no such path.');
  if (rootOf(size, treeHash) !== root) throw new Error('The path does not lead to the root of the list.');
}

function hashOf(text: string): Buffer {
  const bytes = bytesOf(text);
  if (bytes.length !== HASH_BYTES) throw new Error('The path holds something that is no hash.');
  return bytes;
}

/** Strict: base64url has several spellings of some bytes, and only one is what was written. */
function bytesOf(text: unknown): Buffer {
  const bytes = Buffer.from(typeof text === 'string' ? text : '', 'base64url');
  if (bytes.toString('base64url') !== text) throw new Error('The path holds something that is not base64url.');
  return bytes;
}
