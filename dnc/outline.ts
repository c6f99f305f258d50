import { DIGEST_BYTES, type ListOutline } from '../db/dnc-blocks.ts';
import { ListTree } from '../proof/merkle-tree.ts';
import type { BlockChange } from './comparing.ts';

/** What is left to say of a list once its changed blocks are known. */
export interface OutlineSums {
  numbers: number;
  foreign: number;
  leaves: number;
  root: string;
}

type Leaf = Pick<BlockChange, 'prefix' | 'numbers' | 'digest'>;

/** The outline of a list, found by prefix, and what becomes of it. */
export class Outline {
  readonly prefixes: readonly number[];
  /** Of the list as it is. */
  readonly total: number;
  readonly #base: ListOutline;
  readonly #places: ReadonlyMap<number, number>;
  readonly #changes = new Map<number, Leaf>();

  constructor(base: ListOutline) {
    this.#base = base;
    this.prefixes = base.prefixes;
    this.total = base.numbers.reduce((sum, numbers) => sum + numbers, 0);
    this.#places = new Map(base.prefixes.map((prefix, place) => [prefix, place]));
  }

  /** The digest of a block of the list as it is; null where it has none. */
  digest(prefix: number): Buffer | null {
    const place = this.#places.get(prefix);
    return place === undefined ? null : this.#base.digests.subarray(place * DIGEST_BYTES, (place + 1) * DIGEST_BYTES);
  }

  change({ prefix, numbers, digest }: Leaf): void {
    this.#changes.set(prefix, { prefix, numbers, digest });
  }

  /** The list after the changes: its size, the numbers of other countries, and the root of its tree. */
  sums(isForeign: (prefix: number) => boolean): OutlineSums {
    const leaves = this.#leavesAfter();
    const digests = Buffer.allocUnsafe(leaves.length * DIGEST_BYTES);
    let [numbers, foreign] = [0, 0];
    leaves.forEach((leaf, place) => {
      digests.set(leaf.digest ?? [], place * DIGEST_BYTES);
      numbers += leaf.numbers;
      if (isForeign(leaf.prefix)) foreign += leaf.numbers;
    });
    const tree = new ListTree({ prefixes: leaves.map(({ prefix }) => prefix), digests });
    return { numbers, foreign, leaves: tree.size, root: tree.root };
  }

  #leavesAfter(): Leaf[] {
    const kept = this.prefixes.flatMap((prefix, place) => {
      return this.#changes.has(prefix) ? [] : [{ prefix, numbers: this.#base.numbers[place] ?? 0, digest: this.digest(prefix) }];
    });
    const changed = [...this.#changes.values()].filter(({ digest }) => digest !== null);
    return [...kept, ...changed].sort((one, other) => one.prefix - other.prefix);
  }
}
