import { arrayText, currentBlocks, type LookUpList } from '../db/dnc-look-up.ts';
import type { Db } from '../db/connection.ts';
import { BLOCK_BYTES, BLOCK_SIZE, decodeBlock, prefixOf } from '../proof/number-block.ts';

/** Blocks kept for each list: 50 MB. */
const MOST_BLOCKS = 40_000;

/** Blocks of the releases in force that were asked for lately. What is of another release is never answered. */
export class BlockCache {
  readonly #kept = new Map<string, KeptBlocks>();

  /** A byte for each of some numbers, in order: 1 where a list has it; undefined when another release is in force by now. */
  async look(db: Db, { list, releaseId }: LookUpList, numbers: readonly number[]): Promise<Uint8Array | undefined> {
    const kept = this.#keptOf(list, releaseId);
    const first = kept.look(numbers);
    if (first.missing.size === 0) return first.listed;
    const isFull = kept.size + first.missing.size > MOST_BLOCKS;
    const blocks = isFull ? new KeptBlocks(releaseId) : kept;
    const wanted = isFull ? new Set(numbers.map(prefixOf)) : first.missing;
    const rows = await currentBlocks(db, { lists: [list], prefixes: arrayText(wanted) });
    if (rows.some((row) => row.releaseId !== releaseId)) return undefined;
    for (const { prefix, block } of rows) if (prefix !== null) blocks.keep(Number(prefix), decodeBlock(block));
    for (const prefix of wanted) blocks.keep(prefix, null);
    if (isFull) this.#kept.set(list, blocks);
    return blocks.look(numbers).listed;
  }

  #keptOf(list: string, releaseId: string | null): KeptBlocks {
    const kept = this.#kept.get(list);
    if (kept?.releaseId === releaseId) return kept;
    const fresh = new KeptBlocks(releaseId);
    this.#kept.set(list, fresh);
    return fresh;
  }
}

/** In the place of a block: its list has none. */
const NONE = -1;

/** Blocks of one release, side by side in one piece of memory: where numbers are drawn from all over, each look is one read. */
class KeptBlocks {
  readonly releaseId: string | null;
  /** Where the bits of a prefix begin. */
  readonly #starts = new Map<number, number>();
  #bits = new Uint8Array(0);
  #end = 0;

  constructor(releaseId: string | null) {
    this.releaseId = releaseId;
  }

  get size(): number {
    return this.#starts.size;
  }

  /** Keeps the bits of a prefix; the first to come stay, as they are of the same release. */
  keep(prefix: number, bits: Uint8Array | null): void {
    if (this.#starts.has(prefix)) return;
    this.#starts.set(prefix, bits === null ? NONE : this.#append(bits));
  }

  #append(bits: Uint8Array): number {
    const start = this.#end;
    this.#end += BLOCK_BYTES;
    if (this.#end > this.#bits.length) {
      const roomier = new Uint8Array(Math.min(Math.max(2 * this.#bits.length, this.#end), MOST_BLOCKS * BLOCK_BYTES));
      roomier.set(this.#bits);
      this.#bits = roomier;
    }
    this.#bits.set(bits, start);
    return start;
  }

  /** Which of some numbers are listed, as far as their blocks are kept, and the prefixes of those that are not: mostly none. */
  look(numbers: readonly number[]): { listed: Uint8Array; missing: Set<number> } {
    const [bits, missing, listed] = [this.#bits, new Set<number>(), new Uint8Array(numbers.length)];
    for (let nth = 0; nth < numbers.length; nth += 1) {
      const number = numbers[nth] as number;
      const prefix = prefixOf(number);
      const start = this.#starts.get(prefix);
      if (start === undefined) missing.add(prefix);
      else if (start !== NONE) {
        const place = number - prefix * BLOCK_SIZE;
        listed[nth] = ((bits[start + (place >> 3)] as number) >> (place & 7)) & 1;
      }
    }
    return { listed, missing };
  }
}
