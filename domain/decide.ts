import type { Decision, GateConsent, GateFacts, Question, Reason } from './clearance.ts';
import { latest } from './civil-time.ts';
import type { Policy } from './policy.ts';
import { attemptCounts, belowCaps, quietTimeOver } from './rules/attempts.ts';
import { consentGiven, notWithdrawn } from './rules/consent.ts';
import { callerIdInSeries, dialingAllowed, fewAbandoned } from './rules/dialing.ts';
import { withinHours } from './rules/hours.ts';
import {
  acquisitionFresh, leadInUse, nobodyElseAsks, notReassigned, notSuppressed, placeKnown, sourceInUse, statementsClear,
} from './rules/lead.ts';
import { listsFresh, notListed } from './rules/lists.ts';
import { judgedAt, situationOf, type Situation } from './rules/situation.ts';
import type { Settings } from './settings.ts';

/** The rules that apply: the pages of all candidate jurisdictions, and the company's own settings. */
export interface Law {
  policies: readonly Policy[];
  settings: Settings;
}

type Rule = (situation: Situation) => Reason[];

/** What time alone does not cure. */
const STANDING_RULES: readonly Rule[] = [
  leadInUse, sourceInUse, acquisitionFresh, placeKnown, notSuppressed, statementsClear, notWithdrawn, consentGiven,
  listsFresh, notListed, notReassigned, dialingAllowed, callerIdInSeries, fewAbandoned,
];

/** What passes with time. */
const PASSING_RULES: readonly Rule[] = [withinHours, belowCaps, quietTimeOver, nobodyElseAsks];
const AT_ANY_HOUR: readonly Rule[] = PASSING_RULES.filter((rule) => rule !== withinHours);

/** Rounds of waiting for one reason only to meet another; each moves on by at least a second, most by hours. */
const MOST_ROUNDS = 100;

/**
 * May this person be contacted, this way, at this moment? Every rule runs and the answer has all findings: any that denies
 * makes it deny, else any that holds makes it hold, else it is allow. Pure and total; facts that happened after `at` are left
 * out, so that a moment of the past can be asked about as well.
 */
export function decide(question: Question, facts: GateFacts, law: Law, at: Date): Decision {
  const situation = situationOf(question, facts, law, at);
  const standing = findings(STANDING_RULES, situation);
  const passing = findings(PASSING_RULES, situation);
  const reasons = [...standing, ...passing];
  return {
    decision: verdictOf(reasons),
    notBefore: standing.length > 0 ? null : curedAt(situation, passing, PASSING_RULES),
    reasons,
    checked: {
      lists: situation.facts.lists.flatMap(({ list, release }) => {
        return release ? [{ list, releaseId: release.id, asOf: release.asOf }] : [];
      }),
      consents: situation.consent.events.filter(({ kind }) => kind !== 'annulled').map(({ id }) => id),
      zones: situation.zones,
      attempts: attemptCounts(situation),
    },
  };
}

/** How a question stands for longer than a day: what stands against it at any hour, and until when. */
export interface Outlook {
  /** Without those of calling hours. */
  reasons: Reason[];
  /** From when none of them is left; null while one remains that time does not cure. */
  anyHourFrom: Date | null;
  /** The same with calling hours: when the answer is allow for the first time. */
  from: Date | null;
  /** The consents in force for it. */
  grants: readonly GateConsent[];
}

/** What stands against this contact at any hour, and from when it may be made: for planning ahead, never instead of `decide`. */
export function outlook(question: Question, facts: GateFacts, law: Law, at: Date): Outlook {
  const situation = situationOf(question, facts, law, at);
  const standing = findings(STANDING_RULES, situation);
  const reasons = [...standing, ...findings(AT_ANY_HOUR, situation)];
  const { grants } = situation.consent;
  if (standing.length > 0) return { reasons, anyHourFrom: null, from: null, grants };
  return { reasons, anyHourFrom: freeFrom(situation, AT_ANY_HOUR), from: freeFrom(situation, PASSING_RULES), grants };
}

/** What stands against this contact and does not pass with time. */
export function standingReasons(question: Question, facts: GateFacts, law: Law, at: Date): Reason[] {
  return findings(STANDING_RULES, situationOf(question, facts, law, at));
}

function freeFrom(situation: Situation, rules: readonly Rule[]): Date | null {
  const passing = findings(rules, situation);
  return passing.length === 0 ? situation.at : curedAt(situation, passing, rules);
}

function findings(rules: readonly Rule[], situation: Situation): Reason[] {
  return rules.flatMap((rule) => rule(situation));
}

function verdictOf(reasons: readonly Reason[]): Decision['decision'] {
  if (reasons.some(({ effect }) => effect === 'deny')) return 'deny';
  return reasons.length > 0 ? 'hold' : 'allow';
}

/**
 * The first moment at which nothing of what passes with time is left: when one reason ends, another may just have begun, so it
 * is judged again there. Null when there is nothing to wait for, or no end to it.
 */
function curedAt(situation: Situation, passing: readonly Reason[], rules: readonly Rule[]): Date | null {
  let moment = situation.at;
  let left = passing;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    if (left.length === 0) return moment > situation.at ? moment : null;
    if (left.some(({ notBefore }) => notBefore === null)) return null;
    moment = latest(left.map(({ notBefore }) => notBefore)) ?? moment;
    left = findings(rules, judgedAt(situation, moment));
  }
  return null;
}
