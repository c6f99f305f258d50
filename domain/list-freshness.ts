import { exactMs } from './local-time.ts';
import { inForce, type Confidence, type Policy, type RuleValues } from './policy.ts';

/** A list as freshness sees it: where it binds, and as of when its release in force is. */
export interface AgingList {
  id: string;
  jurisdiction: string;
  /** Null where it has no release in force. */
  asOf: Date | null;
}

/** How old one jurisdiction lets a list become. */
export interface FreshnessRule {
  jurisdiction: string;
  /** ISO 8601, in days of 24 hours. */
  maxAge: string;
  requiredFor: RuleValues['list_freshness']['requiredFor'];
  /** False for a list that only subscribers have to ask, while the company is none. */
  isBinding: boolean;
  /** The last moment at which the release in force is fresh; null without one. */
  staleAt: Date | null;
  source: string;
  confidence: Confidence;
}

/** `unbound`: no rule says how old it may become. `missing`: a rule asks for it, and it has no release. */
export const FRESHNESS_STATES = ['fresh', 'stale_soon', 'stale', 'missing', 'unbound'] as const;
export type FreshnessState = (typeof FRESHNESS_STATES)[number];

export interface Freshness {
  state: FreshnessState;
  /** The last moment at which every binding rule finds it fresh; null where none binds or there is no release. */
  staleAt: Date | null;
  rules: FreshnessRule[];
}

export interface FreshnessAsked {
  /** Pages that may have a rule for the list: all of them, and what stands in for the list's own jurisdiction. */
  policies: readonly Policy[];
  /** Lists that the settings require. */
  required: readonly string[];
  /** How long before it goes stale a list is called `stale_soon`, in days. */
  warningDays: number;
  now: Date;
}

const ANY_LIST = '*';
const DAY_MS = 86_400_000;

/** How fresh a list is by every rule that speaks of it, as the gate will judge it. */
export function freshnessOf(list: AgingList, asked: FreshnessAsked): Freshness {
  const rules = rulesOf(list, asked);
  const binding = rules.filter(({ isBinding }) => isBinding);
  const ends = binding.flatMap(({ staleAt }) => (staleAt ? [staleAt.getTime()] : []));
  const staleAt = ends.length > 0 ? new Date(Math.min(...ends)) : null;
  return { state: stateOf(binding.length > 0, staleAt, asked), staleAt, rules };
}

function rulesOf(list: AgingList, { policies, required, now }: FreshnessAsked): FreshnessRule[] {
  const day = now.toISOString().slice(0, 10);
  return policies.flatMap((policy) => {
    const values = inForce(policy, 'list_freshness', day).filter(({ value }) => speaksOf(value.list, policy, list));
    return values.map(({ value, source, confidence }) => ({
      jurisdiction: policy.jurisdiction,
      maxAge: value.maxAge,
      requiredFor: value.requiredFor,
      isBinding: value.requiredFor !== 'subscribers' || required.includes(list.id),
      staleAt: list.asOf && new Date(list.asOf.getTime() + exactMs(value.maxAge)),
      source,
      confidence,
    }));
  });
}

function speaksOf(named: string, { jurisdiction }: Policy, list: AgingList): boolean {
  return named === list.id || (named === ANY_LIST && jurisdiction === list.jurisdiction);
}

function stateOf(isBound: boolean, staleAt: Date | null, { now, warningDays }: FreshnessAsked): FreshnessState {
  if (!isBound) return 'unbound';
  if (!staleAt) return 'missing';
  const left = staleAt.getTime() - now.getTime();
  if (left < 0) return 'stale';
  return left <= warningDays * DAY_MS ? 'stale_soon' : 'fresh';
}
