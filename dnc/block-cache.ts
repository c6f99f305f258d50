import { arrayText, currentBlocks, type LookUpList } from '../db/dnc-look-up.ts';
import type { Db } from '../db/connection.ts';
import { decodeBlock, prefixOf } from '../proof/number-block.ts';

/** Blocks kept for each list: 50 MB. */
const MOST_BLOCKS = 40_000;

/** The bits of a prefix; null where the list has none. */
export type Bits = Uint8Array | null;

interface Kept {
  releaseId: string | null;
  bits: Map<number, Bits>;
}

/** Blocks of the releases in force that were asked for lately. What is of another release is never answered. */
export class BlockCache {
  readonly #kept = new Map<string, Kept>();

  /** The blocks of a list that some numbers are of, in their order; undefined when another release is in force by now. */
  async blocksOf(db: Db, { list, releaseId }: LookUpList, numbers: readonly number[]): Promise<Bits[] | undefined> {
    const kept = this.#keptOf(list, releaseId);
    const { found, missing } = lookFor(kept.bits, numbers);
    if (missing.size === 0) return found;
    const isFull = kept.bits.size + missing.size > MOST_BLOCKS;
    const bits = isFull ? new Map(numbers.map((number, nth) => [prefixOf(number), found[nth] ?? null])) : kept.bits;
    const rows = await currentBlocks(db, { lists: [list], prefixes: arrayText(missing) });
    if (rows.some((row) => row.releaseId !== releaseId)) return undefined;
    for (const prefix of missing) bits.set(prefix, null);
    for (const { prefix, block } of rows) if (prefix !== null) bits.set(Number(prefix), decodeBlock(block));
    if (isFull) this.#kept.set(list, { releaseId, bits });
    return lookFor(bits, numbers).found;
  }

  #keptOf(list: string, releaseId: string | null): Kept {
    const kept = this.#kept.get(list);
    if (kept?.releaseId === releaseId) return kept;
    const fresh = { releaseId, bits: new Map<number, Bits>() };
    this.#kept.set(list, fresh);
    return fresh;
  }
}

/** The blocks of some numbers, and the prefixes of those that are not kept: mostly none. */
function lookFor(bits: ReadonlyMap<number, Bits>, numbers: readonly number[]): { found: Bits[]; missing: Set<number> } {
  const missing = new Set<number>();
  const found = numbers.map((number) => {
    const prefix = prefixOf(number);
    const block = bits.get(prefix);
    if (block === undefined) missing.add(prefix);
    return block ?? null;
  });
  return { found, missing };
}
