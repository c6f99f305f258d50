import { findList } from '../db/dnc-lists.ts';
import { hasEarlierPending } from '../db/dnc-release-work.ts';
import { failRelease, findRelease, hasEnded } from '../db/dnc-releases.ts';
import { tidyUp } from './tidying.ts';
import type { ReleaseDeps } from './releases.ts';

export type Turn = 'go' | 'wait' | 'ended';

/**
 * Whether it is the turn of a release: those of one list come into force one at a time, in the order of their `asOf`. One that
 * is older than the release in force has failed. One that waits for approval keeps nobody waiting; a dry run waits for nobody.
 */
export async function takeTurn(deps: ReleaseDeps, releaseId: string): Promise<Turn> {
  const { db, now } = deps;
  const release = await findRelease(db, releaseId);
  if (!release || hasEnded(release.state)) return ended(deps, releaseId);
  if (release.state === 'awaiting_approval') return 'wait';
  const list = await findList(db, release.list);
  if (list?.release_as_of && release.asOf < list.release_as_of) {
    await failRelease(db, releaseId, { code: 'older_than_in_force', detail: 'A release of a later moment is in force.' }, now());
    return ended(deps, releaseId);
  }
  if (release.dryRun) return 'go';
  return (await hasEarlierPending(db, release)) ? 'wait' : 'go';
}

async function ended(deps: ReleaseDeps, releaseId: string): Promise<Turn> {
  await tidyUp(deps, releaseId);
  return 'ended';
}
