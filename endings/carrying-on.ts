import { openDisposal } from '../db/disposals.ts';
import { endStay, erasureState, eraseUnprotected, retrieveUntil } from '../db/erasures.ts';
import type { Tx } from '../db/connection.ts';
import type { lockLead, LockedLead } from '../db/locked-lead.ts';
import { tellLeads } from '../db/outbox.ts';
import { openFirstRecords } from '../db/person-records.ts';
import { publish } from '../db/subscriber-events.ts';
import { changeSubjectRequest, type SubjectRequestRow } from '../db/subject-requests.ts';
import { pendingCodes } from '../db/subject-codes.ts';
import { addStep, addStepOnce } from '../db/subject-steps.ts';
import type { Vault } from '../db/vault.ts';
import { plus } from '../domain/civil-time.ts';
import type { RequestSummary } from '../domain/subject-card.ts';
import { ANSWER_VALID_FOR, type KeptData } from '../domain/subject-request.ts';
import { endRequest } from '../intake/subject-requests.ts';
import { keptByLaw } from './kept-by-law.ts';

/** A request after everything was done about it that could be done now. */
export interface Progress {
  request: SubjectRequestRow;
  waitsFor: RequestSummary['waitsFor'];
  /** When to look at the latest, should nobody have told of what it waits for. */
  againAt: Date | null;
  disposalId: string | null;
}

type Lead = Awaited<ReturnType<typeof lockLead>>;

interface Means {
  tx: Tx;
  vault: Vault;
  at: Date;
}

/** A request hears of the end of a hold, of a lead that is back and of a disposal that is done. These catch what was not said. */
const HELD_AGAIN = 'PT6H';
const ARCHIVE_AGAIN = 'PT10M';
const DISPOSAL_AGAIN = 'PT1H';
/** For how long an archived lead is brought back, and what for. */
const BACK_FOR = {
  identity: { word: 'identity', stay: 'PT1H' }, answer: { word: 'answer', stay: ANSWER_VALID_FOR }, erasure: { word: 'erasure', stay: 'PT1H' },
} as const;
/** A code that could not be sent for so long is of no use any more. */
export const CODES_SENT_WITHIN = 'PT2H';

/**
 * Does what a request asks for, as far as that takes nobody; with orders to hold locked `shared`, then the lead, then the
 * request. Can be called again at any point. Called in the transaction that identifies the person, what is to be erased is gone
 * before anybody else, the archive included, hears that it is to go.
 */
export async function carryOn(means: Means, request: SubjectRequestRow, lead: Lead): Promise<Progress> {
  const settled = { request, againAt: null, disposalId: null };
  if (request.ended_at) return { ...settled, waitsFor: null, disposalId: await disposalOf(means, request) };
  if (!lead) return { ...settled, waitsFor: 'answer' };
  if (request.identified_at === null) return awaitIdentity(means, request, lead);
  if (request.kind === 'erasure') return lead.disposed_at ? disposed(means, request) : erase(means, request, lead);
  if (request.kind !== 'correction' && lead.disposed_at === null) return fetchAnswer(means, request, lead.id);
  return { ...settled, waitsFor: 'answer' };
}

/** A code goes to the address that is held; of an archived lead that has to be fetched first. */
async function awaitIdentity(means: Means, request: SubjectRequestRow, lead: NonNullable<Lead>): Promise<Progress> {
  const { tx, at } = means;
  const isWaiting = (await pendingCodes(tx, request.id, plus(at, CODES_SENT_WITHIN, -1))).length > 0;
  const state = isWaiting && lead.disposed_at === null ? await erasureState(tx, lead.id, at) : null;
  return state?.archivedAt ? bringBack(means, request, lead.id, BACK_FOR.identity) : { request, waitsFor: 'identity', againAt: null, disposalId: null };
}

async function disposalOf({ tx, at }: Means, { lead_id: leadId, kind }: SubjectRequestRow): Promise<string | null> {
  if (leadId === null || kind !== 'erasure') return null;
  return (await erasureState(tx, leadId, at))?.disposalId ?? null;
}

/** What is archived of the person is brought back until the answer has been fetched. */
async function fetchAnswer({ tx, at }: Means, request: SubjectRequestRow, leadId: string): Promise<Progress> {
  const state = await erasureState(tx, leadId, at);
  if (!state?.archivedAt) return { request, waitsFor: 'answer', againAt: null, disposalId: null };
  return bringBack({ tx, at }, request, leadId, BACK_FOR.answer);
}

async function bringBack(
  { tx, at }: Pick<Means, 'tx' | 'at'>, request: SubjectRequestRow, leadId: string, { word, stay }: { word: string; stay: string },
): Promise<Progress> {
  await retrieveUntil(tx, leadId, plus(at, stay));
  const stepId = await addStepOnce(tx, request.id, { kind: 'retrieval_ordered', by: 'leadwarden', word }, at);
  if (stepId !== null) await tellLeads(tx, [leadId], { signal: 'lifecycleChanged', factId: stepId, said: 'wanted back for a request of the person' }, at);
  return { request, waitsFor: 'archive', againAt: plus(at, ARCHIVE_AGAIN), disposalId: null };
}

/**
 * Forgets a person: everything, where no duty of law protects anything; else what none protects, and says what is kept. Nothing
 * while a legal hold stands.
 */
async function erase({ tx, vault, at }: Means, request: SubjectRequestRow, lead: LockedLead): Promise<Progress> {
  const state = await erasureState(tx, lead.id, at);
  if (state?.isHeld) {
    await addStepOnce(tx, request.id, { kind: 'held', by: 'leadwarden', word: 'legal_hold' }, at);
    return { request, waitsFor: 'hold', againAt: plus(at, HELD_AGAIN), disposalId: state.disposalId };
  }
  if (state?.disposalId) return awaitDisposal(request, state.disposalId, at);
  const kept = await keptByLaw(tx, lead, at);
  if (kept.length === 0) {
    const order = { leadId: lead.id, ground: 'subject_request' as const, requestId: request.id, reason: null, by: 'person' };
    const disposalId = await openDisposal(tx, order, at);
    await addStep(tx, request.id, { kind: 'disposal_opened', by: 'leadwarden', factId: disposalId }, at);
    return awaitDisposal(request, disposalId, at);
  }
  const phone = (await openFirstRecords(tx, vault, [lead.id])).get(lead.id)?.[0] as { phone?: string } | undefined;
  const isErased = phone?.phone !== undefined && (await eraseUnprotected(tx, vault, lead.id, phone.phone));
  if (!isErased) return bringBack({ tx, at }, request, lead.id, BACK_FOR.erasure);
  return erasedInPart({ tx, at }, request, kept, lead.id);
}

async function erasedInPart(
  { tx, at }: Pick<Means, 'tx' | 'at'>, request: SubjectRequestRow, kept: readonly KeptData[], leadId: string,
): Promise<Progress> {
  const stepId = await addStep(tx, request.id, { kind: 'erased_in_part', by: 'leadwarden' }, at);
  await changeSubjectRequest(tx, request.id, { kept: JSON.stringify(kept) });
  await endStay(tx, leadId, at);
  await publish(tx, [{ type: 'lead.erased-in-part', leadId, factId: stepId, at, words: { requestId: request.id } }], at);
  await tellLeads(tx, [leadId], { signal: 'lifecycleChanged', factId: stepId, said: 'erased in part' }, at);
  const ended = await endRequest(tx, request, 'fulfilled', { by: 'leadwarden', word: 'in_part' }, at);
  return { request: ended, waitsFor: null, againAt: null, disposalId: null };
}

async function disposed(means: Means, request: SubjectRequestRow): Promise<Progress> {
  const { tx, at } = means;
  const disposalId = await disposalOf(means, request);
  await addStep(tx, request.id, { kind: 'disposed', by: 'leadwarden', factId: disposalId }, at);
  const ended = await endRequest(tx, request, 'fulfilled', { by: 'leadwarden', word: 'in_full', factId: disposalId }, at);
  return { request: ended, waitsFor: null, againAt: null, disposalId };
}

function awaitDisposal(request: SubjectRequestRow, disposalId: string, at: Date): Progress {
  return { request, waitsFor: 'disposal', againAt: plus(at, DISPOSAL_AGAIN), disposalId };
}
