import { archiveGrounds } from '../db/archive-ground.ts';
import { consentLedgers } from '../db/consents.ts';
import type { Db, Tx } from '../db/connection.ts';
import { currentSettings } from '../db/settings.ts';
import type { Vault } from '../db/vault.ts';
import { quietUntil } from '../domain/retention.ts';
import type { ArchiveStore } from '../endings/archive/archive-store.ts';
import { archiveLeads, type Passage } from '../endings/archive/archiving.ts';
import { bringBackLeads } from '../endings/archive/returning.ts';
import { Flushes } from '../db/flushes.ts';
import { look } from '../gate/lead-review.ts';
import type { EndingStep } from './ending.ts';

export interface ArchiveDependencies {
  db: Db;
  vault: Vault;
  archive: ArchiveStore;
  now: () => Date;
  log: { info(facts: object, message: string): void; warn(facts: object, message: string): void };
}

/** What comes at the same time is one piece of work: one transaction, and one wait for the disk. */
const MOST = { size: 256, underWay: 2 };

const DONE: EndingStep = { isDone: true, againInMs: 0, waitsFor: [] };
const STEPS: Record<Passage, EndingStep> = {
  done: DONE,
  store: { isDone: false, againInMs: 60_000, waitsFor: ['archive'] },
  bundle: { isDone: false, againInMs: 600_000, waitsFor: ['archive_bundle'] },
  again: { isDone: false, againInMs: 1_000, waitsFor: [] },
};

const PROBLEMS = {
  store: 'the archive store does not answer, or refuses; leads that are due stay where they are, and are tried again',
  bundle: 'the archive store gives back something else than was put there; leads stay where they are, and are tried again',
};

type Work = (leadIds: readonly string[]) => Promise<Map<string, Passage>>;

/** The activities by which a lead goes into the archive and comes back. */
export function createArchiveActivities({ db, vault, archive: store, now, log }: ArchiveDependencies) {
  const means = { db, vault, store, stillDue, now };
  const inSteps = stepsOf(log);
  const archiving = new Flushes<string, EndingStep>(inSteps((ids) => archiveLeads(means, ids)), MOST);
  const returning = new Flushes<string, EndingStep>(inSteps((ids) => bringBackLeads(means, ids)), MOST);
  return {
    /**
     * Moves the personal data of a lead into the archive store. Not done while the store does not answer, or gives back something
     * else.
     */
    archiveLead: (leadId: string): Promise<EndingStep> => archiving.add(leadId),
    /** Moves it back. Not done while the store does not answer, or has not got what was put there. */
    bringBackLead: (leadId: string): Promise<EndingStep> => returning.add(leadId),
  };
}

/** What becomes of some leads, as the steps of their workflows. Says once that the store fails, and once that it works again. */
function stepsOf(log: ArchiveDependencies['log']) {
  let isFailing = false;
  const note = (passages: readonly Passage[]) => {
    const problem = passages.find((passage) => passage === 'store' || passage === 'bundle');
    if (problem && !isFailing) log.warn({ event: 'archive.failing', problem }, PROBLEMS[problem]);
    if (!problem && isFailing && passages.includes('done')) log.info({ event: 'archive.works' }, 'the archive store works again');
    isFailing = problem !== undefined || (isFailing && !passages.includes('done'));
  };
  return (work: Work) => async (leadIds: readonly string[]): Promise<PromiseSettledResult<EndingStep>[]> => {
    const passages = await work([...new Set(leadIds)]);
    note([...passages.values()]);
    return leadIds.map((id) => ({ status: 'fulfilled', value: STEPS[passages.get(id) ?? 'done'] }));
  };
}

/** Which leads are due still. Most have been quiet for long, which is soon told; of the others everything is looked at anew. */
async function stillDue(tx: Tx, leadIds: readonly string[], at: Date): Promise<Set<string>> {
  const { settings } = await currentSettings(tx);
  const ledgers = await consentLedgers(tx, leadIds);
  const due = new Set<string>();
  for (const ground of await archiveGrounds(tx, leadIds)) {
    if (ground.isBeingDisposed) continue;
    const wasNeverAway = ground.retrievedUntil === null && ground.archivedWith === null;
    const isQuiet = wasNeverAway && quietUntil(ground, ledgers.get(ground.id) ?? [], settings) <= at;
    if (isQuiet || (await look(tx, ground.id, at))?.decided.action === 'archive') due.add(ground.id);
  }
  return due;
}
