import { sql } from 'kysely';
import type { Db } from './connection.ts';
import { ENDED, type Release, type ReleaseProgress } from './dnc-releases.ts';

/** Whether another release of the same list, of an earlier moment or of the same and received before, is on its way. */
export async function hasEarlierPending(db: Db, { id, list, asOf }: Pick<Release, 'id' | 'list' | 'asOf'>): Promise<boolean> {
  const { rows } = await sql`
    select 1 from dnc_release
    where list_id = ${list} and state in ('receiving', 'parsing') and not dry_run and (as_of, id) < (${asOf}, ${id}::uuid)
    limit 1`.execute(db);
  return rows.length > 0;
}

/** Takes a release up; false when there is nothing to be done about it now: it waits, or has ended. */
export async function startRelease(db: Db, id: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('dnc_release')
    .set({ state: 'parsing', started_at: sql`coalesce(started_at, ${now})` })
    .where('id', '=', id)
    .where('state', 'in', ['receiving', 'parsing'])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** What was read of a file. */
export interface FileReading {
  lines: number;
  refused: number;
  refusals: readonly { line: number; code: string }[];
}

/** Puts down what was read of a file that is of no use. */
export async function recordReading(db: Db, id: string, { lines, refused, refusals }: FileReading): Promise<void> {
  await db.updateTable('dnc_release')
    .set({ lines: BigInt(lines), refused: BigInt(refused), refusals: JSON.stringify(refusals) })
    .where('id', '=', id).where('state', 'not in', ENDED).execute();
}

/** What a release will make of its list. */
export interface Preparation extends FileReading {
  staged: number;
  numbers: number;
  foreign: number;
  added: number;
  removed: number;
  leaves: number;
  root: string;
  baseId: string | null;
  timings: Release['timings'];
  at: Date;
}

/** Puts down what a release will make of its list, next to what it has staged. */
export async function recordPrepared(db: Db, id: string, prepared: Preparation): Promise<void> {
  const { staged, numbers, foreign, added, removed, leaves, root, baseId, timings, at } = prepared;
  await recordReading(db, id, prepared);
  await db
    .updateTable('dnc_release')
    .set({
      staged, leaves, root,
      numbers: BigInt(numbers),
      foreign_numbers: BigInt(foreign),
      added: BigInt(added),
      removed: BigInt(removed),
      base_id: baseId,
      timings: JSON.stringify(timings),
      prepared_at: at,
    })
    .where('id', '=', id)
    .execute();
}

/** From now on a person has to say whether the release may go on; false when it has ended meanwhile. */
export async function awaitApproval(db: Db, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('dnc_release')
    .set({ state: 'awaiting_approval', phase: null })
    .where('id', '=', id).where('state', '=', 'parsing').executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** How many numbers were looked up, and how many leads were found on them. */
export interface LeadCounts {
  checked: number;
  hit: number;
  freed: number;
}

/** A dry run is over: it says what would have changed, and nothing has. */
export async function endDryRun(db: Db, id: string, leads: LeadCounts, now: Date): Promise<void> {
  await db.updateTable('dnc_release')
    .set({ state: 'superseded', ended_at: now, phase: null, ...leadColumns(leads) })
    .where('id', '=', id).where('state', '=', 'parsing').execute();
}

export function leadColumns({ checked, hit, freed }: LeadCounts) {
  return { leads_checked: BigInt(checked), leads_hit: BigInt(hit), leads_freed: BigInt(freed) };
}

/** Puts down how far a release has come. */
export async function recordProgress(db: Db, id: string, { phase, done, total, perSecond }: ReleaseProgress): Promise<void> {
  await db
    .updateTable('dnc_release')
    .set({ phase, phase_done: BigInt(done), phase_total: total === null ? null : BigInt(total), per_second: perSecond })
    .where('id', '=', id)
    .where('state', 'not in', ENDED)
    .execute();
}
