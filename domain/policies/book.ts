import type { Policy } from '../policy.ts';
import { australia } from './au.ts';
import { canada } from './ca.ts';
import { china } from './cn.ts';
import { germany } from './de.ts';
import { anywhereElse } from './default.ts';
import { europeanUnion } from './eu.ts';
import { france } from './fr.ts';
import { unitedKingdom } from './gb.ts';
import { india } from './in.ts';
import { italy } from './it.ts';
import { singapore } from './sg.ts';
import { california } from './us-ca.ts';
import { STATES_A_TO_ME } from './us-states-a-to-me.ts';
import { STATES_MI_TO_WY } from './us-states-mi-to-wy.ts';
import { unitedStates } from './us.ts';

const PAGES = [
  unitedStates, ...STATES_A_TO_ME, ...STATES_MI_TO_WY, california, unitedKingdom, france, germany, italy, canada, australia,
  singapore, india, china, europeanUnion,
];

/** Every jurisdiction with a page of its own, by its code. */
export const POLICIES: ReadonlyMap<string, Policy> = new Map(PAGES.map((policy) => [policy.jurisdiction, policy]));

/** The page that stands in for a country without one. */
export const DEFAULT_POLICY: Policy = anywhereElse;

const EU_MEMBERS = new Set([
  'AT', 'BE', 'BG', 'CY', 'CZ', 'DE', 'DK', 'EE', 'ES', 'FI', 'FR', 'GR', 'HR', 'HU', 'IE', 'IT', 'LT', 'LU', 'LV', 'MT', 'NL', 'PL',
  'PT', 'RO', 'SE', 'SI', 'SK',
]);

const answered = new Map<string, Policy[]>();
const MOST_REMEMBERED = 10_000;

/**
 * The pages that bind a person under some jurisdictions, weakest first: a country's own or the default in its name, the
 * European Union's for its members, and those of parts of a country that have rules of their own. The same jurisdictions get
 * the very same array.
 */
export function policiesFor(jurisdictions: readonly string[]): readonly Policy[] {
  const key = jurisdictions.join(' ');
  const known = answered.get(key);
  if (known) return known;
  const policies = [...new Set([...new Set(jurisdictions)].flatMap(pagesOf))];
  if (answered.size >= MOST_REMEMBERED) answered.clear();
  answered.set(key, policies);
  return policies;
}

function pagesOf(jurisdiction: string): Policy[] {
  const own = POLICIES.get(jurisdiction);
  if (jurisdiction.includes('-')) return own ? [own] : [];
  return [...(EU_MEMBERS.has(jurisdiction) ? [europeanUnion] : []), own ?? { ...DEFAULT_POLICY, jurisdiction }];
}

/** The pages that may say how old a list may become: every page of its own right, and what stands in for its jurisdiction's. */
export function policiesOnLists(jurisdiction: string): readonly Policy[] {
  return [...new Set([...POLICIES.values(), ...policiesFor([jurisdiction])])];
}
