import type { Decision, GateFacts, Question, Reason } from './clearance.ts';
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
    notBefore: standing.length > 0 ? null : curedAt(situation, passing),
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
function curedAt(situation: Situation, passing: readonly Reason[]): Date | null {
  let moment = situation.at;
  let left = passing;
  for (let round = 0; left.length > 0 && round < MOST_ROUNDS; round += 1) {
    if (left.some(({ notBefore }) => notBefore === null)) return null;
    moment = latest(left.map(({ notBefore }) => notBefore)) ?? moment;
    left = findings(PASSING_RULES, judgedAt(situation, moment));
  }
  return left.length === 0 && moment > situation.at ? moment : null;
}
