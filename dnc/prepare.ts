import { inCopyTransaction, unhurried, type CopyTransaction } from '../db/copy.ts';
import { readBlocks, readOutline } from '../db/dnc-blocks.ts';
import { findList, takeReleaseTurn, type DncListRow } from '../db/dnc-lists.ts';
import { awaitApproval, endDryRun, recordPrepared, recordReading, startRelease } from '../db/dnc-release-work.ts';
import { failRelease, findRelease, type Release } from '../db/dnc-releases.ts';
import { dropStagedBlocks, forgetActivation, isStaged, STAGED_BLOCKS } from '../db/dnc-staging.ts';
import { currentSettings } from '../db/settings.ts';
import { bitsOf, compare, type BlockChange, type Comparison } from './comparing.ts';
import { countMatches } from './matching.ts';
import { Outline } from './outline.ts';
import { NumberReading } from './parsing/number-reading.ts';
import { Phases, type OnProgress } from './phases.ts';
import { foreignTo } from './prefixes.ts';
import { readRelease, type FileContent } from './reading.ts';
import { ReleaseFailure } from './release-failure.ts';
import type { ReleaseDeps } from './releases.ts';
import { tidyUp } from './tidying.ts';

export { takeTurn, type Turn } from './turns.ts';

export type Prepared = 'ready' | 'awaiting_approval' | 'ended';

/** Blocks compared, read and staged at a time. */
const PORTION = 1_000;

/**
 * Reads the file of a release, compares it with the list as it is and stages what will change; nothing that anybody else looks
 * at is touched. Called again it starts over, unless all is there already. A file that cannot be used ends the release as
 * failed, with its problem; one that would drop too much of the list waits for a person. A dry run ends here.
 */
export async function prepareRelease(
  deps: ReleaseDeps, releaseId: string, onProgress: OnProgress, signal: AbortSignal,
): Promise<Prepared> {
  const { db, pool, now } = deps;
  const taken = await startRelease(db, releaseId, now());
  const release = await findRelease(db, releaseId);
  if (release?.state === 'awaiting_approval') return 'awaiting_approval';
  if (!taken || !release) return end(deps, releaseId);
  const phases = new Phases(db, releaseId, onProgress);
  try {
    const prepared = await inCopyTransaction(pool, (transaction) => prepareWithin(deps, transaction, release, phases, signal));
    if (prepared === 'ready' || prepared === 'awaiting_approval') return prepared;
    if (prepared === 'dry') await inCopyTransaction(pool, (transaction) => endDry(deps, transaction, release, phases, signal));
    return await end(deps, releaseId);
  } catch (error) {
    if (!(error instanceof ReleaseFailure)) throw error;
    if (error.report) await recordReading(db, releaseId, error.report);
    await failRelease(db, releaseId, { code: error.code, detail: error.message }, now());
    return end(deps, releaseId);
  }
}

async function end(deps: ReleaseDeps, releaseId: string): Promise<'ended'> {
  await tidyUp(deps, releaseId);
  return 'ended';
}

async function prepareWithin(
  deps: ReleaseDeps, transaction: CopyTransaction, release: Release, phases: Phases, signal: AbortSignal,
): Promise<Prepared | 'dry'> {
  const { db } = transaction;
  await unhurried(db);
  await takeReleaseTurn(db, release.id);
  const list = await findList(db, release.list);
  if (!list) throw new Error('the list of a release is gone');
  if (await isPrepared(transaction, release.id, list)) return 'ready';
  if (release.kind === 'change' && list.release_id === null) {
    throw new ReleaseFailure('change_without_base', 'No release of the list is in force that could be changed.');
  }
  await forgetActivation(deps.db, release.id);
  await dropStagedBlocks(db, release.id);
  const country = list.jurisdiction.slice(0, 2);
  const content = await readRelease(deps, release, country, phases, signal);
  const outline = new Outline(await readOutline(transaction, release.list));
  const staged = await stageChanges({ transaction, release, content, outline, phases, signal });
  const sums = outline.sums(foreignTo(country, new NumberReading(country).callingCode));
  if (release.kind === 'full' && sums.numbers === 0) {
    throw new ReleaseFailure('no_numbers', 'A full release without a single number would free everybody.', content.report);
  }
  const { timings } = phases;
  await recordPrepared(db, release.id, {
    ...content.report, ...staged, ...sums, baseId: list.release_id, timings, at: deps.now(),
  });
  if (release.dryRun) return 'dry';
  return conclude(transaction, release, { removed: staged.removed, of: outline.total });
}

/** Nothing has changed since it was prepared, and nothing is lost. */
async function isPrepared({ db }: CopyTransaction, releaseId: string, list: DncListRow): Promise<boolean> {
  const release = await findRelease(db, releaseId);
  if (!release?.preparedAt || release.baseId !== list.release_id) return false;
  return release.state === 'parsing' && !release.dryRun && isStaged(db, releaseId, release.staged);
}

async function conclude(
  { db }: CopyTransaction, release: Release, drop: { removed: number; of: number },
): Promise<Prepared> {
  const { settings } = await currentSettings(db);
  const isLarge = release.kind === 'full' && drop.removed > drop.of * settings.lists.maxDrop;
  if (!isLarge || release.approvedAt) return 'ready';
  return (await awaitApproval(db, release.id)) ? 'awaiting_approval' : 'ended';
}

async function endDry(
  deps: ReleaseDeps, transaction: CopyTransaction, release: Release, phases: Phases, signal: AbortSignal,
): Promise<void> {
  await unhurried(transaction.db);
  const leads = await countMatches({ deps, transaction, release, phases, signal });
  await endDryRun(transaction.db, release.id, leads, deps.now());
}

interface Staging {
  transaction: CopyTransaction;
  release: Release;
  content: FileContent;
  outline: Outline;
  phases: Phases;
  signal: AbortSignal;
}

interface Staged {
  staged: number;
  added: number;
  removed: number;
}

async function stageChanges({ transaction, release, content, outline, phases, signal }: Staging): Promise<Staged> {
  const comparison = compare(content, outline.prefixes, areaCodesOf(release, content));
  const { prefixes } = comparison;
  const sum: Staged = { staged: 0, added: 0, removed: 0 };
  await phases.begin('comparing', prefixes.length);
  for (let start = 0; start < prefixes.length; start += PORTION) {
    signal.throwIfAborted();
    const changes = await changesOf(transaction, release.list, comparison, outline, prefixes.slice(start, start + PORTION));
    for (const change of changes) {
      outline.change(change);
      sum.added += change.added;
      sum.removed += change.removed;
    }
    sum.staged += changes.length;
    await transaction.copy(STAGED_BLOCKS, [changes.map((change) => ({ release_id: release.id, ...change }))]);
    await phases.report(start);
  }
  phases.finish();
  return sum;
}

async function changesOf(
  transaction: CopyTransaction, listId: string, comparison: Comparison, outline: Outline, prefixes: readonly number[],
): Promise<BlockChange[]> {
  const wanted = prefixes.filter((prefix) => comparison.mayChange(prefix, outline.digest(prefix)));
  const known = wanted.filter((prefix) => outline.digest(prefix) !== null);
  const blocks = await readBlocks(transaction, listId, known);
  return wanted.flatMap((prefix) => comparison.change(prefix, bitsOf(blocks.get(prefix))) ?? []);
}

function areaCodesOf({ areaCodes }: Release, { report }: FileContent): ReadonlySet<number> | null {
  if (areaCodes === null) return null;
  return areaCodes === 'in-file' ? report.areaCodes : new Set(areaCodes);
}
