import { newId } from '../../db/ids.ts';
import type { Db } from '../../db/connection.ts';

export interface PastRelease {
  asOf: Date;
  numbers: number;
  added?: number;
  removed?: number;
  hit?: number;
  freed?: number;
}

/** A list on the books with releases that have come into force, the last one in force; answers their ids. */
export async function putList(db: Db, id: string, jurisdiction: string, releases: readonly PastRelease[]): Promise<string[]> {
  await db.insertInto('dnc_list').values({ id, jurisdiction, name: `The ${id} list`, effect: 'block_unless_consent', created_at: new Date() }).execute();
  const ids: string[] = [];
  for (const [index, release] of releases.entries()) {
    const releaseId = newId();
    ids.push(releaseId);
    await putRelease(db, id, releaseId, { ...release, number: index + 1, state: index === releases.length - 1 ? 'in_force' : 'superseded' });
    const inForce = { release_id: releaseId, release_as_of: release.asOf, latest: index + 1 };
    await db.updateTable('dnc_list').set(inForce).where('id', '=', id).execute();
  }
  return ids;
}

export async function putRelease(
  db: Db, list: string, id: string, { asOf, numbers, added = 0, removed = 0, hit = 0, freed = 0, number, state }: PastRelease & {
    number: number | null; state: 'in_force' | 'superseded' | 'awaiting_approval';
  },
): Promise<void> {
  await db.insertInto('dnc_release').values({
    id, list_id: list, number, kind: number === 1 ? 'full' : 'change', format: 'lines', op: null, area_codes: null, as_of: asOf, state,
    received_at: asOf, received_by: 'key:test', size_bytes: 1n, sha256: 'ab', started_at: asOf, prepared_at: asOf,
    in_force_from: number === null ? null : new Date(asOf.getTime() + 3_600_000), ended_at: null, base_id: null, staged: null,
    lines: 1n,
    numbers: BigInt(numbers), foreign_numbers: 0n, added: BigInt(added), removed: BigInt(removed), refused: 0n, refusals: null,
    root: 'c0ffee'.repeat(8), leaves: 1, signature: null, signed_by: null, leads_checked: BigInt(added + removed),
    leads_hit: BigInt(hit), leads_freed: BigInt(freed), approved_by: null, approved_at: null, abandoned_by: null, problem: null,
    phase: null, phase_done: null, phase_total: null, per_second: null, timings: null,
  }).execute();
}
