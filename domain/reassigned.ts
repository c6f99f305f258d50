import { earliest, latest } from './civil-time.ts';
import type { GateFacts, ReassignedAnswer } from './clearance.ts';
import type { Outcome } from './contact.ts';
import { localDay } from './local-time.ts';
import type { Policy, RuleValues } from './policy.ts';

export const REASSIGNED_ANSWERS = ['yes', 'no', 'no_data'] as const;

/** Calls and messages in which the person was spoken with, by the word of whoever made them. */
const SPOKEN_WITH: ReadonlySet<Outcome> = new Set<Outcome>(['answered', 'converted']);
const DAY_MS = 86_400_000;

/**
 * The last moment at which a number is known to have been the person's: they gave it, gave or confirmed a consent to being
 * called or texted, or were spoken with. FCC DA 21-1649 asks about the day of consent, or a later one on which the caller could
 * be reasonably certain. What the next holder of the number might have said as well (an opt-out, a complaint, a refusal) shows
 * nothing.
 */
export function lastKnownGood({ acquisitions, consents, contacts }: GateFacts, at: Date): Date | null {
  const given = acquisitions.map(({ acquiredAt }) => acquiredAt);
  const agreed = consents
    .filter(({ kind, effect, channel }) => (kind === 'granted' || kind === 'confirmed') && effect === 'in_force' && channel !== 'email')
    .map(({ happenedAt }) => happenedAt);
  const spoken = contacts
    .filter(({ outcome, channel }) => SPOKEN_WITH.has(outcome) && channel !== 'email')
    .map(({ startedAt }) => startedAt);
  return latest([...given, ...agreed, ...spoken].filter((moment) => moment <= at));
}

/**
 * The day (`YYYY-MM-DD`) that a database is asked about: that of the last moment at which the number is known to have been the
 * person's, the earliest of it in all zones, since a disconnection on that very day is answered with yes. Never today, which no
 * database answers. Null where nothing is known.
 */
export function dayToAskAbout(facts: GateFacts, at: Date): string | null {
  const good = lastKnownGood(facts, at);
  if (!good) return null;
  const zones = facts.lead?.zones.length ? facts.lead.zones : ['UTC'];
  const moments = [good.getTime(), at.getTime() - DAY_MS];
  return [...zones, 'UTC'].flatMap((zone) => moments.map((moment) => localDay(zone, moment))).sort()[0] ?? null;
}

/**
 * Until when an answer rests on the latest reports: the first moment after it at which a monthly day of reports is over
 * everywhere on earth. Null where the law names no such day.
 */
export function answerGoodUntil({ askedAt }: Pick<ReassignedAnswer, 'askedAt'>, checks: readonly RuleValues['reassigned_check'][]): Date | null {
  return earliest(checks.map(({ reportedOn }) => (reportedOn === undefined ? null : reportsOver(askedAt, reportedOn, 1))));
}

/** Since when answers rest on the latest reports; null where the law names no day of reports. */
export function latestReports(checks: readonly RuleValues['reassigned_check'][], at: Date): Date | null {
  return latest(checks.map(({ reportedOn }) => (reportedOn === undefined ? null : reportsOver(at, reportedOn, 0))));
}

/** The first moment after another one at which a day of the month is over everywhere, or the last that is not after it. */
function reportsOver(moment: Date, day: number, which: 0 | 1): Date {
  const endOf = (month: number) => new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + month, day + 1, 12));
  const isPast = endOf(0) <= moment;
  return endOf(which - (isPast ? 0 : 1));
}

/** Whether an answer says that a number is still the person's, on the latest reports, and asked about a day on which it was. */
export function isSafeHarbour(
  facts: GateFacts, checks: readonly RuleValues['reassigned_check'][], at: Date,
): boolean {
  return facts.reassigned?.answer === 'no' && isCurrent(facts, facts.reassigned, checks, at);
}

/** Whether a number is somebody else's: it was answered so, and the person has not given it since. */
export function isSomebodyElses({ reassigned, acquisitions }: GateFacts): boolean {
  return reassigned?.answer === 'yes' && !acquisitions.some(({ acquiredAt }) => acquiredAt > reassigned.askedAt);
}

/**
 * Whether to ask a database about a number: there is one for it, and no answer that still stands. One of `no_data` stands until
 * the next reports: before them it would be the same again.
 */
export function isToBeAsked(facts: GateFacts, policies: readonly Policy[], at: Date): boolean {
  const checks = checksIn(policies);
  if (checks.length === 0 || isSomebodyElses(facts)) return false;
  const { reassigned } = facts;
  return !reassigned || reassigned.answer === 'yes' || !isCurrent(facts, reassigned, checks, at);
}

/** The databases that some laws name, whenever they did. */
export function checksIn(policies: readonly Policy[]): RuleValues['reassigned_check'][] {
  return policies.flatMap(({ values }) => values.reassigned_check ?? []).map(({ value }) => value);
}

function isCurrent(facts: GateFacts, answer: ReassignedAnswer, checks: readonly RuleValues['reassigned_check'][], at: Date): boolean {
  const until = answerGoodUntil(answer, checks);
  if (until && at >= until) return false;
  const good = lastKnownGood(facts, at);
  return !answer.knownGoodAt || (good !== null && answer.knownGoodAt <= good);
}
