import type { Db } from '../db/connection.ts';
import { arrayText, blockHistories, lookUpLists, newestReleases, releasesByNumber, type NumberedRelease } from '../db/dnc-look-up.ts';
import { BLOCK_SIZE, prefixOf } from '../proof/number-block.ts';
import { BlockCache } from './block-cache.ts';
import { PastBlock } from './past.ts';

/** A list on which a number stands. */
export interface Listing {
  list: string;
  /** The release that was looked at. */
  releaseId: string;
  asOf: Date;
}

export interface PastListing extends Listing {
  /** The `asOf` of the first release, up to the one looked at, that shows the number without a break. */
  since: Date;
  /** And that release. */
  sinceReleaseId: string;
}

const MOST_LOOKS = 10;
const NOWHERE: Listing[] = [];
const caches = new WeakMap<Db, BlockCache>();

/**
 * On which lists in force some numbers (E.164 digits) stand, in the order asked; left out: all lists. Blocks are kept in memory
 * as long as their release is in force, 50 MB of them for each list.
 */
export async function currentlyListed(db: Db, numbers: readonly number[], listIds?: readonly string[]): Promise<Listing[][]> {
  const cache = caches.get(db) ?? new BlockCache();
  caches.set(db, cache);
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const sayings = await sayingsOf(db, cache, numbers, listIds);
    if (sayings) return listingsOf(numbers.length, sayings);
  }
  throw new Error('the lists change faster than numbers can be looked up');
}

/** What one list says. */
interface Saying {
  /** The answer of a number that stands on this list alone. */
  listed: Listing[];
  /** A byte for each of the numbers asked about: 1 where it stands on it. */
  flags: Uint8Array;
}

async function sayingsOf(
  db: Db, cache: BlockCache, numbers: readonly number[], listIds: readonly string[] | undefined,
): Promise<Saying[] | undefined> {
  const sayings: Saying[] = [];
  for (const list of await lookUpLists(db, {})) {
    if (!list.releaseId || !list.asOf || listIds?.includes(list.list) === false) continue;
    const flags = await cache.look(db, list, numbers);
    if (!flags) return undefined;
    sayings.push({ listed: [{ list: list.list, releaseId: list.releaseId, asOf: list.asOf }], flags });
  }
  return sayings;
}

/** List by list rather than number by number: what is done to ten thousand numbers in a row costs a third. */
function listingsOf(count: number, sayings: readonly Saying[]): Listing[][] {
  const found = new Array<Listing[]>(count).fill(NOWHERE);
  for (const { listed, flags } of sayings) {
    for (let nth = flags.indexOf(1); nth >= 0; nth = flags.indexOf(1, nth + 1)) {
      const before = found[nth] as Listing[];
      found[nth] = before === NOWHERE ? listed : [...before, ...listed];
    }
  }
  return found;
}

/**
 * On which lists some numbers stood by the newest releases up to a moment, in the order asked; left out: now, and all lists. A
 * list without a release up to then shows nobody.
 */
export async function listedAsOf(
  db: Db, numbers: readonly number[], at: { list?: string; asOf?: Date },
): Promise<PastListing[][]> {
  const releases = await newestReleases(db, at);
  return listedBy(db, numbers, releases);
}

/** On which lists some numbers stood by certain releases, one of each list. */
export async function listedBy(
  db: Db, numbers: readonly number[], releases: readonly NumberedRelease[],
): Promise<PastListing[][]> {
  const prefixes = arrayText(new Set(numbers.map(prefixOf)));
  const rows = await blockHistories(db, { lists: releases.map(({ list }) => list), prefixes });
  const blocks = new Map(rows.map((row) => [`${row.list} ${row.prefix}`, new PastBlock(row)]));
  const found = numbers.map((number) => releases.flatMap((release) => {
    const prefix = prefixOf(number);
    const since = blocks.get(`${release.list} ${prefix}`)?.listedSince(number - prefix * BLOCK_SIZE, release.number) ?? null;
    return since === null ? [] : [{ release, since }];
  }));
  const firsts = await releasesByNumber(db, found.flat().map(({ release: { list }, since }) => ({ list, number: since })));
  const byNumber = new Map(firsts.map((first) => [`${first.list} ${first.number}`, first]));
  return found.map((listings) => listings.map(({ release: { id, list, asOf }, since }) => {
    const first = byNumber.get(`${list} ${since}`);
    if (!first) throw new Error('the release that first showed a number is not on record');
    return { list, releaseId: id, asOf, since: first.asOf, sinceReleaseId: first.id };
  }));
}
