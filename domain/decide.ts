import type { Decision, GateFacts, Question } from './clearance.ts';
import type { Policy } from './policy.ts';
import type { Settings } from './settings.ts';

/** The rules that apply: the pages of all candidate jurisdictions, and the company's own settings. */
export interface Law {
  policies: readonly Policy[];
  settings: Settings;
}

/**
 * May this person be contacted, this way, at this moment? Every rule runs and the answer has all findings: any that denies
 * makes it deny, else any that holds makes it hold, else it is allow. Pure and total; facts that happened after `at` are left
 * out, so that a moment of the past can be asked about as well.
 */
export function decide(question: Question, facts: GateFacts, law: Law, at: Date): Decision {
  void [question, facts, law, at];
  throw new Error('not written yet');
}
