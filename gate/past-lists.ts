import { newestReleases } from '../db/dnc-look-up.ts';
import type { Db } from '../db/connection.ts';
import type { PersonRow } from '../db/gate-facts.ts';
import { listedBy } from '../dnc/look-up.ts';
import type { Shared } from './facts.ts';

interface Past {
  round: { lists: Shared['lists'] };
  row: PersonRow;
  /** E.164. */
  number: string;
  at: Date;
}

/**
 * The lists as they were at a moment, and on which of them a number stood: by the newest release of each up to then, and by the
 * one in force for a list that had none yet, as if it had been there already.
 */
export async function listsAt(db: Db, { round, row, number, at }: Past): Promise<{ lists: Shared['lists']; hits: PersonRow['hits'] }> {
  const releases = new Map((await newestReleases(db, { asOf: at })).map((release) => [release.list, release]));
  const lists = round.lists.map((list) => {
    const { id, asOf } = releases.get(list.list) ?? {};
    return id !== undefined && asOf ? { ...list, release: { id, asOf } } : list;
  });
  const [listings = []] = await listedBy(db, [Number(number.slice(1))], [...releases.values()]);
  const then = listings.map(({ list, since }) => ({ list, since: since.toISOString() }));
  const later = (row.hits ?? []).filter(({ list }) => !releases.has(list));
  const sinceThen = later.map(({ list, since }) => ({ list, since: new Date(since) < at ? since : at.toISOString() }));
  return { lists, hits: [...then, ...sinceThen] };
}
