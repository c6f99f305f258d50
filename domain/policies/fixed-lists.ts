import type { RuleValues } from '../policy.ts';
import { POLICIES } from './book.ts';

/** What the law says of a list that it knows by its id. */
export interface FixedList {
  jurisdiction: string;
  effect: RuleValues['registry_effect']['effect'];
}

/** The lists that are named in law, by their ids: whoever registers one cannot make something else of it. */
export const FIXED_LISTS: ReadonlyMap<string, FixedList> = new Map(
  [...POLICIES.values()].flatMap(({ jurisdiction, values }) =>
    (values.registry_effect ?? []).map(({ value }): [string, FixedList] => [value.list, { jurisdiction, effect: value.effect }])),
);
