import type { Question } from './clearance.ts';
import { GRADES, type Grade } from './consent.ts';
import type { Policy } from './policy.ts';
import { withinHours } from './rules/hours.ts';

/** What two leads have in common whose calling hours are always the same. */
export interface ContactArea {
  jurisdictions: readonly string[];
  zones: readonly string[];
  /** The best consent in force, where the law opens hours for one. */
  grade: Grade | null;
}

/** The name of a lead's area: the same for all leads with the same calling hours, and all that it takes to tell those. */
export function nameOfArea({ jurisdictions, zones, grade }: ContactArea): string {
  return [jurisdictions.toSorted().join(','), zones.toSorted().join(','), grade ?? ''].join('|');
}

/** The area that a name stands for. */
export function areaOfName(name: string): ContactArea {
  const [jurisdictions = '', zones = '', grade = ''] = name.split('|');
  return { jurisdictions: listOf(jurisdictions), zones: listOf(zones), grade: GRADES.find((each) => each === grade) ?? null };
}

/** The grade by which consents count for calling hours: the best of them, and none where no law asks for one. */
export function gradeForHours(policies: readonly Policy[], grants: readonly { grade: Grade }[]): Grade | null {
  const matters = policies.some((policy) => policy.values.call_window?.some(({ value }) => value.liftedBy));
  return matters ? (GRADES.findLast((grade) => grants.some((grant) => grant.grade === grade)) ?? null) : null;
}

/** Whether people of an area may be called by hand at a moment, as far as calling hours go. */
export function isOpenArea({ zones, grade }: ContactArea, policies: readonly Policy[], question: Question, at: Date): boolean {
  const grants = grade === null ? [] : [{ grade }];
  return withinHours({ question, policies, zones, at, isPhone: true, consent: { grants } }).length === 0;
}

function listOf(text: string): string[] {
  return text === '' ? [] : text.split(',');
}
