import type { Duty } from './retention.ts';
import type { KeptData } from './subject-request.ts';

/**
 * What a person who asks to be forgotten is told is kept: one line for each rule and what it protects, with the last day of it.
 * The record of what they asked for is no reason to keep anything else: it holds nothing of the person, and outlives the
 * disposal.
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
