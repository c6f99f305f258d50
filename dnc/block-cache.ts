import { arrayText, currentBlocks, type LookUpList } from '../db/dnc-look-up.ts';
import type { Db } from '../db/connection.ts';
import { decodeBlock } from '../proof/number-block.ts';

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

  /** The blocks of a list by prefix, those asked for among them; undefined when another release has come into force meanwhile. */
  async blocksOf(
    db: Db, { list, releaseId }: LookUpList, prefixes: ReadonlySet<number>,
  ): Promise<ReadonlyMap<number, Bits> | undefined> {
    const kept = this.#keptOf(list, releaseId);
    const missing = [...prefixes].filter((prefix) => !kept.bits.has(prefix));
    if (missing.length === 0) return kept.bits;
    const isFull = kept.bits.size + missing.length > MOST_BLOCKS;
    const asked = () => [...prefixes].map((prefix): [number, Bits] => [prefix, kept.bits.get(prefix) ?? null]);
    const bits = isFull ? new Map(asked()) : kept.bits;
    const rows = await currentBlocks(db, { lists: [list], prefixes: arrayText(missing) });
    if (rows.some((row) => row.releaseId !== releaseId)) return undefined;
    for (const prefix of missing) bits.set(prefix, null);
    for (const { prefix, block } of rows) if (prefix !== null) bits.set(Number(prefix), decodeBlock(block));
    if (isFull) this.#kept.set(list, { releaseId, bits });
    return bits;
  }

  #keptOf(list: string, releaseId: string | null): Kept {
    const kept = this.#kept.get(list);
    if (kept?.releaseId === releaseId) return kept;
    const fresh = { releaseId, bits: new Map<number, Bits>() };
    this.#kept.set(list, fresh);
    return fresh;
  }
}
