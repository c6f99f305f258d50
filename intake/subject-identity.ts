import { timingSafeEqual } from 'node:crypto';
import type { Tx } from '../db/connection.ts';
import { orderErasure } from '../db/erasures.ts';
import { lockHolds } from '../db/legal-holds.ts';
import { lockLead, type LockedLead } from '../db/locked-lead.ts';
import { tellLeads } from '../db/outbox.ts';
import { countCodes, countTry, handCode, insertSubjectCode, newestCode, useCode, type SubjectCode } from '../db/subject-codes.ts';
import { changeSubjectRequest, lockSubjectRequest, tellRequest, type SubjectRequestRow } from '../db/subject-requests.ts';
import { addStep } from '../db/subject-steps.ts';
import type { Vault } from '../db/vault.ts';
import { plus } from '../domain/civil-time.ts';
import { DomainError } from '../domain/problem.ts';
import { CODES_A_DAY, CODE_TRIES, CODE_VALID_FOR } from '../domain/subject-request.ts';
import { sealFact } from './consents.ts';

/** A request under way and its lead, with everybody else who changes either waiting. */
export interface LockedRequest {
  request: SubjectRequestRow;
  lead: LockedLead;
}

/**
 * A request of somebody on the books that is under way, locked, the lead first. Refuses one that has ended, and one whose number
 * is no lead or no lead any more: there is nobody to be identified, and nothing that could be told.
 */
export async function requireOpenRequest(tx: Tx, found: SubjectRequestRow): Promise<LockedRequest> {
  // First of all, as by whoever destroys: what is erased further on is erased under it.
  await lockHolds(tx, 'shared');
  const lead = found.lead_id === null ? null : await lockLead(tx, found.lead_id);
  const request = await lockSubjectRequest(tx, found.id);
  if (request?.ended_at !== null) throw new DomainError('already_settled', 'The request has ended.');
  if (lead?.disposed_at === null) return { request, lead };
  throw new DomainError('nothing_held', 'The number is no lead: answer that nothing is held, with POST /v1/subject-requests/{id}/fulfil.');
}

/** Puts down that the person is to be sent a code. Refuses a further one where there have been too many in a day. */
export async function askForCode(tx: Tx, { request, lead }: LockedRequest, by: string, now: Date): Promise<SubjectCode> {
  await requireAllowance(tx, lead.id, now);
  const code = await insertSubjectCode(tx, { request_id: request.id, lead_id: lead.id, asked_at: now, asked_by: by });
  const stepId = await addStep(tx, request.id, { kind: 'code_asked', by, factId: code.id }, now);
  if (request.state === 'received') await changeSubjectRequest(tx, request.id, { state: 'identifying' });
  await tellRequest(tx, request, { signal: 'requestChanged', factId: stepId, said: 'code asked for' }, now);
  return code;
}

/**
 * A code for somebody who sends it to the person by a way of their own: the newest, where it has been handed to nobody yet and
 * can be used, else a further one. From then on it is good for half an hour.
 */
export async function handOutCode(
  tx: Tx, vault: Vault, locked: LockedRequest, by: string, now: Date,
): Promise<{ code: string; expiresAt: Date }> {
  const { request, lead } = locked;
  const expiresAt = plus(now, CODE_VALID_FOR);
  const newest = await newestCode(tx, request.id);
  const isFresh = newest?.handed_at === null && newest.used_at === null && newest.tries === 0 && newest.adapter !== 'smtp'
    && plus(newest.asked_at, CODE_VALID_FOR) > now;
  if (!isFresh) await requireAllowance(tx, lead.id, now);
  const code = isFresh ? newest : await insertSubjectCode(tx, {
    request_id: request.id, lead_id: lead.id, asked_at: now, asked_by: by, handed_at: now, expires_at: expiresAt,
  });
  await handCode(tx, code.id, now, expiresAt);
  await addStep(tx, request.id, { kind: 'code_handed_over', by, factId: code.id }, now);
  const state = request.state === 'received' ? 'identifying' : request.state;
  await changeSubjectRequest(tx, request.id, { state, acknowledged_at: request.acknowledged_at ?? now });
  return { code: vault.oneTimeCode(code.id), expiresAt };
}

async function requireAllowance(tx: Tx, leadId: string, now: Date): Promise<void> {
  if ((await countCodes(tx, leadId, plus(now, 'P1D', -1))) < CODES_A_DAY) return;
  throw new DomainError('too_many_codes', `A person is sent at most ${CODES_A_DAY} codes a day; try again tomorrow, or vouch for them.`);
}

/**
 * Tries a code. A right one shows who somebody is, once; of a wrong one the try is counted, so the caller commits whatever comes
 * of it. Null where the code is wrong, used or over, where all tries are spent, and where there is none: nobody learns which.
 */
export async function tryCode(
  tx: Tx, vault: Vault, locked: LockedRequest, code: string, by: string, now: Date,
): Promise<SubjectRequestRow | null> {
  const { request } = locked;
  const codeId = await countTry(tx, request.id, CODE_TRIES, now);
  if (codeId === null) return null;
  if (!isSame(code.replace(/[\s-]/g, ''), vault.oneTimeCode(codeId))) {
    await addStep(tx, request.id, { kind: 'code_wrong', by, factId: codeId }, now);
    return null;
  }
  await useCode(tx, codeId, now);
  return request.identified_at === null ? identify(tx, locked, { by, identifiedBy: 'code', factId: codeId }, now) : request;
}

function isSame(given: string, right: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Somebody of the staff says that it is the person, and why they know; their words are kept sealed. */
export async function vouchFor(
  tx: Tx, vault: Vault, locked: LockedRequest, reason: string, by: string, now: Date,
): Promise<SubjectRequestRow> {
  if (locked.request.identified_at !== null) throw new DomainError('already_settled', 'It is known already that the request comes from the person.');
  const stepId = await addStep(tx, locked.request.id, { kind: 'vouched', by }, now);
  await sealFact(tx, vault, locked.lead.id, stepId, { reason });
  return identify(tx, locked, { by, identifiedBy: by, factId: stepId }, now);
}

/** It is the person: what they asked for gets under way. */
async function identify(
  tx: Tx,
  { request, lead }: LockedRequest,
  { by, identifiedBy, factId }: { by: string; identifiedBy: string; factId: string },
  now: Date,
): Promise<SubjectRequestRow> {
  const stepId = await addStep(tx, request.id, { kind: 'identified', by, word: identifiedBy === 'code' ? 'code' : 'vouched', factId }, now);
  const identified = await changeSubjectRequest(tx, request.id, {
    state: 'in_progress', identified_at: now, identified_by: identifiedBy, acknowledged_at: request.acknowledged_at ?? now,
  });
  if (request.kind === 'erasure') {
    await orderErasure(tx, lead.id, request.id, now);
    await addStep(tx, request.id, { kind: 'erasure_ordered', by: 'leadwarden' }, now);
    await tellLeads(tx, [lead.id], { signal: 'lifecycleChanged', factId: request.id, said: 'the person asked to be forgotten' }, now);
  }
  await tellRequest(tx, request, { signal: 'requestChanged', factId: stepId, said: `identified by ${identifiedBy === 'code' ? 'a code' : 'staff'}` }, now);
  return identified;
}
