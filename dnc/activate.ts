import { inCopyTransaction, unhurried, type CopyTransaction } from '../db/copy.ts';
import { obstacleTo, putBlocksInForce, putInForce } from '../db/dnc-activation.ts';
import { addHits, annulConsents, freeHits, strayLatecomers, tellOfListing } from '../db/dnc-hits.ts';
import { findList, holdLists, markActivating, takeListTurn, type DncListRow } from '../db/dnc-lists.ts';
import { hasEarlierPending, type LeadCounts } from '../db/dnc-release-work.ts';
import { findRelease, hasEnded, type Release } from '../db/dnc-releases.ts';
import { isStaged } from '../db/dnc-staging.ts';
import { blockDigest } from '../proof/merkle-tree.ts';
import { BLOCK_BYTES, encodeBlock } from '../proof/number-block.ts';
import { signRelease } from '../proof/release-statement.ts';
import { matchFlips, type MatchSink } from './matching.ts';
import { Phases, type OnProgress } from './phases.ts';
import type { ReleaseDeps } from './releases.ts';
import { tidyUp } from './tidying.ts';

/** `again`: the list has changed since the release was prepared, another comes first, or what was staged is lost. */
export type Activated = 'in_force' | 'again' | 'ended';

const EMPTY = encodeBlock(new Uint8Array(BLOCK_BYTES));
const EMPTY_BLOCK = { block: EMPTY, digest: blockDigest(EMPTY) };

/**
 * Puts a prepared release in force, with everything that follows for the leads on it, in one transaction: before its end nobody
 * sees anything of it, after its end every clearance is right. Called again for a release in force it only tidies up.
 *
 * Leads that come in meanwhile are looked up by those who bring them, in the list as it is and in what is staged; new leads
 * wait only while the two are brought together at the very end.
 */
export async function activateRelease(
  deps: ReleaseDeps, releaseId: string, onProgress: OnProgress, signal: AbortSignal,
): Promise<Activated> {
  const phases = new Phases(deps.db, releaseId, onProgress);
  const activated = await activateUnlessGivenUp(deps, (transaction) => {
    return activateWithin(deps, transaction, releaseId, phases, signal);
  });
  if (activated !== 'again') await tidyUp(deps, releaseId);
  return activated;
}

/** The release was given up while it was being activated: nothing of it is kept. */
class GivenUp extends Error {}

async function activateUnlessGivenUp(
  { pool }: ReleaseDeps, work: (transaction: CopyTransaction) => Promise<Activated>,
): Promise<Activated> {
  try {
    return await inCopyTransaction(pool, work);
  } catch (error) {
    if (error instanceof GivenUp) return 'ended';
    throw error;
  }
}

async function activateWithin(
  deps: ReleaseDeps, transaction: CopyTransaction, releaseId: string, phases: Phases, signal: AbortSignal,
): Promise<Activated> {
  const { db } = transaction;
  const known = await findRelease(db, releaseId);
  if (!known) return 'ended';
  await unhurried(db);
  await takeListTurn(db, known.list);
  const [release, list] = [await findRelease(db, releaseId), await findList(db, known.list)];
  if (!release || !list) return 'ended';
  if (hasEnded(release.state)) return release.number === null ? 'ended' : 'in_force';
  const obstacle = obstacleTo(release, list);
  if (obstacle) return obstacle;
  if (await hasEarlierPending(db, release) || !(await isStaged(db, releaseId, release.staged))) return 'again';
  await markActivating(deps.db, list.id, releaseId);
  const activation = new Activation(deps, transaction, { release, list, phases, signal });
  await activation.run();
  return 'in_force';
}

interface Activating {
  release: Release;
  list: DncListRow;
  phases: Phases;
  signal: AbortSignal;
}

class Activation implements MatchSink {
  readonly #deps: ReleaseDeps;
  readonly #transaction: CopyTransaction;
  readonly #activating: Activating;
  readonly #leads: LeadCounts = { checked: 0, hit: 0, freed: 0 };

  constructor(deps: ReleaseDeps, transaction: CopyTransaction, activating: Activating) {
    this.#deps = deps;
    this.#transaction = transaction;
    this.#activating = activating;
  }

  async run(): Promise<void> {
    const { release, list, phases, signal } = this.#activating;
    const { db } = this.#transaction;
    const number = list.latest + 1;
    this.#leads.checked = await matchFlips({ deps: this.#deps, transaction: this.#transaction, release, phases, signal }, this);
    await phases.begin('writing', release.staged);
    await putBlocksInForce(db, { id: release.id, list: list.id, number }, EMPTY_BLOCK);
    phases.finish();
    signal.throwIfAborted();
    // This is committed by another connection, and with it what this one has written goes to the disk: less is left for the end.
    await phases.begin('activating', null);
    await this.#conclude(number);
  }

  async listed(leadIds: readonly string[]): Promise<void> {
    const { release, list } = this.#activating;
    await addHits(this.#transaction, release, leadIds);
    this.#leads.hit += leadIds.length;
    if (list.effect === 'annul_consent') await annulConsents(this.#transaction.db, leadIds, this.#deps.now());
    await tellOfListing(this.#transaction, release.id, leadIds, this.#deps.now());
  }

  async freed(leadIds: readonly string[]): Promise<void> {
    const { release, list } = this.#activating;
    const { db } = this.#transaction;
    const freed = await freeHits(db, release, leadIds);
    // While they were listed the entry itself spoke against what they had agreed to before.
    if (list.effect === 'annul_consent') await annulConsents(db, freed, this.#deps.now());
    this.#leads.freed += freed.length;
    if (freed.length > 0) await tellOfListing(this.#transaction, release.id, freed, this.#deps.now());
  }

  /** From here to the commit, whoever brings leads waits. */
  async #conclude(number: number): Promise<void> {
    const { release, phases } = this.#activating;
    const { db } = this.#transaction;
    await holdLists(db);
    const start = performance.now();
    const stray = await strayLatecomers(db, release);
    if (stray.listed.length > 0) await this.listed(stray.listed);
    if (stray.freed.length > 0) await this.freed(stray.freed);
    const from = this.#deps.now();
    phases.finish();
    phases.timings.lock = Math.round(performance.now() - start);
    const timings = { ...release.timings, ...phases.timings };
    const signature = this.#sign(number, from);
    if (!(await putInForce(db, release, { number, from, leads: this.#leads, signature, timings }))) throw new GivenUp();
  }

  #sign(number: number, inForceFrom: Date): { kid: string; value: string } | null {
    const { release } = this.#activating;
    const { id: releaseId, list, kind, asOf, sha256 } = release;
    const [numbers, leaves, root] = [release.numbers ?? 0, release.leaves ?? 0, release.root ?? ''];
    const { signing } = this.#deps;
    return signing && signRelease(signing, { list, releaseId, number, kind, asOf, sha256, numbers, leaves, root, inForceFrom });
  }
}
