import type { Policy } from '../policy.ts';
import { china } from './cn.ts';
import { germany } from './de.ts';
import { unitedStates } from './us.ts';

/** Every jurisdiction whose values are on file. One without a page has no values of its own. */
export const POLICIES: ReadonlyMap<string, Policy> = new Map(
  [china, germany, unitedStates].map((policy) => [policy.jurisdiction, policy]),
);
