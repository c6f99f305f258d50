import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** A list, and the release of it that is in force. */
export interface ListedRegistry {
  id: string;
  name: string;
  jurisdiction: string;
  effect: 'block' | 'block_unless_consent' | 'annul_consent';
  release: { id: string; asOf: Date; root: string | null; inForceFrom: Date | null; numbers: number | null } | null;
}

/** Every list, by id. */
export async function readRegistries(db: Db): Promise<ListedRegistry[]> {
  const rows = await db
    .selectFrom('dnc_list')
    .leftJoin('dnc_release', 'dnc_release.id', 'dnc_list.release_id')
    .select(['dnc_list.id', 'name', 'jurisdiction', 'effect', 'release_id', 'release_as_of', 'root', 'in_force_from', 'numbers'])
    .orderBy('dnc_list.id')
    .execute();
  return rows.map(({ id, name, jurisdiction, effect, release_id, release_as_of: asOf, root, in_force_from, numbers }) => {
    const isThere = release_id !== null && asOf !== null;
    const release = isThere ? { id: release_id, asOf, root, inForceFrom: in_force_from, numbers: count(numbers) } : null;
    return { id, name, jurisdiction, effect, release };
  });
}

/** What a release made of its list. */
export interface ReleaseStep {
  list: string;
  id: string;
  kind: 'full' | 'change';
  asOf: Date;
  inForceFrom: Date | null;
  numbers: number;
  added: number;
  removed: number;
  hit: number;
  freed: number;
}

/** The latest releases of every list that came into force, at most `limit` of each, in the order of coming into force. */
export async function readReleaseSteps(db: Db, limit: number): Promise<ReleaseStep[]> {
  const { rows } = await sql<ReleaseStep>`
    select step.* from dnc_list cross join lateral (
      select list_id as list, id, kind, as_of as "asOf", in_force_from as "inForceFrom", coalesce(numbers, 0)::float8 as numbers,
        coalesce(added, 0)::float8 as added, coalesce(removed, 0)::float8 as removed, coalesce(leads_hit, 0)::float8 as hit,
        coalesce(leads_freed, 0)::float8 as freed, number
      from dnc_release where list_id = dnc_list.id and number is not null order by number desc limit ${limit}
    ) step order by step.list, step.number`.execute(db);
  return rows;
}

export interface WaitingRelease {
  list: string;
  id: string;
  asOf: Date;
  receivedAt: Date;
  receivedBy: string;
  numbers: number | null;
  added: number | null;
  removed: number | null;
}

/** Releases that wait for a person to approve them, the oldest first. */
export async function readWaitingReleases(db: Db): Promise<WaitingRelease[]> {
  const rows = await db
    .selectFrom('dnc_release')
    .select(['list_id', 'id', 'as_of', 'received_at', 'received_by', 'numbers', 'added', 'removed'])
    .where('state', '=', 'awaiting_approval')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    list: row.list_id,
    id: row.id,
    asOf: row.as_of,
    receivedAt: row.received_at,
    receivedBy: row.received_by,
    numbers: count(row.numbers),
    added: count(row.added),
    removed: count(row.removed),
  }));
}

function count(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}
