import { createArchiveActivities } from '../../activities/archive.ts';
import { createDisposalActivities } from '../../activities/disposal.ts';
import type { EndingStep } from '../../activities/ending.ts';
import { createLifeActivities } from '../../activities/life.ts';
import { createReviewActivities } from '../../activities/review.ts';
import { newId } from '../../db/ids.ts';
import type { ArchiveStore } from '../../endings/archive/archive-store.ts';
import { FolderJournal } from '../../endings/journal/folder-journal.ts';
import type { House } from '../setup/house.ts';
import type { Chance } from './chance.ts';
import type { Expected } from './naive-retention.ts';

/** How often the archive does not answer; half of the times it has done what it was asked. */
const SILENCE = 0.05;

/** What came of looking after a lead once. */
export interface Look {
  became: Expected[];
  /** When its workflow would look again; null when the life is over. */
  wakesAt: Date | null;
}

export type Caretaker = (leadId: string, at: Date) => Promise<Look>;

/**
 * Looks after leads as a worker does, one at a time and at moments that are given: everything that a review asks for is really
 * done, in the folder of the archive as in the database.
 */
export function caretaker({ db, vault, archive, signing, journalFolder, log }: House): Caretaker {
  let at = new Date(0);
  let became: Expected[] = [];
  const noted = (what: Expected['what'], end: (leadId: string) => Promise<EndingStep>) => async (leadId: string) => {
    const step = await end(leadId);
    if (step.isDone) became.push({ what, at });
    return step;
  };
  const means = {
    db, vault, signing, archive, log, now: () => at, backupKeepDays: 30, journal: new FolderJournal(journalFolder, newId()),
  };
  const { archiveLead, bringBackLead } = createArchiveActivities(means);
  const { disposeLead } = createDisposalActivities(means);
  const lives = createLifeActivities(createReviewActivities(means), {
    archiveLead: noted('archived', archiveLead), bringBackLead: noted('back', bringBackLead), disposeLead: noted('disposed', disposeLead),
  });
  return async (leadId, moment) => {
    [at, became] = [moment, []];
    const { reviewInMs, ending } = await lives.reviewLead(leadId);
    if (reviewInMs === null) return { became, wakesAt: null };
    return { became, wakesAt: new Date(at.getTime() + Math.min(reviewInMs, ending?.againInMs ?? reviewInMs)) };
  };
}

/** An archive that now and then does not answer. */
export function oftenSilent(inner: ArchiveStore, chance: Chance): ArchiveStore {
  const ask = async <T>(work: () => Promise<T>): Promise<T> => {
    const isSilent = chance.happens(SILENCE);
    if (isSilent && chance.happens(0.5)) throw new Error('the archive does not answer');
    const answer = await work();
    if (isSilent) throw new Error('the archive has done it and does not say so');
    return answer;
  };
  return {
    put: (object, bytes) => ask(() => inner.put(object, bytes)),
    get: (object) => ask(() => inner.get(object)),
    remove: (object) => ask(() => inner.remove(object)),
  };
}
