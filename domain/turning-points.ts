import type { GateFacts } from './clearance.ts';
import type { Law } from './decide.ts';
import { civilPlusEarliest, exactMs, offsetAt } from './local-time.ts';
import type { Policy, RuleKind, RuleValues } from './policy.ts';
import { answerGoodUntil, checksIn } from './reassigned.ts';

const MS = 1;

/** Moments, of the past as well, at which the answer about a person may change although nothing happens, hours aside. */
export function turningPoints(facts: GateFacts, law: Law): Date[] {
  const zones = facts.lead?.zones ?? [];
  return [
    ...consentLapses(facts, law.policies, zones),
    ...relationshipEnds(facts, law.policies, zones),
    ...listChanges(facts, law.policies, zones),
    ...staleAcquisitions(facts, law, zones),
    ...oldAnswers(facts, law),
    ...law.policies.flatMap((policy) => policyChanges(policy, zones)),
  ];
}

function consentLapses({ consents }: GateFacts, policies: readonly Policy[], zones: readonly string[]): Date[] {
  const stated = consents.flatMap(({ expiresAt }) => expiresAt ?? []);
  const periods = valuesOf(policies, 'registry_effect').flatMap(({ consentLapses: period }) => period ?? []);
  const grants = consents.filter(({ kind, expiresAt }) => kind === 'granted' && expiresAt === null);
  const inLaw = grants.flatMap(({ happenedAt }) => periods.map((period) => civilPlusEarliest(happenedAt, period, zones)));
  return [...stated, ...inLaw];
}

/** A stated end counts itself, an anniversary does not. */
function relationshipEnds({ relationships }: GateFacts, policies: readonly Policy[], zones: readonly string[]): Date[] {
  const exemptions = valuesOf(policies, 'relationship_exemption');
  return relationships.flatMap(({ kind, at, endsAt }) => {
    const periods = exemptions.flatMap((value) => (value.kind === kind && value.period !== null ? [value.period] : []));
    const ends = new Set(periods.map((period) => civilPlusEarliest(at, period, zones).getTime() + MS));
    return [...(endsAt ? [endsAt] : []), ...[...ends].map((end) => new Date(end))];
  });
}

/** A list grows stale, and a registration starts to bind. */
function listChanges({ lists }: GateFacts, policies: readonly Policy[], zones: readonly string[]): Date[] {
  const ages = new Set(valuesOf(policies, 'list_freshness').map(({ maxAge }) => exactMs(maxAge)));
  const stale = lists.flatMap(({ release }) => {
    return release ? [...ages].map((age) => new Date(release.asOf.getTime() + age + MS)) : [];
  });
  const graces = new Set(valuesOf(policies, 'registry_effect').flatMap(({ grace }) => grace ?? []));
  const binding = lists.flatMap(({ listedSince }) => {
    return listedSince ? [listedSince, ...[...graces].map((grace) => civilPlusEarliest(listedSince, grace, zones))] : [];
  });
  return [...stale, ...binding];
}

function staleAcquisitions({ acquisitions }: GateFacts, { settings }: Law, zones: readonly string[]): Date[] {
  return acquisitions.map(({ sourceKind, acquiredAt }) => {
    const { usableFor } = settings.sources[sourceKind] ?? settings.sources.other;
    return civilPlusEarliest(acquiredAt, usableFor, zones);
  });
}

/** An answer about a reassigned number rests on the latest reports for a month at most. */
function oldAnswers({ reassigned }: GateFacts, { policies, settings }: Law): Date[] {
  const until = reassigned && settings.reassigned.required ? answerGoodUntil(reassigned, checksIn(policies)) : null;
  return until ? [until] : [];
}

/** Law begins and ends at midnight, wherever the person may be. */
function policyChanges(policy: Policy, zones: readonly string[]): Date[] {
  const days = new Set(Object.values(policy.values).flat().flatMap(({ from, to }) => [from, ...(to ? [to] : [])]));
  return [...days].flatMap((day) => {
    const midnight = new Date(day).getTime();
    return [new Date(midnight), ...zones.map((zone) => new Date(midnight - offsetAt(zone, midnight)))];
  });
}

function valuesOf<K extends RuleKind>(policies: readonly Policy[], kind: K): RuleValues[K][] {
  return policies.flatMap((policy) => policy.values[kind] ?? []).map(({ value }) => value);
}
