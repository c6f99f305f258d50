import type { Db } from '../../db/connection.ts';
import { newId } from '../../db/ids.ts';
import { NumberSet } from '../../dnc/number-set.ts';
import { countListed, encodeBlock } from '../../proof/number-block.ts';

/** Puts a list in force whose numbers are these, as release `number`, without the way through a file. */
export async function putInForce(
  db: Db, id: string, numbers: readonly number[], { number = 1, jurisdiction = 'US' }: { number?: number; jurisdiction?: string } = {},
): Promise<string> {
  const set = new NumberSet();
  for (const each of numbers) set.add(each);
  const releaseId = newId();
  const state = { release_id: releaseId, release_as_of: new Date(Date.UTC(2026, 10, number)), latest: number };
  const list = { id, jurisdiction, name: id, effect: 'block' as const, created_at: new Date() };
  await db.transaction().execute(async (tx) => {
    await tx.insertInto('dnc_list').values({ ...list, ...state }).onConflict((on) => on.column('id').doUpdateSet(state)).execute();
    await tx.deleteFrom('dnc_block').where('list_id', '=', id).execute();
    for (const prefix of set.prefixes()) {
      const bits = set.bits(prefix) ?? new Uint8Array();
      const block = Buffer.from(encodeBlock(bits));
      await tx.insertInto('dnc_block').values({
        list_id: id, prefix: BigInt(prefix), begun: number, numbers: countListed(bits), digest: Buffer.alloc(32), block,
      }).execute();
    }
  });
  return releaseId;
}
