import type { GateConsent, GateFacts, Question } from '../clearance.ts';
import { reaches } from '../consent-ledger.ts';
import { localDay } from '../local-time.ts';
import { inForce, type Policy, type RuleValues } from '../policy.ts';

/** Where a question is asked. */
interface Place {
  policies: readonly Policy[];
  zones: readonly string[];
}

/**
 * A consent ledger with what the law makes of it: a withdrawal from one kind of message that is one from every kind on the day
 * it was said, and consents that an entry in a register annulled.
 */
export function ledgerInLaw(facts: GateFacts, question: Question, place: Place, at: Date): GateConsent[] {
  const everything = { channel: 'all', purpose: 'all' } as const;
  const widened = facts.consents.map((event) => {
    return event.kind === 'revoked' && reachesEverything(place, event.happenedAt) ? { ...event, ...everything } : event;
  });
  return [...widened, ...annulments(facts, question, place, at)];
}

/** Where and when an opt-out from one kind of message is one from every kind. */
export function reachesEverything({ policies, zones }: Place, saidAt: Date): boolean {
  return valuesOn(policies, 'optout_scope', daysOf(zones, saidAt)).some(({ reaches: scope }) => scope === 'everything');
}

function annulments(facts: GateFacts, { channel, purpose }: Question, { policies, zones }: Place, at: Date): GateConsent[] {
  const { consents, lists } = facts;
  const annulling = valuesOn(policies, 'registry_effect', daysOf(zones, at))
    .filter((value) => value.effect === 'annul_consent' && value.channels.includes(channel));
  return annulling.flatMap((value) => {
    const since = lists.find(({ list }) => list === value.list)?.listedSince;
    if (!since || since > at) return [];
    const before = consents.find((event) => {
      return event.kind === 'granted' && reaches(event, channel, purpose) && event.happenedAt < since;
    });
    if (!before) return [];
    // What was given at that very moment was not given before it.
    const justBefore = new Date(since.getTime() - 1);
    return [{ ...before, id: value.list, kind: 'annulled' as const, channel, purpose, happenedAt: justBefore, expiresAt: null }];
  });
}

function valuesOn<K extends 'optout_scope' | 'registry_effect'>(
  policies: readonly Policy[], kind: K, days: readonly string[],
): RuleValues[K][] {
  return policies.flatMap((policy) => days.flatMap((day) => inForce(policy, kind, day))).map(({ value }) => value);
}

/** The local days on which a moment falls, over all candidate zones; that of UTC where there is none. */
export function daysOf(zones: readonly string[], at: Date): string[] {
  if (zones.length === 0) return [at.toISOString().slice(0, 10)];
  return [...new Set(zones.map((zone) => localDay(zone, at.getTime())))];
}
