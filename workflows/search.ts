import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ReviewSummary } from '../domain/lead-card.ts';
import { searchAttributes } from './messages.ts';

/** Brings the search attributes up to date, in one call and only when one of them changed. */
export function showInSearch(review: ReviewSummary, wakesAt: string | null): void {
  const wanted: SearchAttributeUpdatePair[] = [
    { key: searchAttributes.stage, value: review.stage },
    { key: searchAttributes.consentState, value: review.consentState },
    { key: searchAttributes.dncState, value: review.dncState },
    ...blockerOf(review),
    { key: searchAttributes.held, value: review.hold ? true : null },
    { key: searchAttributes.nextReviewAt, value: instant(wakesAt) },
    { key: searchAttributes.retainUntil, value: instant(review.retainUntil) },
    { key: searchAttributes.consentUntil, value: instant(review.consentUntil) },
  ] as SearchAttributeUpdatePair[];
  const changed = wanted.filter(({ key, value }) => differs(workflowInfo().typedSearchAttributes.get(key), value));
  if (changed.length > 0) upsertSearchAttributes(changed);
}

/** Reviews of the first version said nothing of blockers; what they led to stays as it was. */
function blockerOf({ blockers }: ReviewSummary) {
  return blockers ? [{ key: searchAttributes.blocker, value: blockers[0] ?? 'none' }] : [];
}

function instant(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}

function differs(shown: unknown, wanted: unknown): boolean {
  return plain(shown) !== plain(wanted);
}

function plain(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : (value ?? null);
}
