import { plus } from './civil-time.ts';
import type { ConsentEvent } from './consent.ts';
import type { LeadFacts } from './lead.ts';
import { inForce, type Policy } from './policy.ts';
import type { Duty } from './retention.ts';
import type { KeptData } from './subject-request.ts';

/** The duties of law to keep evidence of a lead: of each consent from when it came, and anew from each use. */
export function evidenceDuties(facts: LeadFacts, consents: readonly ConsentEvent[], policies: readonly Policy[]): Duty[] {
  const learned = consents.map(({ happenedAt, receivedAt }) => (happenedAt > receivedAt ? happenedAt : receivedAt));
  const anchors = [
    ...learned.map((anchor) => ({ anchor, protects: 'consent' as const })),
    ...[facts.lastContactAt, facts.lastClearedAt].flatMap((anchor) => (anchor ? [{ anchor, protects: 'use' as const }] : [])),
  ];
  return anchors.flatMap(({ anchor, protects }) => policies.flatMap((policy) => {
    return inForce(policy, 'evidence_retention', anchor.toISOString().slice(0, 10)).map(({ value, source }): Duty => {
      const until = plus(anchor, value.period);
      return { ground: 'law', rule: 'evidence_retention', jurisdiction: policy.jurisdiction, source, protects, anchor, until };
    });
  }));
}

/**
 * What a person who asks to be forgotten is told is kept: one line for each rule and what it protects, with the last day of it. The
 * record of what they asked for is no reason to keep anything else: it holds nothing of the person, and outlives the disposal.
 */
export function keptBecauseOf(duties: readonly Duty[], now: Date): KeptData[] {
  const binding = duties.filter(({ ground, protects, until }) => ground === 'law' && protects !== 'subject_request' && until > now);
  const lines = Map.groupBy(binding, ({ rule, jurisdiction, source, protects }) => [protects, rule, jurisdiction, source].join('\n'));
  return [...lines.values()].flatMap((same) => {
    const [last] = same.sort((one, other) => other.until.getTime() - one.until.getTime());
    if (!last) return [];
    const { protects, rule, jurisdiction, source, until } = last;
    return [{ protects, rule, jurisdiction, source, until: until.toISOString() }];
  });
}
