import { sql } from 'kysely';
import { asBytes, asInteger, asUuid, asWide } from './binary.ts';
import type { Db } from './connection.ts';
import type { CopyTransaction } from './copy.ts';
import { wideInteger } from './copy-reading.ts';
import type { CopyTable } from './copy-rows.ts';

const AT_ONCE = 20_000;

/** What a release will change a block to (db/dnc-schema.ts). */
export interface StagedBlock {
  release_id: string;
  prefix: number;
  numbers: number;
  digest: Uint8Array | null;
  block: Uint8Array | null;
  flipped: Uint8Array | null;
}

export const STAGED_BLOCKS: CopyTable<StagedBlock> = {
  name: 'dnc_staged_block',
  columns: { release_id: asUuid, prefix: asWide, numbers: asInteger, digest: asBytes, block: asBytes, flipped: asBytes },
};

/** What is staged of a block, as far as its numbers go. */
export type StagedBits = Pick<StagedBlock, 'prefix' | 'block' | 'flipped'>;

/** The blocks that a release has staged, some at a time, by prefix. They are to be read at once (copy-reading.ts). */
export async function* readStaged({ read }: Pick<CopyTransaction, 'read'>, releaseId: string): AsyncGenerator<StagedBits[]> {
  const query = `select prefix, block, flipped from dnc_staged_block where release_id = '${uuid(releaseId)}' order by prefix`;
  for await (const rows of read(query)) {
    yield rows.map(([prefix, block = null, flipped = null]) => ({ prefix: wideInteger(prefix), block, flipped }));
  }
}

/** What a release has staged of one block; null when it leaves it as it is. */
export async function stagedBlock(db: Db, releaseId: string, prefix: number): Promise<StagedBits | null> {
  const row = await db
    .selectFrom('dnc_staged_block')
    .select(['block', 'flipped'])
    .where('release_id', '=', releaseId)
    .where('prefix', '=', BigInt(prefix))
    .executeTakeFirst();
  return row ? { prefix, ...row } : null;
}

/** Whether everything that a release has staged is still there: a crash of PostgreSQL takes it away. */
export async function isStaged(db: Db, releaseId: string, blocks: number | null): Promise<boolean> {
  const { rows: [found] } = await sql<{ count: bigint }>`
    select count(*) from dnc_staged_block where release_id = ${releaseId}`.execute(db);
  return blocks !== null && found?.count === BigInt(blocks);
}

/**
 * Removes what a release has staged, a part at a time. Each part is a range of prefixes: by figures of a table that was empty a
 * moment ago, PostgreSQL would look for every row of a list of them among all.
 */
export async function dropStagedBlocks(db: Db, releaseId: string): Promise<void> {
  for (let after = -1n; ;) {
    const { rows: [page] } = await sql<{ last: bigint | null }>`
      select max(prefix) as last from (
        select prefix from dnc_staged_block where release_id = ${releaseId} and prefix > ${after} order by prefix limit ${AT_ONCE}) page`.execute(db);
    const last = page?.last ?? null;
    if (last === null) return;
    await sql`delete from dnc_staged_block where release_id = ${releaseId} and prefix > ${after} and prefix <= ${last}`.execute(db);
    after = last;
  }
}

/** Ends what an activation that came to nothing had begun: new leads need not be looked up in that release any more. */
export async function forgetActivation(db: Db, releaseId: string): Promise<void> {
  await db.updateTable('dnc_list').set({ activating: null }).where('activating', '=', releaseId).execute();
  await db.deleteFrom('dnc_latecomer').where('release_id', '=', releaseId).execute();
}

/** Queries of COPY take no parameters. */
export function uuid(id: string): string {
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new Error('this is no id');
  return id;
}
