import type { Tx } from '../db/connection.ts';
import type { LockedLead } from '../db/locked-lead.ts';
import { tellLeads } from '../db/outbox.ts';
import { changeSubjectRequest, insertSubjectRequest, tellRequest, type SubjectRequestRow } from '../db/subject-requests.ts';
import { addStep, type NewStep } from '../db/subject-steps.ts';
import type { Vault } from '../db/vault.ts';
import type { SubjectRequestKind, SubjectRequestState } from '../domain/subject-request.ts';
import { OWN_PAGE } from './own-choices.ts';
import { recordWithdrawal, sealFact } from './consents.ts';
import { suppressNumber } from './suppressions.ts';

/** What a person asked for, the way it came, and their own words where there are any. */
export interface SubjectRequest {
  kind: SubjectRequestKind;
  via: string;
  requestedAt: Date;
  statement: string | null;
  /** The earliest deadline that the law of its places sets. */
  dueAt: Date | null;
  /** Who put it on record: `person`, or a key. */
  by: string;
}

/** The person behind a number; where it is no lead, its jurisdictions say what deadlines there are. */
interface Asker {
  token: bigint;
  lead: LockedLead | null;
  jurisdictions?: readonly string[];
}

/**
 * Puts a request of the person behind a number on record; of a number that is no lead only its token is kept. To be left alone
 * takes no proof of who somebody is (GDPR art. 21(3)): that is done at once.
 */
export async function recordSubjectRequest(
  tx: Tx, vault: Vault, person: Asker, request: SubjectRequest, now: Date,
): Promise<SubjectRequestRow> {
  const { kind, via, requestedAt, statement, dueAt, by } = request;
  const leadId = person.lead?.id ?? null;
  const recorded = await insertSubjectRequest(tx, {
    lead_id: leadId, token: person.token, kind, via, requested_at: requestedAt, received_at: now, due_at: dueAt,
    jurisdictions: [...(person.lead?.jurisdictions ?? person.jurisdictions ?? [])],
  });
  const stepId = await addStep(tx, recorded.id, { kind: 'received', by, word: via }, now);
  await tellRequest(tx, recorded, { signal: 'received', factId: stepId }, now);
  if (leadId !== null) {
    if (statement !== null) await sealFact(tx, vault, leadId, recorded.id, { statement });
    await tellLeads(tx, [leadId], { signal: 'lifecycleChanged', factId: recorded.id, said: `${kind} requested through ${via}` }, now);
  }
  if (kind === 'objection') return endMarketing(tx, vault, recorded, person, now);
  // Who asks on their own page is told there that it is on record.
  return via === OWN_PAGE ? changeSubjectRequest(tx, recorded.id, { acknowledged_at: now }) : recorded;
}

/** GDPR art. 21(3): who objects to direct marketing is not to be marketed to any more, whatever else comes of the request. */
async function endMarketing(
  tx: Tx, vault: Vault, request: SubjectRequestRow, { lead, token }: Asker, now: Date,
): Promise<SubjectRequestRow> {
  const { via, requested_at: at } = request;
  const factId = lead
    ? (await recordWithdrawal(tx, vault, lead, { channel: 'all', purpose: 'marketing', revokedAt: at, via, statement: null }, now)).id
    : (await suppressNumber(tx, token, { kind: 'opt_out', channel: 'all', reportedAt: at, via }, now)).suppression.id;
  await addStep(tx, request.id, { kind: 'marketing_ended', by: 'leadwarden', factId }, now);
  return endRequest(tx, request, 'fulfilled', { by: 'leadwarden' }, now);
}

/** Ends a request and leaves word for its workflow. */
export async function endRequest(
  tx: Tx, request: SubjectRequestRow, state: Extract<SubjectRequestState, 'fulfilled' | 'refused' | 'withdrawn'>,
  step: Omit<NewStep, 'kind'>, now: Date,
): Promise<SubjectRequestRow> {
  const stepId = await addStep(tx, request.id, { kind: state, ...step }, now);
  const ended = await changeSubjectRequest(tx, request.id, {
    state, ended_at: now, due_at: null, look_at: null, acknowledged_at: request.acknowledged_at ?? now,
  });
  await tellRequest(tx, request, { signal: 'requestChanged', factId: stepId, said: state }, now);
  return ended;
}
