import type { Db } from '../db/connection.ts';
import { annulConsents } from '../db/dnc-hits.ts';
import { shareLists } from '../db/dnc-lists.ts';
import {
  arrayText, currentBlocks, insertHits, insertLatecomers, lookUpLists, stagedBlocks, type LookUpList, type NewHit,
} from '../db/dnc-look-up.ts';
import { BLOCK_SIZE, decodeBlock, isListed, prefixOf } from '../proof/number-block.ts';
import { listedBy } from './look-up.ts';

/** A lead that has just been put on the books. */
export interface Newcomer {
  leadId: string;
  /** E.164. */
  phone: string;
}

interface Placed {
  leadId: string;
  number: number;
  prefix: number;
  place: number;
}

/**
 * Looks new leads up in every list, within the transaction that puts them on the books, and puts down where they stand. Until
 * its end no list changes. Where a release is being activated, what it does to their numbers is put down for it to find.
 */
export async function lookUpNewcomers(db: Db, newcomers: readonly Newcomer[], now: Date): Promise<void> {
  if (newcomers.length === 0) return;
  await shareLists(db);
  const lists = (await lookUpLists(db, {})).filter(({ releaseId, activating }) => releaseId !== null || activating !== null);
  if (lists.length === 0) return;
  const leads = newcomers.map(placed);
  const byPrefix = Map.groupBy(leads, ({ prefix }) => prefix);
  const prefixes = arrayText([...byPrefix.keys()].sort((one, other) => one - other));
  const rows = await currentBlocks(db, { lists: lists.map(({ list }) => list), prefixes });
  const listed = new Map<string, Set<Placed>>(lists.map(({ list }) => [list, new Set()]));
  for (const { list, prefix, block } of rows) {
    for (const lead of prefix === null ? [] : those(byPrefix.get(Number(prefix)), block)) listed.get(list)?.add(lead);
  }
  await putDownHits(db, lists, listed, now);
  await putDownLatecomers(db, lists, { byPrefix, prefixes, listed });
}

function placed({ leadId, phone }: Newcomer): Placed {
  const number = Number(phone.slice(1));
  const prefix = prefixOf(number);
  return { leadId, number, prefix, place: number - prefix * BLOCK_SIZE };
}

function those(leads: readonly Placed[] | undefined, block: Buffer | null): Placed[] {
  if (!leads || block === null) return [];
  const bits = decodeBlock(block);
  return leads.filter(({ place }) => isListed(bits, place));
}

async function putDownHits(
  db: Db, lists: readonly LookUpList[], listed: ReadonlyMap<string, ReadonlySet<Placed>>, now: Date,
): Promise<void> {
  for (const { list, effect, releaseId, asOf, latest } of lists) {
    const leads = [...listed.get(list) ?? []];
    if (leads.length === 0 || !releaseId || !asOf) continue;
    const found = await listedBy(db, leads.map(({ number }) => number), [{ id: releaseId, list, number: latest, asOf }]);
    const hits = leads.flatMap(({ leadId }, nth) => (found[nth] ?? []).map(({ since, sinceReleaseId }): NewHit => {
      return { leadId, list, releaseId: sinceReleaseId, since };
    }));
    await insertHits(db, hits);
    if (effect === 'annul_consent') await annulConsents(db, hits.map(({ leadId }) => leadId), now);
  }
}

interface Surroundings {
  byPrefix: ReadonlyMap<number, readonly Placed[]>;
  prefixes: string;
  listed: ReadonlyMap<string, ReadonlySet<Placed>>;
}

async function putDownLatecomers(db: Db, lists: readonly LookUpList[], around: Surroundings): Promise<void> {
  const { byPrefix, prefixes, listed } = around;
  const activating = new Map(lists.flatMap(({ list, activating: id }) => (id === null ? [] : [[id, list] as const])));
  if (activating.size === 0) return;
  const rows = await stagedBlocks(db, { releases: [...activating.keys()], prefixes });
  const latecomers = rows.flatMap(({ releaseId, prefix, block }) => {
    const leads = byPrefix.get(Number(prefix)) ?? [];
    const after = new Set(those(leads, block));
    const before = listed.get(activating.get(releaseId) ?? '');
    return leads.filter((lead) => after.has(lead) !== before?.has(lead))
      .map((lead) => ({ releaseId, leadId: lead.leadId, listed: after.has(lead) }));
  });
  await insertLatecomers(db, latecomers);
}
