import { ApplicationFailure } from '@temporalio/activity';
import { keepLaws } from '../db/clearances.ts';
import type { Db, Tx } from '../db/connection.ts';
import { lockLeadFacts } from '../db/lead-facts.ts';
import { findLeads } from '../db/lead-views.ts';
import { currentSettings } from '../db/settings.ts';
import { DISPOSAL_STORES } from '../domain/disposal.ts';
import { review } from '../domain/review.ts';
import type { ArchiveStore } from '../endings/archive/archive-store.ts';
import type { LawOnRecord } from '../endings/disposal/certificate.ts';
import { disposeOf, type DisposingMeans, type Progress } from '../endings/disposal/disposing.ts';
import type { Journal } from '../endings/journal/journal.ts';
import { Flushes } from '../db/flushes.ts';
import { LawBook } from '../gate/law.ts';
import { peopleOfLeads } from '../gate/people.ts';
import type { SigningKeys } from '../proof/signing-keys.ts';
import { bundlesIn } from './disposing/bundles.ts';
import { receivers } from './disposing/receivers.ts';
import type { EndingStep } from './ending.ts';

export interface DisposalDependencies {
  db: Db;
  now: () => Date;
  signing: SigningKeys | null;
  archive: ArchiveStore;
  journal: Journal;
  /** How many days a backup is kept. */
  backupKeepDays: number;
}

/** Leads that are due together go together, with one transaction of the key store; two such batches at once. */
const MOST_TOGETHER = { size: 64, underWay: 2 };

/** The activity that destroys what is left of a person. Leads that are asked for at the same time share their transactions. */
export function createDisposalActivities(dependencies: DisposalDependencies) {
  const { db, now, archive, journal, backupKeepDays: keepDays, signing } = dependencies;
  const law = new LawBook();
  const meansWith = (keys: SigningKeys): DisposingMeans => ({
    db, now, journal, keepDays, whoseTimeIsOver, signing: keys,
    first: [receivers],
    last: [bundlesIn(archive)],
    lawOf: (tx, leadIds, at) => lawOf(tx, law, leadIds, at),
  });
  const together = new Flushes<string, EndingStep>(async (leadIds) => {
    if (!signing) throw ApplicationFailure.nonRetryable('There is no signing key, and so no certificate.', 'no_signing_key');
    return goOn(meansWith(signing), leadIds);
  }, MOST_TOGETHER);
  return {
    /** Goes on with the disposal of one lead; can be called again at any point. Fails for good when there is no such lead. */
    disposeLead: (leadId: string): Promise<EndingStep> => together.add(leadId),
  };
}

type Settled = PromiseSettledResult<EndingStep>;

/** One lead that stands in the way of all others goes by itself, and so do they. */
async function goOn(means: DisposingMeans, leadIds: readonly string[]): Promise<Settled[]> {
  const ids = [...new Set(leadIds)];
  try {
    return await settle(means, leadIds, await disposeOf(means, ids));
  } catch (error) {
    if (ids.length === 1) throw error;
    const alone = new Map<string, Settled>();
    for (const id of ids) {
      const disposed = disposeOf(means, [id]).then((progress) => stepOf(means.now(), progress.get(id)));
      const [settled] = await Promise.allSettled([disposed]);
      alone.set(id, settled);
    }
    return leadIds.map((id) => alone.get(id) as Settled);
  }
}

function settle(means: DisposingMeans, leadIds: readonly string[], progress: ReadonlyMap<string, Progress>): Promise<Settled[]> {
  return Promise.allSettled(leadIds.map(async (id) => stepOf(means.now(), progress.get(id))));
}

const LOOK_AGAIN_MS = 1_000;
const ALL_CONFIRMED = Object.fromEntries(DISPOSAL_STORES.map((store) => [store, 'confirmed']));

function stepOf(now: Date, progress: Progress | undefined): EndingStep {
  switch (progress?.state) {
    case 'complete': return { isDone: true, againInMs: 0, waitsFor: [], stores: ALL_CONFIRMED, certificateId: progress.disposalId };
    case 'kept': return { isDone: false, againInMs: LOOK_AGAIN_MS, waitsFor: [] };
    case 'waits': return {
      isDone: false, againInMs: Math.max(LOOK_AGAIN_MS, progress.againAt.getTime() - now.getTime()), waitsFor: progress.waitsFor,
      ...(progress.stores ? { stores: progress.stores } : {}),
    };
    case undefined: throw ApplicationFailure.nonRetryable('There is no lead of this id in the database.', 'unknown_lead');
  }
}

/** Reviewed once more, under the locks: a fact that came in since the lead's own review keeps it. */
async function whoseTimeIsOver(tx: Tx, leadIds: readonly string[], at: Date): Promise<Set<string>> {
  const people = await peopleOfLeads(tx, leadIds, at);
  const over = new Set<string>();
  for (const leadId of leadIds) {
    const facts = await lockLeadFacts(tx, leadId, at);
    const person = people.get(leadId);
    if (!facts || !person) continue;
    const { action } = review({ ...facts, disposalOpenedAt: null }, person.facts, person.law, at);
    if (action === 'dispose') over.add(leadId);
  }
  return over;
}

/** The law and settings of the moment, kept under their name as those of clearances are. */
async function lawOf(tx: Tx, book: LawBook, leadIds: readonly string[], at: Date): Promise<Map<string, LawOnRecord>> {
  const settings = await currentSettings(tx);
  const leads = await findLeads(tx, leadIds);
  const editions = leads.map(({ id, jurisdictions }) => [id, book.edition({ jurisdictions, zones: [], at }, settings)] as const);
  const used = new Map(editions.map(([, { version, document }]) => [version, { version, document }]));
  await keepLaws(tx, [...used.values()], at);
  return new Map(editions.map(([id, { version }]) => [id, { policyVersion: version, settingsVersion: settings.version }]));
}
