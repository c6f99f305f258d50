import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ReviewSummary } from '../domain/lead-card.ts';
import { attributesOfLead, searchAttributes } from './messages.ts';

/** Moments that move with every contact. They are shown as they were until that would mislead whoever filters by them. */
const MOVING: ReadonlySet<unknown> = new Set([searchAttributes.nextReviewAt.name, searchAttributes.retainUntil.name]);

/** Brings the search attributes up to date, in one call and only when one of them has to be: a call is a billed action. */
export function showInSearch(review: ReviewSummary, wakesAt: string | null): void {
  const changed = attributesOfLead(review, wakesAt).filter(({ key, value }) => differs(shown(key), value));
  const isDue = review.standing === undefined ? changed.length > 0 : changed.some(cannotWait);
  if (isDue) upsertSearchAttributes(changed);
}

/** A moving moment can wait while it lies ahead, and no end has come nearer than is shown. */
function cannotWait({ key, value }: SearchAttributeUpdatePair): boolean {
  if (!MOVING.has(key.name)) return true;
  const [was, is] = [plain(shown(key)), plain(value)];
  if (typeof was !== 'number' || typeof is !== 'number' || was <= Date.now()) return true;
  return key.name === searchAttributes.retainUntil.name && is < was;
}

function shown(key: SearchAttributeUpdatePair['key']): unknown {
  return workflowInfo().typedSearchAttributes.get(key);
}

function differs(shownNow: unknown, wanted: unknown): boolean {
  return plain(shownNow) !== plain(wanted);
}

function plain(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : (value ?? null);
}
