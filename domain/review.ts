import { earliest, latest, plus } from './civil-time.ts';
import { REASON_CODES, type GateFacts, type Reason, type ReasonCode } from './clearance.ts';
import { planConfirmation, type AskedConsents } from './confirmation.ts';
import { consentState, consentUntil, type ConsentState } from './consent-ledger.ts';
import { gradeForHours, nameOfArea } from './contact-area.ts';
import { outlook, standingReasons, type Law, type Outlook } from './decide.ts';
import type { DncState, LeadAction, LeadFacts, Stage } from './lead.ts';
import { marketingQuestion } from './marketing.ts';
import { planRenewal } from './renewal.ts';
import { archiveDue, endingDue, retention } from './retention.ts';
import { stageOf } from './stage.ts';
import { turningPoints } from './turning-points.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const SAFETY_NET = 'P30D';

/** What a lead's facts mean at one moment, and when to look again. Holds nothing personal. */
export interface Review {
  stage: Stage;
  consentState: ConsentState;
  dncState: DncState;
  /** What stands against a marketing call by the company's own people, hours aside; the strongest first. */
  blockers: ReasonCode[];
  /** Until when an earlier contact keeps everybody quiet; null when none does, or for good. */
  cooldownUntil: Date | null;
  /** When such a call is allowed next, hours included; null while something stands that time does not cure. */
  contactableFrom: Date | null;
  /** The same with hours left aside, for lists; it stays where it was while the lead waits to be called. */
  hopperFrom: Date | null;
  /** Leads with the same calling hours have the same one. */
  contactArea: string;
  /** The earliest moment at which any of this could change by itself; null once the lead is disposed of. */
  reviewAt: Date | null;
  /** When the personal data leaves the hot tables, unless something happens before. */
  archiveDueAt: Date | null;
  /** When the last duty or wish to keep the lead ends. */
  retainUntil: Date | null;
  /** What is to be done about its end now. */
  action: LeadAction | null;
  /** When the last consent in force lapses by itself. */
  consentUntil: Date | null;
  /** Consents that the person is to be asked to confirm now. */
  ask: AskedConsents[];
  /** Consents that lapse now, because nobody confirmed them in time. */
  lapse: AskedConsents[];
  /** Consents that the person is to be asked to give anew now. */
  renew: AskedConsents[];
  /** The grounds, in plain sentences for the person who opens the lead. */
  why: string[];
}

/**
 * Says what a lead's facts mean under the law and settings in force at `now`. Pure and total: the same facts give the same
 * review, whatever the order in which they arrived. Open clearances are left aside: a review does not hear of them.
 */
export function review(facts: LeadFacts, onRecord: GateFacts, law: Law, now: Date): Review {
  const gate = { ...onRecord, openClearance: null };
  const calls = outlook(marketingQuestion(law.settings.company.name, 'call'), gate, law, now);
  const stage = stageOf(facts, gate, [calls.reasons, ...otherChannels(facts, gate, law, calls, now)], now);
  const archiveDueAt = archiveDue(facts, gate.consents, stage, law.settings, now);
  const retainUntil = stage === 'disposed' ? null : retention(facts, gate.consents, law.policies, law.settings, now);
  const { next, ...asking } = askingOf(facts, gate, law, now);
  const cures = calls.reasons.map(({ notBefore }) => notBefore);
  const changes = [archiveDueAt, retainUntil, facts.retrievedUntil, next, ...cures, ...turningPoints(gate, law)];
  return {
    stage,
    consentState: consentState(gate.consents, now),
    dncState: dncStateOf(gate),
    ...contactability(facts, gate, law, calls, now),
    reviewAt: stage === 'disposed' ? null : nextReview(facts.id, changes, now),
    archiveDueAt,
    retainUntil,
    action: endingDue(facts, gate.consents, { archiveDueAt, retainUntil }, now),
    consentUntil: consentUntil(gate.consents, now),
    ...asking,
    why: grounds(facts, gate.suppressions, stage),
  };
}

/**
 * The same for a lead whose key is gone: nothing is known of it but what is on record. Until its disposal is complete it is
 * gone on with, and the stage stays what it was.
 */
export function reviewForgotten(facts: LeadFacts, onRecord: { consentState: ConsentState }, now: Date): Review {
  const isDone = facts.disposedAt !== null;
  return {
    stage: isDone ? 'disposed' : facts.stage,
    consentState: onRecord.consentState,
    dncState: 'unchecked',
    blockers: ['lead_disposed'],
    cooldownUntil: null,
    contactableFrom: null,
    hopperFrom: null,
    contactArea: '',
    reviewAt: isDone ? null : nextReview(facts.id, [], now),
    archiveDueAt: null,
    retainUntil: null,
    action: isDone ? null : 'dispose',
    consentUntil: null,
    ask: [],
    lapse: [],
    renew: [],
    why: grounds(facts, [], isDone ? 'disposed' : facts.stage),
  };
}

/** What the person is to be asked now, and when next; nothing of somebody who is out of use. */
function askingOf(
  { requests, archivedAt, disposedAt }: LeadFacts, gate: GateFacts, { settings }: Law, now: Date,
): Pick<Review, 'ask' | 'lapse' | 'renew'> & { next: Date | null } {
  if (archivedAt ?? disposedAt) return { ask: [], lapse: [], renew: [], next: null };
  const { next: confirmsNext, ...confirmation } = planConfirmation(gate.consents, requests, gate, settings, now);
  const { next: renewsNext, renew } = planRenewal(gate.consents, requests, gate, settings, now);
  return { ...confirmation, renew, next: earliest([confirmsNext, renewsNext]) };
}

/** Looked up in nothing is not clear: a list of its places that has no release leaves the lead unchecked. */
function dncStateOf({ lists }: GateFacts): DncState {
  if (lists.some(({ listedSince }) => listedSince !== null)) return 'listed';
  return lists.length > 0 && lists.every(({ release }) => release !== null) ? 'clear' : 'unchecked';
}

/** Messages, and e-mail where there is an address. Quiet time after a contact is one on every channel. */
function otherChannels({ hasEmail }: LeadFacts, gate: GateFacts, law: Law, calls: Outlook, now: Date): Reason[][] {
  const channels = hasEmail ? (['sms', 'email'] as const) : (['sms'] as const);
  const quiet = calls.reasons.filter(({ code }) => code === 'cooldown');
  return channels.map((channel) => {
    return [...standingReasons(marketingQuestion(law.settings.company.name, channel), gate, law, now), ...quiet];
  });
}

type Contactability = Pick<Review, 'blockers' | 'cooldownUntil' | 'contactableFrom' | 'hopperFrom' | 'contactArea'>;

function contactability(facts: LeadFacts, { lead }: GateFacts, { policies }: Law, calls: Outlook, now: Date): Contactability {
  const { reasons, anyHourFrom, from, grants } = calls;
  const quiet = reasons.filter(({ code }) => code === 'cooldown').map(({ notBefore }) => notBefore);
  const waitsSince = facts.contactableFrom && facts.contactableFrom <= now ? facts.contactableFrom : anyHourFrom;
  return {
    blockers: strongestFirst(reasons),
    cooldownUntil: quiet.includes(null) ? null : latest(quiet),
    contactableFrom: from,
    hopperFrom: anyHourFrom && anyHourFrom <= now ? waitsSince : anyHourFrom,
    contactArea: nameOfArea({
      jurisdictions: lead?.jurisdictions ?? [],
      zones: lead?.zones ?? [],
      grade: gradeForHours(policies, grants),
    }),
  };
}

/** The codes of some reasons, each once: those that deny before those that hold. */
export function strongestFirst(reasons: readonly Reason[]): ReasonCode[] {
  const denying = new Set(reasons.filter(({ effect }) => effect === 'deny').map(({ code }) => code));
  const all = new Set(reasons.map(({ code }) => code));
  const holding = REASON_CODES.filter((code) => all.has(code) && !denying.has(code));
  return [...REASON_CODES.filter((code) => denying.has(code)), ...holding];
}

/**
 * Never sooner than a second and never later than the safety net; the jitter comes from the lead's id, so that the leads of
 * one import spread over an hour instead of waking in the same second, and a lead always lands on the same spot. What is due
 * within the hour is looked at on the dot: a jitter longer than the wait would spread nothing.
 */
function nextReview(leadId: string, changes: readonly (Date | null)[], now: Date): Date {
  const jitter = jitterOf(leadId) * HOUR_MS;
  const net = plus(now, SAFETY_NET).getTime();
  const due = earliest(changes.map((change) => (change && change > now ? change : null)));
  const isNear = due !== null && due.getTime() - now.getTime() < HOUR_MS;
  const wanted = due && due.getTime() < net - HOUR_MS ? due.getTime() + (isNear ? 0 : jitter) : net - jitter;
  return new Date(Math.max(wanted, now.getTime() + SECOND_MS));
}

/** A share of [0, 1) from the random tail of a UUID. */
function jitterOf(leadId: string): number {
  return Number.parseInt(leadId.slice(-6), 16) / 0x1000000;
}

function grounds(facts: LeadFacts, suppressions: GateFacts['suppressions'], stage: Stage): string[] {
  const { first, last, count } = facts.acquisitions;
  const acquired =
    count === 1
      ? `Acquired on ${day(first.acquiredAt)} from ${first.source}.`
      : `Acquired ${count} times: first on ${day(first.acquiredAt)} from ${first.source}, last on ${day(last.acquiredAt)} from ${last.source}.`;
  const standing = suppressions.filter(({ liftedAt }) => liftedAt === null);
  const suppressed = standing.map(({ kind, channel, receivedAt }) => `Own suppression (${kind}, ${channel}) since ${day(receivedAt)}.`);
  const contacted = facts.lastContactAt ? [`Last contacted on ${day(facts.lastContactAt)}.`] : [];
  const asked = facts.requests.filter(({ kind }) => kind === 'confirmation').at(-1);
  const confirming = asked && stage === 'confirming' ? [`Last asked to confirm on ${day(asked.requestedAt)}.`] : [];
  const archived = facts.archivedAt ? [`Archived on ${day(facts.archivedAt)}.`] : [];
  const back = facts.retrievedUntil ? [`Wanted back from the archive until ${day(facts.retrievedUntil)}, by a retrieval that was approved.`] : [];
  const ended = facts.disposedAt ? [`Disposed of on ${day(facts.disposedAt)}.`] : archived;
  const free = standing.length === 0 && stage === 'active' ? ['No suppression of our own stands against it.'] : [];
  return [acquired, ...confirming, ...contacted, ...suppressed, ...free, ...ended, ...back];
}

function day(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
