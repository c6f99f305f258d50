import type { CopyTransaction } from './copy.ts';
import { wideInteger } from './copy-reading.ts';

/** All blocks of a list, by prefix, without their bits: digests one after the other. */
export interface ListOutline {
  prefixes: number[];
  digests: Buffer;
  numbers: number[];
}

/** How many bytes the digest of a block has. */
export const DIGEST_BYTES = 32;

/** Reads the outline of a list in force: some 44 bytes a block. */
export async function readOutline({ read }: Pick<CopyTransaction, 'read'>, listId: string): Promise<ListOutline> {
  const outline: ListOutline = { prefixes: [], digests: Buffer.alloc(0), numbers: [] };
  const digests: Buffer[] = [];
  const query = `select prefix, digest, numbers from dnc_block where list_id = ${literal(listId)} and numbers > 0 order by prefix`;
  for await (const rows of read(query)) {
    const portion = Buffer.allocUnsafe(rows.length * DIGEST_BYTES);
    rows.forEach(([prefix, digest, numbers], nth) => {
      outline.prefixes.push(wideInteger(prefix));
      outline.numbers.push(numbers?.readInt32BE(0) ?? 0);
      digest?.copy(portion, nth * DIGEST_BYTES);
    });
    digests.push(portion);
  }
  return { ...outline, digests: Buffer.concat(digests) };
}

/** The encoded blocks of some prefixes of a list in force, where it has them. */
export async function readBlocks(
  { read }: Pick<CopyTransaction, 'read'>, listId: string, prefixes: readonly number[],
): Promise<Map<number, Buffer>> {
  const blocks = new Map<number, Buffer>();
  if (prefixes.length === 0) return blocks;
  const wanted = `prefix = any('{${prefixes.map(Number).join(',')}}')`;
  for await (const rows of read(`select prefix, block from dnc_block where list_id = ${literal(listId)} and ${wanted}`)) {
    for (const [prefix, block] of rows) if (block) blocks.set(wideInteger(prefix), Buffer.from(block));
  }
  return blocks;
}

/** Queries of COPY take no parameters. */
function literal(text: string): string {
  if (!/^[a-z0-9._-]+$/.test(text)) throw new Error('this is no id of a list');
  return `'${text}'`;
}
