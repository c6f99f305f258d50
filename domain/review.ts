import { earliest, latest, plus } from './civil-time.ts';
import { consentState, consentUntil, type ConsentState } from './consent-ledger.ts';
import type { DncState, LeadFacts, Stage } from './lead.ts';
import { inForce, type Policy } from './policy.ts';
import type { Settings } from './settings.ts';

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const SAFETY_NET = 'P30D';

/** What a lead's facts mean at one moment, and when to look again. Holds nothing personal. */
export interface Review {
  stage: Stage;
  consentState: ConsentState;
  dncState: DncState;
  /** The earliest moment at which any of this could change by itself; null once the lead is disposed of. */
  reviewAt: Date | null;
  /** When the personal data leaves the hot tables, unless something happens before. */
  archiveDueAt: Date | null;
  /** When the last duty or wish to keep the lead ends. */
  retainUntil: Date | null;
  /** When the last consent in force lapses by itself. */
  consentUntil: Date | null;
  /** The grounds, in plain sentences for the person who opens the lead. */
  why: string[];
}

/**
 * Says what a lead's facts mean under the policies and settings in force at `now`. Pure and total: the same facts give the
 * same review, whatever the order in which they arrived. `policies` are those of the lead's own jurisdictions.
 */
export function review(facts: LeadFacts, policies: readonly Policy[], settings: Settings, now: Date): Review {
  const stage = stageOf(facts);
  const lapses = consentUntil(facts.consents, now);
  const archiveDueAt = stage === 'archived' || stage === 'disposed' ? null : archiveDue(facts, stage, settings, now);
  const retainUntil = stage === 'disposed' ? null : retention(facts, policies, settings, now);
  const changes = [archiveDueAt, retainUntil, nextLapse(facts, now), ...policyChanges(policies)];
  return {
    stage,
    consentState: consentState(facts.consents, now),
    dncState: facts.dncState,
    reviewAt: stage === 'disposed' ? null : nextReview(facts.id, changes, now),
    archiveDueAt,
    retainUntil,
    consentUntil: lapses,
    why: grounds(facts, stage),
  };
}

function stageOf(facts: LeadFacts): Stage {
  if (facts.disposedAt) return 'disposed';
  if (facts.archivedAt) return 'archived';
  if (facts.suppressions.some((suppression) => suppression.channel === 'all')) return 'suppressed';
  return 'active';
}

/** Back-dated facts never make a duty due on arrival: every period runs from the later of the fact and our learning of it. */
function lastActivity(facts: LeadFacts): Date {
  const { last } = facts.acquisitions;
  const consents = facts.consents.flatMap((event) => [event.happenedAt, event.receivedAt]);
  return latest([last.acquiredAt, last.receivedAt, ...consents]) ?? last.receivedAt;
}

function archiveDue(facts: LeadFacts, stage: Stage, settings: Settings, now: Date): Date {
  const quiet = plus(lastActivity(facts), settings.retention.archiveAfter);
  if (stage !== 'suppressed') return quiet;
  const suppressedSince = facts.stage === 'suppressed' ? facts.stageSince : now;
  return earliest([quiet, plus(suppressedSince, settings.retention.suppressedLead)]) ?? quiet;
}

function retention(facts: LeadFacts, policies: readonly Policy[], settings: Settings, now: Date): Date | null {
  const evidence = facts.consents.flatMap((event) => {
    const anchor = latest([event.happenedAt, event.receivedAt]) ?? event.receivedAt;
    const day = anchor.toISOString().slice(0, 10);
    return policies.flatMap((policy) => inForce(policy, 'evidence_retention', day).map(({ value }) => plus(anchor, value.period)));
  });
  return latest([...evidence, plus(unusedSince(facts, settings, now), settings.retention.unusedLead)]);
}

/** While a consent stands, a lead is not "unused": the period starts when the consent lapses, or when the lead falls silent. */
function unusedSince(facts: LeadFacts, settings: Settings, now: Date): Date {
  const { last } = facts.acquisitions;
  const acquired = latest([last.acquiredAt, last.receivedAt]) ?? last.receivedAt;
  const state = consentState(facts.consents, now);
  if (state !== 'granted' && state !== 'unconfirmed') return acquired;
  const wantedUntil = consentUntil(facts.consents, now) ?? plus(lastActivity(facts), settings.retention.archiveAfter);
  return latest([acquired, wantedUntil]) ?? acquired;
}

function nextLapse(facts: LeadFacts, now: Date): Date | null {
  return earliest(facts.consents.map((event) => (event.expiresAt && event.expiresAt > now ? event.expiresAt : null)));
}

function policyChanges(policies: readonly Policy[]): Date[] {
  const values = policies.flatMap((policy) => Object.values(policy.values).flat());
  return values.flatMap(({ from, to }) => [from, ...(to ? [to] : [])]).map((day) => new Date(day));
}

/**
 * Never sooner than a second and never later than the safety net; the jitter comes from the lead's id, so that the leads of
 * one import spread over an hour instead of waking in the same second, and a lead always lands on the same spot.
 */
function nextReview(leadId: string, changes: readonly (Date | null)[], now: Date): Date {
  const jitter = jitterOf(leadId) * HOUR_MS;
  const net = plus(now, SAFETY_NET).getTime();
  const due = earliest(changes.map((change) => (change && change > now ? change : null)));
  const wanted = due && due.getTime() < net - HOUR_MS ? due.getTime() + jitter : net - jitter;
  return new Date(Math.max(wanted, now.getTime() + SECOND_MS));
}

/** A share of [0, 1) from the random tail of a UUID. */
function jitterOf(leadId: string): number {
  return Number.parseInt(leadId.slice(-6), 16) / 0x1000000;
}

function grounds(facts: LeadFacts, stage: Stage): string[] {
  const { first, last, count } = facts.acquisitions;
  const acquired =
    count === 1
      ? `Acquired on ${day(first.acquiredAt)} from ${first.source}.`
      : `Acquired ${count} times: first on ${day(first.acquiredAt)} from ${first.source}, last on ${day(last.acquiredAt)} from ${last.source}.`;
  const suppressed = facts.suppressions.map(
    (suppression) => `Own suppression (${suppression.kind}, ${suppression.channel}) since ${day(suppression.receivedAt)}.`,
  );
  const ended =
    stage === 'disposed' ? [`Disposed of on ${day(facts.disposedAt)}.`] : stage === 'archived' ? [`Archived on ${day(facts.archivedAt)}.`] : [];
  const free = facts.suppressions.length === 0 && stage === 'active' ? ['No suppression of our own stands against it.'] : [];
  return [acquired, ...suppressed, ...free, ...ended];
}

function day(instant: Date | null): string {
  return instant ? instant.toISOString().slice(0, 10) : 'an unknown day';
}
