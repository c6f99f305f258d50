import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Db } from '../db/connection.ts';
import { leavesAfter, ofOneMoment, type LeafRow } from '../db/dnc-leaves.ts';
import { blockDigest, type ListLeaves } from '../proof/merkle-tree.ts';
import { encodeBlock } from '../proof/number-block.ts';
import { PastBlock } from './past.ts';

/** Blocks read at once, and among them those looked into before others get their turn: some milliseconds each. */
const PAGE = 500;
const SLICE = 50;

/** The leaves of the tree of a list after a release (by its number); only blocks that have changed since are looked into. */
export async function leavesAt(db: Db, list: string, number: number): Promise<ListLeaves> {
  const prefixes: number[] = [];
  const digests: Uint8Array[] = [];
  await ofOneMoment(db, async (tx) => {
    for (let after = -1n, more = true; more;) {
      const rows = await leavesAfter(tx, { list, number, after: String(after), limit: PAGE });
      for (const [nth, row] of rows.entries()) {
        if (nth % SLICE === 0) await nextTurn();
        const digest = digestAt(row, number);
        if (!digest) continue;
        prefixes.push(Number(row.prefix));
        digests.push(digest);
      }
      after = rows.at(-1)?.prefix ?? after;
      more = rows.length === PAGE;
    }
  });
  return { prefixes, digests: Buffer.concat(digests) };
}

/** The encoded block of a prefix after a release, null where the list had no number there: what its leaf was made of. */
export function blockAt(past: PastBlock, number: number): Uint8Array | null {
  const bits = past.bitsAt(number);
  return bits.some((byte) => byte !== 0) ? encodeBlock(bits) : null;
}

function digestAt({ begun, listed, digest, block, numbers, flips }: LeafRow, number: number): Uint8Array | null {
  if (begun > number) return null;
  if (!block || !numbers || !flips) return listed > 0 ? digest : null;
  const then = blockAt(new PastBlock({ begun, block, numbers, flips }), number);
  return then && blockDigest(then);
}
