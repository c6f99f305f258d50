import type { Db, Tx } from '../../db/connection.ts';
import { disposalBackOffMs, DISPOSAL_STORES } from '../../domain/disposal.ts';
import {
  completeDisposals, countAttempts, lockAtTheirEnd, recordSteps, takeBackDisposals, tellReceivers,
  type LeadAtItsEnd, type OpenedDisposal,
} from '../../db/disposal-work.ts';
import { putDisposal, stepsOfDisposals, type DisposalStepRow } from '../../db/disposals.ts';
import { findRemains } from '../../db/erasure.ts';
import type { SigningKeys } from '../../proof/signing-keys.ts';
import type { Journal } from '../journal/journal.ts';
import { certify, type LawOnRecord } from './certificate.ts';
import { destroyKeys, type Opened } from './key-destruction.ts';
import type { ForgettingStore } from './forgetting-store.ts';

/** What it takes to dispose of leads. */
export interface DisposingMeans {
  db: Db;
  now: () => Date;
  /** Asked while everything can still be stopped. */
  first: readonly ForgettingStore[];
  /** Asked when nothing can stop it any more, right before the keys go. */
  last: readonly ForgettingStore[];
  journal: Journal;
  signing: SigningKeys;
  /** How many days a backup is kept. */
  keepDays: number;
  /** Of some leads, those whose last reason to be kept has ended. */
  whoseTimeIsOver: (tx: Tx, leadIds: readonly string[], at: Date) => Promise<ReadonlySet<string>>;
  /** Under which law some leads are disposed of, by lead id. */
  lawOf: (tx: Tx, leadIds: readonly string[], at: Date) => Promise<ReadonlyMap<string, LawOnRecord>>;
}

/** How far the disposal of a lead has come. */
export type Progress =
  | { state: 'complete'; disposalId: string }
  /** Something has happened that keeps the lead. */
  | { state: 'kept' }
  | { state: 'waits'; againAt: Date; waitsFor: string[]; stores?: Record<string, string> };

const HELD_MS = 6 * 3_600_000;
const ANEW_MS = 1_000;

/**
 * Goes on with the disposal of some leads from wherever they are, as far as it goes now. Each step is committed before the next
 * one begins, so that it can be called again at any point, by anybody. Answers by lead id; ids without a lead are left out.
 */
export async function disposeOf(means: DisposingMeans, leadIds: readonly string[]): Promise<Map<string, Progress>> {
  const { now } = means;
  const { settled, opened, erased } = await begin(means, leadIds, now());
  const ready = await askFirst(means, opened);
  const { destroyed, kept } = await destroyKeys(means, ready);
  for (const leadId of kept) settled.set(leadId, { state: 'kept' });
  const complete = await finish(means, [...erased, ...destroyed]);
  for (const { leadId, disposal } of [...opened, ...erased]) {
    if (settled.has(leadId)) continue;
    settled.set(leadId, complete.has(leadId) ? { state: 'complete', disposalId: disposal.id } : await waiting(means, { leadId, disposal }, now()));
  }
  return settled;
}

interface Begun {
  settled: Map<string, Progress>;
  /** Those whose key is there yet. */
  opened: Opened[];
  /** Those whose key is gone. */
  erased: Opened[];
}

/** Opens what is due, counts the attempt, and has receivers told; whatever must not go on is left out. */
async function begin({ db, now: clock, whoseTimeIsOver }: DisposingMeans, leadIds: readonly string[], now: Date): Promise<Begun> {
  return db.transaction().execute(async (tx) => {
    const begun: Begun = { settled: new Map(), opened: [], erased: [] };
    const leads = [...(await lockAtTheirEnd(tx, leadIds, now)).values()];
    const timed = leads.filter((lead) => lead.token !== null && !lead.isHeld && restsOnTime(lead));
    const mustBeOver = timed.map(({ leadId }) => leadId);
    const over = mustBeOver.length === 0 ? new Set<string>() : await whoseTimeIsOver(tx, mustBeOver, now);
    const ended = leads.filter((lead) => mustBeOver.includes(lead.leadId) && !over.has(lead.leadId));
    await takeBackDisposals(tx, ended.flatMap(({ disposal }) => (disposal ? [disposal.id] : [])));
    for (const lead of leads) {
      const { leadId, disposal } = lead;
      if (disposal?.completedAt) begun.settled.set(leadId, { state: 'complete', disposalId: disposal.id });
      else if (disposal?.keyDestroyedAt) begun.erased.push({ leadId, disposal });
      else if (lead.isHeld) begun.settled.set(leadId, { state: 'waits', againAt: new Date(now.getTime() + HELD_MS), waitsFor: ['hold'] });
      else if (ended.includes(lead)) begun.settled.set(leadId, { state: 'kept' });
      else begun.opened.push({ leadId, disposal: disposal ?? (await openFor(tx, lead, clock())) });
    }
    const inHand = [...begun.opened, ...begun.erased];
    await countAttempts(tx, inHand.map(({ disposal: { id, attempts } }) => {
      return { id, nextAt: new Date(now.getTime() + disposalBackOffMs(attempts + 1)) };
    }));
    await tellReceivers(tx, begun.opened.map(({ leadId, disposal: { id } }) => ({ id, leadId })), now);
    return begun;
  });
}

/** What a person asked for or ordered does not rest on a period that has ended. */
export function restsOnTime({ disposal }: LeadAtItsEnd): boolean {
  return disposal === null || disposal.ground === 'retention';
}

async function openFor(tx: Tx, lead: LeadAtItsEnd, openedAt: Date): Promise<OpenedDisposal> {
  const { leadId, erasureAskedAt, erasureRequestId: requestId } = lead;
  const ground = erasureAskedAt ? 'subject_request' as const : 'retention' as const;
  const order = { leadId, ground, requestId: erasureAskedAt ? requestId : null, reason: null, by: ground };
  const { id } = await putDisposal(tx, order, openedAt);
  return {
    id, ground, requestId: order.requestId, openedBy: ground, openedAt, approvedBy: null, attempts: 0,
    keyDestroyedAt: null, kek: null, completedAt: null,
  };
}

/** Asks the stores that can take their time; answers the leads of whom all have confirmed. */
async function askFirst({ db, first, now }: DisposingMeans, opened: readonly Opened[]): Promise<Opened[]> {
  if (opened.length === 0) return [];
  const steps = await stepsOf(db, opened);
  const waiting = new Set<string>();
  for (const store of first) {
    const asked = opened.filter(({ disposal: { id } }) => !isConfirmed(steps.get(id), store.store));
    const answers = await ask(db, store, asked, now());
    for (const { leadId, problem } of answers) if (problem !== null) waiting.add(leadId);
  }
  return opened.filter(({ leadId }) => !waiting.has(leadId));
}

/** Asks one store about some leads, and puts down what it says. */
export async function ask(
  db: Db, store: ForgettingStore, asked: readonly Opened[], now: Date,
): Promise<{ leadId: string; problem: string | null }[]> {
  if (asked.length === 0) return [];
  const answers = await store.forget(db, asked.map(({ leadId, disposal: { id: disposalId } }) => ({ disposalId, leadId })));
  const reports = asked.map(({ leadId, disposal: { id: disposalId } }) => {
    const { problem, evidence } = answers.get(leadId) ?? { problem: 'unreachable' as const, evidence: null };
    return { leadId, disposalId, store: store.store, problem, evidence };
  });
  await recordSteps(db, reports, now);
  return reports;
}

/** Looks for what should be gone, and certifies what is: answers the leads whose disposal is complete. */
async function finish(means: DisposingMeans, erased: readonly Opened[]): Promise<Set<string>> {
  if (erased.length === 0) return new Set();
  const { db, last, now } = means;
  const steps = await stepsOf(db, erased);
  const open = new Set<string>();
  for (const store of last) {
    await ask(db, store, erased.filter(({ disposal: { id } }) => !isConfirmed(steps.get(id), store.store)), now());
    const whom = erased.map(({ leadId, disposal: { id: disposalId } }) => ({ disposalId, leadId }));
    const remains = await store.findRemains(db, whom);
    const found = erased.filter(({ leadId }) => remains.has(leadId));
    for (const { leadId } of found) open.add(leadId);
    await recordSteps(db, found.map(({ disposal: { id: disposalId } }) => {
      return { disposalId, store: store.store, problem: 'still_there' as const, evidence: null };
    }), now());
  }
  return certifyAll(means, erased.filter(({ leadId }) => !open.has(leadId)));
}

async function certifyAll({ db, now, signing, keepDays, lawOf }: DisposingMeans, gone: readonly Opened[]): Promise<Set<string>> {
  if (gone.length === 0) return new Set();
  const ids = gone.map(({ leadId }) => leadId);
  return db.transaction().execute(async (tx) => {
    const at = now();
    const leads = await lockAtTheirEnd(tx, ids, at);
    const left = (await findRemains(tx, ids)).filter(({ keys, records }) => keys + records > 0);
    const remains = new Set(left.map(({ leadId }) => leadId));
    const [steps, laws] = [await stepsOf(tx, gone), await lawOf(tx, ids, at)];
    const done = [...leads.values()].flatMap(({ leadId, disposal }) => {
      const law = laws.get(leadId);
      if (!law || remains.has(leadId) || !disposal?.keyDestroyedAt || disposal.completedAt) return [];
      const { keyDestroyedAt } = disposal;
      const certified = { lead: { leadId }, disposal: { ...disposal, keyDestroyedAt }, steps: steps.get(disposal.id) ?? [], law };
      const certificate = certify(certified, { signing, keepDays }, at);
      return certificate ? [{ id: disposal.id, leadId, certificate }] : [];
    });
    if (done.length > 0) await completeDisposals(tx, done, at);
    const before = [...leads.values()].filter(({ disposal }) => disposal?.completedAt).map(({ leadId }) => leadId);
    return new Set([...done.map(({ leadId }) => leadId), ...before]);
  });
}

async function waiting({ db }: DisposingMeans, { disposal: { id, attempts } }: Opened, now: Date): Promise<Progress> {
  const steps = (await stepsOfDisposals(db, [id])).get(id) ?? [];
  const waitsFor = DISPOSAL_STORES.filter((store) => steps.some((step) => step.store === store && step.confirmed_at === null));
  // Nobody keeps it waiting: something came in between, and a second look says what.
  const wait = waitsFor.length === 0 ? ANEW_MS : disposalBackOffMs(attempts + 1);
  return { state: 'waits', againAt: new Date(now.getTime() + wait), waitsFor: [...waitsFor], stores: wordsOf(steps) };
}

/** What each store has said so far, in a word. */
function wordsOf(steps: readonly DisposalStepRow[]): Record<string, string> {
  return Object.fromEntries(DISPOSAL_STORES.map((store) => {
    const step = steps.find((each) => each.store === store);
    return [store, step?.confirmed_at ? 'confirmed' : step?.problem ?? 'waits'];
  }));
}

function stepsOf(db: Db, opened: readonly Opened[]): Promise<Map<string, DisposalStepRow[]>> {
  return stepsOfDisposals(db, opened.map(({ disposal: { id } }) => id));
}

function isConfirmed(steps: readonly DisposalStepRow[] | undefined, store: string): boolean {
  return steps?.some((step) => step.store === store && step.confirmed_at !== null) === true;
}
