import { earliest, latest, plus } from './civil-time.ts';
import { REASON_CODES, type GateFacts, type Reason, type ReasonCode } from './clearance.ts';
import { planConfirmation, type AskedConsents } from './confirmation.ts';
import { consentState, consentUntil, type ConsentState } from './consent-ledger.ts';
import { gradeForHours, nameOfArea } from './contact-area.ts';
import { outlook, standingReasons, type Law, type Outlook } from './decide.ts';
import { dncStateOf } from './dnc-state.ts';
import type { DncState, LeadAction, LeadFacts, Stage } from './lead.ts';
import { marketingQuestion } from './marketing.ts';
import { planRenewal } from './renewal.ts';
import { archiveDue, duties, endingDue, isDisposalDue, retention } from './retention.ts';
import { stageOf } from './stage.ts';
import { turningPoints } from './turning-points.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const ENDS_SPREAD_MS = 20 * HOUR_MS;
const SAFETY_NET = 'P30D';

/** What a lead's facts mean at one moment, and when to look again. Holds nothing personal. */
export interface Review {
  stage: Stage;
  consentState: ConsentState;
  dncState: DncState;
  /** What stands against a marketing call by the company's own people, hours aside; the strongest first. */
  blockers: ReasonCode[];
  /** The strongest of them that no passing of time removes, or `none`: what somebody has to see to. */
  standing: ReasonCode | 'none';
  /** Until when an earlier contact keeps everybody quiet; null when none does, or for good. */
  cooldownUntil: Date | null;
  /** When such a call is allowed next, hours included; null while something stands that time does not cure. */
  contactableFrom: Date | null;
  /** The same with hours left aside, for lists; it stays where it was while the lead waits to be called. */
  hopperFrom: Date | null;
  /** Leads with the same calling hours have the same one. */
  contactArea: string;
  /** The earliest moment at which any of this could change by itself; null once the lead is disposed of. */
  wakesAt: Date | null;
  /** The same, or where that is far away the moment at which it is looked at all the same, in case that law has changed. */
  reviewAt: Date | null;
  /** When the personal data leaves the hot tables, unless something happens before. */
  archiveDueAt: Date | null;
  /** The rule behind that: a setting, `erasure` or `retrieval`. */
  archiveRule: string | null;
  /** When the last duty or wish to keep the lead ends. */
  retainUntil: Date | null;
  /** The rule behind that: a setting, `erasure`, or a rule of law and its jurisdiction. */
  retainRule: string | null;
  /** What is to be done about its end now. */
  action: LeadAction | null;
  /** Whether an order not to dispose of it stands, and whether that is all that keeps it. */
  hold: 'stands' | 'keeps' | null;
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
  const byChannel = [calls.reasons, ...otherChannels(facts, gate, law, calls, now)];
  const stage = stageOf(facts, gate, byChannel, now);
  const { next, ...asking } = askingOf(facts, gate, law, now);
  const cures = calls.reasons.map(({ notBefore }) => notBefore);
  const points = turningPoints(gate, law);
  const ending = endingOf(facts, gate, law, suppressedFrom(facts, gate, law, { stage, calls, points }, now), stage, now);
  const ends = [ending.archiveDueAt, ending.retainUntil];
  return {
    stage,
    consentState: consentState(gate.consents, now),
    dncState: dncStateOf(gate, byChannel.flat()),
    ...contactability(facts, gate, law, calls, now),
    ...nextLooks(stage, facts.id, [facts.retrievedUntil, next, ...cures, ...points], ends, now),
    ...ending,
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
  const stage = isDone ? 'disposed' : facts.stage;
  return {
    stage,
    consentState: onRecord.consentState,
    dncState: 'unchecked',
    blockers: ['lead_disposed'],
    standing: 'lead_disposed',
    cooldownUntil: null,
    contactableFrom: null,
    hopperFrom: null,
    contactArea: '',
    ...nextLooks(stage, facts.id, [], [], now),
    archiveDueAt: null,
    archiveRule: null,
    retainUntil: null,
    retainRule: null,
    action: isDone ? null : 'dispose',
    hold: null,
    consentUntil: null,
    ask: [],
    lapse: [],
    renew: [],
    why: grounds(facts, [], stage),
  };
}

type Ending = Pick<Review, 'archiveDueAt' | 'archiveRule' | 'retainUntil' | 'retainRule' | 'action' | 'hold'>;

/** When and why a lead leaves the hot tables and is destroyed, and what of that is to be done now. */
function endingOf(
  facts: LeadFacts, { consents }: GateFacts, { policies, settings }: Law, suppressed: Date | null, stage: Stage, now: Date,
): Ending {
  const kept = duties(facts, consents, policies, settings, now);
  const archived = archiveDue(facts, consents, stage, kept, suppressed, settings);
  const disposed = stage === 'disposed' ? null : retention(facts, kept);
  const due = { archiveDueAt: archived?.at ?? null, retainUntil: disposed?.at ?? null };
  const action = endingDue(facts, consents, kept, settings, due, now);
  const hold = !facts.isHeld || stage === 'disposed' ? null : isDisposalDue(facts, due.retainUntil, now) ? 'keeps' : 'stands';
  return { ...due, archiveRule: archived?.rule ?? null, retainRule: disposed?.rule ?? null, action, hold };
}

/**
 * Since when nothing but an event from outside can make the lead contactable, or from when, if nothing happens: so that it is
 * known ahead when a lead is archived whose consent lapses.
 */
function suppressedFrom(
  facts: LeadFacts, gate: GateFacts, law: Law, as: { stage: Stage; calls: Outlook; points: readonly Date[] }, now: Date,
): Date | null {
  if (as.stage === 'suppressed') return facts.stage === 'suppressed' ? facts.stageSince : now;
  if (as.stage === 'archived' || as.stage === 'disposed') return null;
  const silenced = as.calls.reasons.filter(({ code, notBefore }) => code === 'cooldown' && notBefore === null);
  const points = new Set(as.points.map((point) => point.getTime()));
  const ahead = [...points].filter((point) => point > now.getTime()).sort((a, b) => a - b);
  const found = ahead.find((point) => stageAhead(facts, gate, law, silenced, new Date(point)) === 'suppressed');
  return found === undefined ? null : new Date(found);
}

/** The stage at a moment that is still to come, if nothing happens until then. */
function stageAhead(facts: LeadFacts, gate: GateFacts, law: Law, silenced: readonly Reason[], at: Date): Stage {
  const channels = facts.hasEmail ? (['call', 'sms', 'email'] as const) : (['call', 'sms'] as const);
  const questions = channels.map((channel) => marketingQuestion(law.settings.company.name, channel));
  const standing = questions.map((question) => [...standingReasons(question, gate, law, at), ...silenced]);
  return stageOf(facts, gate, standing, at);
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

/** Messages, and e-mail where there is an address. Quiet time after a contact is one on every channel. */
function otherChannels({ hasEmail }: LeadFacts, gate: GateFacts, law: Law, calls: Outlook, now: Date): Reason[][] {
  const channels = hasEmail ? (['sms', 'email'] as const) : (['sms'] as const);
  const quiet = calls.reasons.filter(({ code }) => code === 'cooldown');
  return channels.map((channel) => {
    return [...standingReasons(marketingQuestion(law.settings.company.name, channel), gate, law, now), ...quiet];
  });
}

type Contactability = Pick<Review, 'blockers' | 'standing' | 'cooldownUntil' | 'contactableFrom' | 'hopperFrom' | 'contactArea'>;

function contactability(facts: LeadFacts, { lead }: GateFacts, { policies }: Law, calls: Outlook, now: Date): Contactability {
  const { reasons, anyHourFrom, from, grants } = calls;
  const quiet = reasons.filter(({ code }) => code === 'cooldown').map(({ notBefore }) => notBefore);
  const waitsSince = facts.contactableFrom && facts.contactableFrom <= now ? facts.contactableFrom : anyHourFrom;
  return {
    blockers: strongestFirst(reasons),
    standing: strongestFirst(reasons.filter(({ notBefore }) => notBefore === null))[0] ?? 'none',
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
 * Never sooner than a second, and a review never later than the safety net; the jitter comes from the lead's id, so that the
 * leads of one import spread over an hour instead of waking in one second, and a lead always lands on the same spot. What is due
 * within the hour is looked at on the dot: a jitter longer than the wait would spread nothing. Ends may wait: those of one day
 * spread over most of the next, so that a million of them disturb nobody, and none is a day late.
 */
function nextLooks(
  stage: Stage, leadId: string, changes: readonly (Date | null)[], ends: readonly (Date | null)[], now: Date,
): Pick<Review, 'wakesAt' | 'reviewAt'> {
  if (stage === 'disposed') return { wakesAt: null, reviewAt: null };
  const jitter = jitterOf(leadId);
  const net = plus(now, SAFETY_NET).getTime();
  const soon = now.getTime() + SECOND_MS;
  const moments = [...landings(changes, HOUR_MS, jitter, now), ...landings(ends, ENDS_SPREAD_MS, jitter, now)];
  const near = moments.flatMap(({ due, lands }) => (due < net - HOUR_MS ? [lands] : []));
  const reviewed = Math.min(...near, net - jitter * HOUR_MS);
  const wakes = moments.length > 0 ? Math.min(...moments.map(({ lands }) => lands)) : reviewed;
  return { wakesAt: new Date(Math.max(wakes, soon)), reviewAt: new Date(Math.max(reviewed, soon)) };
}

/** When what is due next is looked at: later by a share of the spread, or of the wait where that is shorter. */
function landings(due: readonly (Date | null)[], spread: number, jitter: number, now: Date): { due: number; lands: number }[] {
  const next = earliest(due.map((moment) => (moment && moment > now ? moment : null)))?.getTime();
  if (next === undefined) return [];
  const wait = next - now.getTime();
  return [{ due: next, lands: next + (wait < HOUR_MS ? 0 : jitter * Math.min(spread, wait)) }];
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
  const erased = facts.erasureAskedAt ? [`Asked to be forgotten on ${day(facts.erasureAskedAt)}: only duties of law keep it.`] : [];
  const held = facts.isHeld ? ['Held: not disposed of while the order stands.'] : [];
  const archived = facts.archivedAt ? [`Archived on ${day(facts.archivedAt)}.`] : [];
  const back = facts.retrievedUntil ? [`Wanted back from the archive until ${day(facts.retrievedUntil)}, by a retrieval that was approved.`] : [];
  const ending = facts.disposalOpenedAt && !facts.disposedAt ? [`Being disposed of since ${day(facts.disposalOpenedAt)}.`] : [];
  const ended = facts.disposedAt ? [`Disposed of on ${day(facts.disposedAt)}.`] : archived;
  const free = standing.length === 0 && stage === 'active' ? ['No suppression of our own stands against it.'] : [];
  return [acquired, ...confirming, ...contacted, ...suppressed, ...free, ...erased, ...held, ...ending, ...ended, ...back];
}

function day(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}
