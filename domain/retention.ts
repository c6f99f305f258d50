import { plus } from './civil-time.ts';
import type { ConsentEvent } from './consent.ts';
import { consentState, withdraws } from './consent-ledger.ts';
import type { LeadAction, LeadFacts, Stage } from './lead.ts';
import { EVIDENCE, inForce, type Evidence, type Policy } from './policy.ts';
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
  protects: Evidence | 'acquisition';
  anchor: Date;
  until: Date;
}

type Ledger = readonly ConsentEvent[];
/** What is looked at to tell whether a lead is in use. */
type Activity = Pick<LeadFacts, 'lastContactAt' | 'archivedWith'> & { acquisitions: Pick<LeadFacts['acquisitions'], 'count' | 'last'> };

/** When an end is due, and the rule that says so. */
export interface DueEnd {
  at: Date;
  rule: string;
}

/**
 * Every reason to keep a lead, the longest first: of each rule and of what it protects the one that reaches furthest. Law keeps
 * the evidence of consents, of their uses, of clearances, contacts and requests; each period runs from the later of the fact
 * and our learning of it, so that a back-dated fact makes nothing due on arrival. Once the person has asked to be forgotten, what
 * the company wishes does not count.
 */
export function duties(
  facts: LeadFacts, consents: Ledger, policies: readonly Policy[], settings: Settings, now: Date,
): Duty[] {
  const evidence = evidenceOf(facts, consents);
  const ofLaw = policies.flatMap((policy) => evidence.flatMap(([kind, anchor]) => dutiesOfLaw(policy, kind, anchor)));
  const wished = facts.erasureAskedAt ? [] : wishes(facts, consents, settings, now);
  return [...furthest([...ofLaw, ...wished]).values()].sort(longestFirst);
}

/** When the last reason to keep a lead ends, and which: at once where the person asked to be forgotten and no duty is left. */
export function retention(facts: LeadFacts, kept: readonly Duty[]): DueEnd | null {
  const [last] = kept;
  const asked = facts.erasureAskedAt;
  if (asked && (!last || last.until <= asked)) return { at: asked, rule: 'erasure' };
  return last ? { at: last.until, rule: last.jurisdiction === null ? last.rule : `${last.rule} ${last.jurisdiction}` } : null;
}

/** Whether nothing but an order can still keep a lead: its time is over, or its disposal is open. */
export function isDisposalDue({ disposalOpenedAt }: LeadFacts, retainUntil: Date | null, now: Date): boolean {
  return disposalOpenedAt !== null || (retainUntil !== null && retainUntil <= now);
}

/** What is to be done about the end of a lead now; null while nothing is. */
export function endingDue(
  facts: LeadFacts, consents: Ledger, kept: readonly Duty[], settings: Settings,
  due: { archiveDueAt: Date | null; retainUntil: Date | null }, now: Date,
): LeadAction | null {
  if (facts.disposedAt) return null;
  if (isDisposalDue(facts, due.retainUntil, now) && !facts.isHeld) return 'dispose';
  // Whose disposal is open and held is left at the point that it had come to.
  if (facts.disposalOpenedAt !== null) return null;
  if (facts.archivedAt === null) return due.archiveDueAt !== null && due.archiveDueAt <= now ? 'archive' : null;
  if (facts.retrievedUntil !== null && facts.retrievedUntil > now) return 'bring_back';
  if (!isWantedAgain(facts, consents)) return null;
  // What would be archived again at once does not come back: what has come in follows the rest into the archive.
  return useEnds(facts, consents, kept, settings).at > now ? 'bring_back' : 'archive';
}

/**
 * Whether an acquisition or a consent came in since the lead was archived. Counted, not told by the clock: what was received a
 * moment before may have been written a moment after.
 */
function isWantedAgain({ archivedWith, acquisitions }: Activity, consents: Ledger): boolean {
  if (archivedWith === null) return false;
  return acquisitions.count > archivedWith.acquisitions || grantsIn(consents) > archivedWith.grants;
}

/** Consents that were given or confirmed. */
function grantsIn(consents: Ledger): number {
  return consents.filter(({ kind }) => kind === 'granted' || kind === 'confirmed').length;
}

/**
 * When a lead's personal data leaves the hot tables, unless something happens before, and why; null once it has. `suppressedFrom`
 * is since or from when nothing but an event from outside can make it contactable.
 */
export function archiveDue(
  facts: LeadFacts, consents: Ledger, stage: Stage, kept: readonly Duty[], suppressedFrom: Date | null, settings: Settings,
): DueEnd | null {
  if (stage === 'archived' || stage === 'disposed') return null;
  const stay = facts.retrievedUntil && { at: facts.retrievedUntil, rule: 'retrieval' };
  if (stay && !isWantedAgain(facts, consents)) return stay;
  const ends = useEnds(facts, consents, kept, settings);
  const suppressed = suppressedFrom && { at: plus(suppressedFrom, settings.retention.suppressedLead), rule: 'retention.suppressedLead' };
  const due = earlierOf(ends, suppressed);
  // Whoever was acquired again meanwhile stays for as long as was agreed to at least.
  return stay && stay.at > due.at ? stay : due;
}

/** When a lead has been silent for as long as the settings let it be. Whether somebody looks at it meanwhile changes nothing. */
export function quietUntil(facts: Activity, consents: Ledger, settings: Settings): Date {
  return plus(lastActivity(facts, consents), settings.retention.archiveAfter);
}

/** The longest that the company's own use of a lead goes on: a duty of law or an order keeps evidence, and not a lead to call. */
function useEnds(facts: LeadFacts, consents: Ledger, kept: readonly Duty[], settings: Settings): DueEnd {
  if (facts.erasureAskedAt) return { at: facts.erasureAskedAt, rule: 'erasure' };
  const quiet = earlierOf({ at: quietUntil(facts, consents, settings), rule: 'retention.archiveAfter' }, closingOf(facts));
  const wish = kept.find(({ ground }) => ground === 'company');
  const isEvidence = wish && (facts.isHeld || kept.some(({ ground, until }) => ground === 'law' && until > wish.until));
  return isEvidence && wish.until < quiet.at ? { at: wish.until, rule: wish.rule } : quiet;
}

/** What still comes in from an origin that is closed is due as it comes. */
function closingOf({ closedSince, acquisitions: { last } }: LeadFacts): DueEnd | null {
  return closedSince && { at: later(closedSince, last.receivedAt), rule: 'closure' };
}

function earlierOf(one: DueEnd, other: DueEnd | null): DueEnd {
  return other && other.at < one.at ? other : one;
}

/** The facts that are evidence, each with the moment from which its period runs. */
function evidenceOf(facts: LeadFacts, consents: Ledger): [Evidence, Date][] {
  const consented = consents.some(({ kind }) => kind === 'granted');
  const uses = consented ? [facts.lastContactAt, facts.lastClearedAt] : [];
  const moments: Record<Evidence, readonly (Date | null)[]> = {
    consent: consents.map(learned),
    use: uses,
    clearance: [facts.lastAskedAt],
    contact: [facts.lastContactAt],
    subject_request: [facts.lastRequestAt],
  };
  return EVIDENCE.flatMap((kind) => moments[kind].flatMap((at): [Evidence, Date][] => (at ? [[kind, at]] : [])));
}

/** The law in force on the day of the fact says how long its evidence is kept. */
function dutiesOfLaw(policy: Policy, kind: Evidence, anchor: Date): Duty[] {
  const rows = inForce(policy, 'evidence_retention', anchor.toISOString().slice(0, 10));
  return rows.filter(({ value }) => value.protects?.includes(kind) ?? true).map(({ value, source }) => ({
    ground: 'law', rule: 'evidence_retention', jurisdiction: policy.jurisdiction, source, protects: kind, anchor,
    until: plus(anchor, value.period),
  }));
}

function wishes(facts: LeadFacts, consents: Ledger, settings: Settings, now: Date): Duty[] {
  const { unusedLead, contactedLead } = settings.retention;
  const wish = (name: string, protects: Duty['protects'], anchor: Date, period: string): Duty => ({
    ground: 'company', rule: `retention.${name}`, jurisdiction: null, source: 'company settings', protects, anchor,
    until: plus(anchor, period),
  });
  return [
    wish('unusedLead', 'acquisition', unusedSince(facts, consents, settings, now), unusedLead),
    ...(facts.lastContactAt ? [wish('contactedLead', 'contact', facts.lastContactAt, contactedLead)] : []),
  ];
}

/** Of each rule and of what it protects, the duty that ends last. */
function furthest(all: readonly Duty[]): Map<string, Duty> {
  const found = new Map<string, Duty>();
  for (const duty of all) {
    const key = [duty.rule, duty.jurisdiction, duty.source, duty.protects].join('\n');
    const known = found.get(key);
    if (!known || duty.until > known.until) found.set(key, duty);
  }
  return found;
}

function longestFirst(a: Duty, b: Duty): number {
  const words = (duty: Duty) => [duty.ground === 'law' ? 0 : 1, duty.rule, duty.jurisdiction, duty.source, duty.protects].join('\n');
  return b.until.getTime() - a.until.getTime() || (words(a) < words(b) ? -1 : 1);
}

function lastActivity({ acquisitions: { last }, lastContactAt }: Activity, consents: Ledger): Date {
  return [lastContactAt ?? last.receivedAt, ...consents.map(learned)].reduce(later, later(last.acquiredAt, last.receivedAt));
}

/** While a consent stands, a lead is not "unused": the period starts when the last one lapses, or when the lead falls silent. */
function unusedSince(facts: LeadFacts, consents: Ledger, settings: Settings, now: Date): Date {
  const { last } = facts.acquisitions;
  const acquired = later(last.acquiredAt, last.receivedAt);
  const state = consentState(consents, now);
  const given = consents.filter((event) => event.kind === 'granted' && !isWithdrawn(event, consents));
  const ends = given.flatMap(({ expiresAt }) => expiresAt ?? []);
  if (state !== 'granted' && state !== 'unconfirmed') return [acquired, ...ends.filter((end) => end <= now)].reduce(later);
  const isEndless = given.length === 0 || given.some(({ expiresAt }) => expiresAt === null);
  const silent = isEndless ? [quietUntil(facts, consents, settings)] : [];
  return [acquired, ...ends, ...silent].reduce(later);
}

/** Whether a consent was withdrawn before it ended by itself. */
function isWithdrawn({ happenedAt, expiresAt }: ConsentEvent, consents: Ledger): boolean {
  return consents.some((event) => {
    return withdraws(event) && event.happenedAt >= happenedAt && (expiresAt === null || event.happenedAt < expiresAt);
  });
}

/** Back-dated facts never make a duty due on arrival: every period runs from the later of the fact and our learning of it. */
function learned({ happenedAt, receivedAt }: ConsentEvent): Date {
  return later(happenedAt, receivedAt);
}

function later(one: Date, other: Date): Date {
  return one > other ? one : other;
}
