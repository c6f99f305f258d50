import { dropStagedBlocks, forgetActivation } from '../db/dnc-staging.ts';
import { removeListFile, type ReleaseDeps } from './releases.ts';

/** Removes what is left of a release that has ended: its file, what it had staged, its mark. Again does no harm. */
export async function tidyUp({ db, listFolder }: Pick<ReleaseDeps, 'db' | 'listFolder'>, releaseId: string): Promise<void> {
  await forgetActivation(db, releaseId);
  await dropStagedBlocks(db, releaseId);
  await removeListFile(listFolder, releaseId);
}
