import { sql } from 'kysely';
import type { Db } from './connection.ts';
import { named } from './named.ts';

/** A list as far as looking numbers up in it goes. */
export interface LookUpList {
  list: string;
  effect: 'block' | 'block_unless_consent' | 'annul_consent';
  releaseId: string | null;
  asOf: Date | null;
  latest: number;
  activating: string | null;
}

/** All lists, as they stand in this very statement. */
export const lookUpLists: (db: Db, values: object) => Promise<LookUpList[]> = named('dnc_lists', () => sql`
  select id as list, effect, release_id as "releaseId", release_as_of as "asOf", latest, activating from dnc_list order by id`);

export interface FoundBlock {
  list: string;
  /** The release that the block is of. */
  releaseId: string | null;
  prefix: bigint;
  block: Buffer;
}

/** The blocks in force of some lists and prefixes; a list without any of them has one row, with null for both. */
export const currentBlocks: (
  db: Db, values: { lists: readonly string[]; prefixes: string },
) => Promise<(FoundBlock | (Omit<FoundBlock, 'prefix' | 'block'> & { prefix: null; block: null }))[]> =
  named('dnc_blocks', ({ lists, prefixes }) => sql`
    select list.id as list, list.release_id as "releaseId", found.prefix, found.block
    from dnc_list list left join dnc_block found on found.list_id = list.id and found.prefix = any(${prefixes}::bigint[])
    where list.id = any(${lists}::text[])`);

/** What some releases that are being activated have staged of some prefixes. */
export const stagedBlocks: (
  db: Db, values: { releases: readonly string[]; prefixes: string },
) => Promise<{ releaseId: string; prefix: bigint; block: Buffer | null }[]> = named('dnc_staged', ({ releases, prefixes }) => sql`
  select release_id as "releaseId", prefix, block from dnc_staged_block
  where release_id = any(${releases}::uuid[]) and prefix = any(${prefixes}::bigint[])`);

/** A block with everything that it has been: of one moment, as it is one statement. */
export interface BlockHistory {
  list: string;
  prefix: bigint;
  begun: number;
  block: Buffer;
  /** The releases that flipped some of it, ascending, and what each flipped. */
  numbers: number[];
  flips: Buffer[];
}

export const blockHistories: (
  db: Db, values: { lists: readonly string[]; prefixes: string },
) => Promise<BlockHistory[]> = named('dnc_histories', ({ lists, prefixes }) => sql`
  select found.list_id as list, found.prefix, found.begun, found.block,
    coalesce(past.numbers, '{}') as numbers, coalesce(past.flips, '{}') as flips
  from dnc_block found left join lateral (
    select array_agg(number order by number) as numbers, array_agg(flipped order by number) as flips
    from dnc_flip where list_id = found.list_id and dnc_flip.prefix = found.prefix
  ) past on true
  where found.list_id = any(${lists}::text[]) and found.prefix = any(${prefixes}::bigint[])`);

export interface NumberedRelease {
  id: string;
  list: string;
  number: number;
  asOf: Date;
}

/** The newest release of each list up to a moment, or of all moments. */
export async function newestReleases(db: Db, { list, asOf }: { list?: string; asOf?: Date }): Promise<NumberedRelease[]> {
  const { rows } = await sql<NumberedRelease>`
    select distinct on (list_id) id, list_id as list, number, as_of as "asOf" from dnc_release
    where number is not null
      and ${list === undefined ? sql`true` : sql`list_id = ${list}`} and ${asOf === undefined ? sql`true` : sql`as_of <= ${asOf}`}
    order by list_id, number desc`.execute(db);
  return rows;
}

/** Releases by their numbers in their lists. */
export async function releasesByNumber(
  db: Db, wanted: readonly { list: string; number: number }[],
): Promise<NumberedRelease[]> {
  const { rows } = await sql<NumberedRelease>`
    select id, list_id as list, number, as_of as "asOf" from dnc_release
    where list_id = any(${[...new Set(wanted.map(({ list }) => list))]}::text[])
      and number = any(${[...new Set(wanted.map(({ number }) => number))]}::int[])`.execute(db);
  return rows;
}

/** A lead that is found to be listed on coming in. */
export interface NewHit {
  leadId: string;
  list: string;
  releaseId: string;
  since: Date;
}

/** Puts down on which lists new leads are. */
export async function insertHits(db: Db, hits: readonly NewHit[]): Promise<void> {
  if (hits.length === 0) return;
  await db.insertInto('dnc_hit').values(hits.map(({ leadId, list, releaseId, since }) => {
    return { lead_id: leadId, list_id: list, release_id: releaseId, since };
  })).execute();
}

/** Puts down leads that came in while a release was being activated that does something to their number. */
export async function insertLatecomers(
  db: Db, latecomers: readonly { releaseId: string; leadId: string; listed: boolean }[],
): Promise<void> {
  if (latecomers.length === 0) return;
  await db.insertInto('dnc_latecomer').values(latecomers.map(({ releaseId, leadId, listed }) => {
    return { release_id: releaseId, lead_id: leadId, listed };
  })).execute();
}

/** An array of whole numbers as PostgreSQL reads it. */
export function arrayText(values: Iterable<number>): string {
  return `{${[...values].join(',')}}`;
}
