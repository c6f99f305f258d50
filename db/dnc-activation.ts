import { sql } from 'kysely';
import type { Db } from './connection.ts';
import type { DncListRow } from './dnc-lists.ts';
import { leadColumns, type LeadCounts } from './dnc-release-work.ts';
import type { Release } from './dnc-releases.ts';

/** What an empty block is written as, and its digest. */
export interface EmptyBlock {
  block: Uint8Array;
  digest: Uint8Array;
}

/** Makes what a release has staged the blocks of its list, and keeps what it flips. Answers how many blocks there were. */
export async function putBlocksInForce(
  db: Db, release: { id: string; list: string; number: number }, { block, digest }: EmptyBlock,
): Promise<number> {
  const { id, list, number } = release;
  // What is flipped of a block that is empty is all of it, as of one that is new; but the empty one was there before.
  await sql`
    insert into dnc_flip (list_id, prefix, number, flipped)
    select ${list}, prefix, ${number}, coalesce(flipped, block) from dnc_staged_block staged
    where release_id = ${id} and (flipped is not null or exists (
      select 1 from dnc_block where list_id = ${list} and dnc_block.prefix = staged.prefix))
    order by prefix`.execute(db);
  const { numAffectedRows } = await sql`
    insert into dnc_block (list_id, prefix, begun, numbers, digest, block)
    select ${list}, prefix, ${number}, numbers, coalesce(digest, ${digest}), coalesce(block, ${block}) from dnc_staged_block
    where release_id = ${id} order by prefix
    on conflict (list_id, prefix) do update set numbers = excluded.numbers, digest = excluded.digest, block = excluded.block`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** What becomes of a release on coming into force. */
export interface InForce {
  number: number;
  from: Date;
  leads: LeadCounts;
  signature: { kid: string; value: string } | null;
  timings: Release['timings'];
}

/**
 * Puts a release in force: its list points at it, the one before is superseded, as is every one of an earlier moment that waits
 * for approval. False when it was given up meanwhile.
 */
export async function putInForce(
  db: Db, release: Release, { number, from, leads, signature, timings }: InForce,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('dnc_release')
    .set({
      state: 'in_force', number, in_force_from: from, phase: null, timings: JSON.stringify(timings), ...leadColumns(leads),
      signature: signature?.value ?? null, signed_by: signature?.kid ?? null,
    })
    .where('id', '=', release.id)
    .where('state', '=', 'parsing')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await sql`
    update dnc_release set state = 'superseded', ended_at = ${from}, phase = null
    where list_id = ${release.list} and id <> ${release.id} and (
      state = 'in_force'
      or (state = 'awaiting_approval' and not dry_run and (as_of, id) < (${release.asOf}, ${release.id}::uuid)))`.execute(db);
  await db
    .updateTable('dnc_list')
    .set({ release_id: release.id, release_as_of: release.asOf, latest: number, activating: null })
    .where('id', '=', release.list)
    .execute();
  await db.deleteFrom('dnc_latecomer').where('release_id', '=', release.id).execute();
  return true;
}

/** Why a prepared release cannot be activated as it is; null when it can. */
export function obstacleTo(release: Release, list: DncListRow): 'ended' | 'again' | null {
  if (release.state !== 'parsing' || release.dryRun) return 'ended';
  if (list.release_as_of && release.asOf < list.release_as_of) return 'again';
  return release.preparedAt && release.baseId === list.release_id ? null : 'again';
}
