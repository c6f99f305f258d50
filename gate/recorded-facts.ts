import type { FactsOnRecord, GateFacts, Question } from '../domain/clearance.ts';

/** What a decision looked at: the question, the facts, and the moment that was judged. */
export interface RecordedFacts {
  question: Question;
  facts: GateFacts;
  at: Date;
}

/** What a decision looked at, from the JSON that was kept with its answer: exactly the same again, with its moments. */
export function fromRecord(record: unknown): RecordedFacts {
  const text = typeof record === 'string' ? record : JSON.stringify(record);
  const { facts, ...looked } = JSON.parse(text, (key, value: unknown) => {
    return MOMENTS.has(key) && typeof value === 'string' ? new Date(value) : value;
  }) as Omit<RecordedFacts, 'facts'> & { facts: FactsOnRecord };
  return { ...looked, facts: { ...facts, portings: facts.portings ?? [] } };
}

/** Names that stand for a moment wherever they occur in question and facts. */
const MOMENTS: ReadonlySet<string> = new Set([
  'at', 'acquiredAt', 'suspendedAt', 'happenedAt', 'receivedAt', 'expiresAt', 'reportedAt', 'liftedAt', 'endsAt', 'startedAt',
  'endedAt', 'until', 'asOf', 'listedSince', 'askedAt', 'statedAt', 'archivedAt', 'disposedAt', 'knownGoodAt',
]);
