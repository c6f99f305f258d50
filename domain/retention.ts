import { earliest, latest, plus } from './civil-time.ts';
import type { ConsentEvent } from './consent.ts';
import { consentState, consentUntil } from './consent-ledger.ts';
import type { LeadAction, LeadFacts, Stage } from './lead.ts';
import { inForce, type Policy } from './policy.ts';
import type { Settings } from './settings.ts';

/** One reason to keep a lead, and until when. */
export interface Duty {
  /** A duty of law keeps evidence; a wish of the company keeps the lead. */
  ground: 'law' | 'company';
  /** The rule of law, or the setting: `evidence_retention`, `retention.unusedLead`. */
  rule: string;
  /** Null for a wish of the company. */
  jurisdiction: string | null;
  source: string;
  /** What it protects, and from when its period runs. */
  protects: 'acquisition' | 'consent' | 'use' | 'clearance' | 'contact' | 'subject_request';
  anchor: Date;
  until: Date;
}

type Ledger = readonly ConsentEvent[];
/** What is looked at to tell whether a lead is in use. */
type Activity = Pick<LeadFacts, 'lastContactAt' | 'archivedWith'> & { acquisitions: Pick<LeadFacts['acquisitions'], 'count' | 'last'> };

/** What is to be done about the end of a lead now; null while nothing is. */
export function endingDue(
  facts: LeadFacts, consents: Ledger, due: { archiveDueAt: Date | null; retainUntil: Date | null }, now: Date,
): LeadAction | null {
  if (facts.disposedAt) return null;
  const isOver = due.retainUntil !== null && due.retainUntil <= now;
  if ((isOver || facts.disposalOpenedAt !== null) && !facts.isHeld) return 'dispose';
  if (facts.archivedAt === null) return due.archiveDueAt !== null && due.archiveDueAt <= now ? 'archive' : null;
  const isWanted = facts.retrievedUntil !== null && facts.retrievedUntil > now;
  return isWanted || isWantedAgain(facts, consents) ? 'bring_back' : null;
}

/**
 * Whether an acquisition or a consent came in since the lead was archived. Counted, not told by the clock: what was received a
 * moment before may have been written a moment after.
 */
export function isWantedAgain({ archivedWith, acquisitions }: Activity, consents: Ledger): boolean {
  if (archivedWith === null) return false;
  return acquisitions.count > archivedWith.acquisitions || grantsIn(consents) > archivedWith.grants;
}

/** Consents that were given or confirmed. */
function grantsIn(consents: Ledger): number {
  return consents.filter(({ kind }) => kind === 'granted' || kind === 'confirmed').length;
}

/** When a lead's personal data leaves the hot tables, unless something happens before; null once it has. */
export function archiveDue(
  facts: Activity & Pick<LeadFacts, 'retrievedUntil' | 'stage' | 'stageSince'>, consents: Ledger, stage: Stage, settings: Settings, now: Date,
): Date | null {
  if (stage === 'archived' || stage === 'disposed') return null;
  if (facts.retrievedUntil && !isWantedAgain(facts, consents)) return facts.retrievedUntil;
  const quiet = plus(lastActivity(facts, consents), settings.retention.archiveAfter);
  if (stage !== 'suppressed') return quiet;
  const suppressedSince = facts.stage === 'suppressed' ? facts.stageSince : now;
  return earliest([quiet, plus(suppressedSince, settings.retention.suppressedLead)]) ?? quiet;
}

/** When the last duty or wish to keep a lead ends. Evidence of a consent is kept from its grant, and anew from each use of it. */
export function retention(
  facts: LeadFacts, consents: Ledger, policies: readonly Policy[], settings: Settings, now: Date,
): Date | null {
  const learned = consents.map(({ happenedAt, receivedAt }) => later(happenedAt, receivedAt));
  const used = [facts.lastContactAt, facts.lastClearedAt].filter((at) => at !== null);
  const evidence = [...learned, ...used].flatMap((anchor) => {
    const day = anchor.toISOString().slice(0, 10);
    return policies.flatMap((policy) => inForce(policy, 'evidence_retention', day).map(({ value }) => plus(anchor, value.period)));
  });
  const contacted = facts.lastContactAt && plus(facts.lastContactAt, settings.retention.contactedLead);
  const unused = plus(unusedSince(facts, consents, settings, now), settings.retention.unusedLead);
  return latest([...evidence, contacted, unused]);
}

/** Back-dated facts never make a duty due on arrival: every period runs from the later of the fact and our learning of it. */
function lastActivity({ acquisitions: { last }, lastContactAt }: Activity, consents: Ledger): Date {
  const events = consents.map(({ happenedAt, receivedAt }) => later(happenedAt, receivedAt));
  return [lastContactAt ?? last.receivedAt, ...events].reduce(later, later(last.acquiredAt, last.receivedAt));
}

/** While a consent stands, a lead is not "unused": the period starts when the consent lapses, or when the lead falls silent. */
function unusedSince(facts: LeadFacts, consents: Ledger, settings: Settings, now: Date): Date {
  const { last } = facts.acquisitions;
  const acquired = later(last.acquiredAt, last.receivedAt);
  const state = consentState(consents, now);
  if (state !== 'granted' && state !== 'unconfirmed') return acquired;
  const wantedUntil = consentUntil(consents, now) ?? plus(lastActivity(facts, consents), settings.retention.archiveAfter);
  return later(acquired, wantedUntil);
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other;
}
