import type { Db } from '../db/connection.ts';
import { inCopyTransaction, unhurried, type CopyTransaction } from '../db/copy.ts';
import { estimateLeads, matchLeads, pinMatching, type MatchedLead } from '../db/dnc-matches.ts';
import { currentlyHit, thoseOnList } from '../db/dnc-hits.ts';
import type { LeadCounts } from '../db/dnc-release-work.ts';
import type { Release } from '../db/dnc-releases.ts';
import { readStaged, stagedBlock, type StagedBits } from '../db/dnc-staging.ts';
import { findLeadsByToken } from '../db/leads.ts';
import { decodeBlock, BLOCK_SIZE, isListed, prefixOf, visitListed } from '../proof/number-block.ts';
import { FlipTokens } from './flip-tokens.ts';
import type { Phases } from './phases.ts';
import type { ReleaseDeps } from './releases.ts';
import { TokenFilter } from './token-filter.ts';

/** Looking a number up takes about as long as reading the tokens of so many leads. */
const LEADS_PER_LOOK_UP = 4;
/** Tokens looked up by one question: few enough that looking up and writing down go on side by side. */
const SLICE = 1 << 15;

export interface Matching {
  deps: ReleaseDeps;
  transaction: CopyTransaction;
  release: Release;
  phases: Phases;
  signal: AbortSignal;
}

/** What is to be done about leads whose number a release lists, or lists no longer. */
export interface MatchSink {
  listed(leadIds: readonly string[]): Promise<void>;
  freed(leadIds: readonly string[]): Promise<void>;
}

/**
 * Finds the leads whose numbers a release flips, portion by portion: in memory are the tokens of one portion and, where there
 * are many flips for each lead, two bytes for each lead. Answers how many numbers were looked up.
 */
export async function matchFlips(matching: Matching, sink: MatchSink): Promise<number> {
  const { deps: { pool, vault }, transaction, release, phases, signal } = matching;
  const { db } = transaction;
  const flips = (release.added ?? 0) + (release.removed ?? 0);
  await phases.begin('matching', flips);
  const leads = await estimateLeads(db);
  const filter = flips * LEADS_PER_LOOK_UP > leads ? await TokenFilter.read(transaction, leads) : null;
  if (filter?.isEmpty) return flips;
  const [added, removed] = [new FlipTokens(vault, filter), new FlipTokens(vault, filter)];
  let done = 0;
  // Over connections of their own: while the next flips are read, leads are looked up, and written down those found before.
  await inCopyTransaction(pool, async (searching) => {
    await unhurried(searching.db);
    await pinMatching(searching.db);
    const looking = new LookingUp(matching, searching.db, sink);
    await inCopyTransaction(pool, async (reading) => {
      await unhurried(reading.db);
      for await (const blocks of readStaged(reading, release.id)) {
        signal.throwIfAborted();
        for (const block of blocks) {
          done += gather(block, added, removed);
          if (added.isFull) await looking.start(added.take(), 'listed');
          if (removed.isFull) await looking.start(removed.take(), 'freed');
        }
        await phases.report(done);
      }
    });
    await looking.start(added.take(), 'listed');
    await looking.start(removed.take(), 'freed');
    await looking.end();
  });
  phases.finish();
  return done;
}

/** How many leads a release would hit and free, for a dry run. */
export async function countMatches(matching: Matching): Promise<LeadCounts> {
  let [hit, freed] = [0, 0];
  const checked = await matchFlips(matching, {
    listed: async (leadIds) => void (hit += leadIds.length),
    freed: async (leadIds) => void (freed += await currentlyHit(matching.transaction.db, matching.release.list, leadIds)),
  });
  return { checked, hit, freed };
}

/** Hands the flips of a block on by what they do, and answers how many there are. */
function gather({ prefix, block, flipped }: StagedBits, added: FlipTokens, removed: FlipTokens): number {
  let flips = 0;
  if (block === null || flipped === null) {
    const [all, target] = block === null ? [flipped, removed] : [block, added];
    if (all !== null) visitListed(decodeBlock(all), (place) => void (target.add(prefix, place), flips += 1));
    return flips;
  }
  const after = decodeBlock(block);
  visitListed(decodeBlock(flipped), (place) => {
    (isListed(after, place) ? added : removed).add(prefix, place);
    flips += 1;
  });
  return flips;
}

/** Looks tokens up one portion at a time, while the next portion is being gathered. */
class LookingUp {
  readonly #matching: Matching;
  readonly #searching: Db;
  readonly #sink: MatchSink;
  /** Leads who share their token and were found: the number of another of them may lead to them again, portions later. */
  readonly #told = new Set<string>();
  #underWay: Promise<void> = Promise.resolve();

  constructor(matching: Matching, searching: Db, sink: MatchSink) {
    this.#matching = matching;
    this.#searching = searching;
    this.#sink = sink;
  }

  async start(tokens: BigInt64Array, becomes: keyof MatchSink): Promise<void> {
    await this.#underWay;
    this.#underWay = this.#lookUp(tokens, becomes);
    // Whoever waits for it hears of it; until then nobody does, which is no reason to end the process.
    this.#underWay.catch(() => undefined);
  }

  end(): Promise<void> {
    return this.#underWay;
  }

  /** Neighbours are looked up together, and what they led to is written down while their own neighbours are looked up. */
  async #lookUp(tokens: BigInt64Array, becomes: keyof MatchSink): Promise<void> {
    let telling: Promise<void> = Promise.resolve();
    for (let start = 0; start < tokens.length;) {
      const end = endOfSlice(tokens, start + SLICE);
      const found = await matchLeads(this.#searching, tokens.subarray(start, end));
      await telling;
      telling = this.#tell(found, becomes);
      telling.catch(() => undefined);
      start = end;
    }
    await telling;
  }

  async #tell(found: readonly MatchedLead[], becomes: keyof MatchSink): Promise<void> {
    const leadIds = await this.#thoseMeant(found, becomes);
    if (leadIds.length > 0) await this.#sink[becomes](leadIds);
  }

  /** Of leads that share a token, those whose own number it is. */
  async #thoseMeant(found: readonly MatchedLead[], becomes: keyof MatchSink): Promise<string[]> {
    const shared = new Set(sharedTokens(found));
    const alone = found.flatMap(({ id, token }) => (shared.has(token) ? [] : [id]));
    if (shared.size === 0) return alone;
    const { deps: { vault }, transaction: { db }, release } = this.#matching;
    const opened = await findLeadsByToken(db, vault, [...shared]);
    // The number of an archived lead is not at hand: it may be the one that is listed, and is not taken for the one freed.
    const away = opened.filter(({ phone }) => phone === null).map(({ id }) => id);
    const listed = await thoseOnList(db, release.list, becomes === 'listed' ? away : []);
    const meant: string[] = [];
    for (const { id, phone } of opened) {
      if (this.#told.has(id) || listed.has(id)) continue;
      const flip = phone === null ? 'listed' : await flipOf(db, release.id, Number(phone.slice(1)));
      if (flip !== becomes) continue;
      this.#told.add(id);
      meant.push(id);
    }
    return [...alone, ...meant];
  }
}

/** Not between two tokens that are equal: whoever has them is found, and told apart, once. */
function endOfSlice(tokens: BigInt64Array, wanted: number): number {
  let end = Math.min(wanted, tokens.length);
  while (end < tokens.length && tokens[end] === tokens[end - 1]) end += 1;
  return end;
}

function sharedTokens(found: readonly MatchedLead[]): bigint[] {
  const byToken = Map.groupBy(found, ({ token }) => token);
  return [...byToken].filter(([, leads]) => leads.length > 1 || (leads[0]?.collision ?? 0) > 0).map(([token]) => token);
}

/** What a release does to one number; null when it leaves it as it is. */
async function flipOf(db: CopyTransaction['db'], releaseId: string, number: number): Promise<keyof MatchSink | null> {
  const prefix = prefixOf(number);
  const staged = await stagedBlock(db, releaseId, prefix);
  const flips = staged?.flipped ?? staged?.block;
  const place = number - prefix * BLOCK_SIZE;
  if (!staged || !flips || !isListed(decodeBlock(flips), place)) return null;
  return staged.block && isListed(decodeBlock(staged.block), place) ? 'listed' : 'freed';
}
