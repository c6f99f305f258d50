import { plus } from './civil-time.ts';
import { inForce, type Policy } from './policy.ts';
import type { SubjectRequestKind } from './subject-request.ts';

/** Until when a request has to be acknowledged, answered, or, where it asks to be left alone, honoured. */
export interface Deadline {
  jurisdiction: string;
  kind: 'acknowledge' | 'answer' | 'opt_out';
  dueAt: Date;
  source: string;
}

const DAY_MS = 86_400_000;

/**
 * The statutory deadlines of a request under the law of its day, the earliest first. They run from when the person asked; an
 * extension has to be claimed and is none by itself. Business days are Monday to Friday of UTC, holidays not left out: that is
 * early rather than late.
 */
export function deadlinesOf(
  { kind: asked, requestedAt }: { kind: SubjectRequestKind; requestedAt: Date }, policies: readonly Policy[],
): Deadline[] {
  const day = requestedAt.toISOString().slice(0, 10);
  const deadlines = policies.flatMap(({ jurisdiction, ...policy }) =>
    inForce({ jurisdiction, ...policy }, 'subject_request_deadline', day).flatMap(({ value, source }) => {
      const { kind, period, businessDays = false } = value;
      if (kind === 'extension' || (kind === 'opt_out' && asked !== 'objection')) return [];
      const dueAt = businessDays ? plusBusinessDays(requestedAt, period) : plus(requestedAt, period);
      return [{ jurisdiction, kind, dueAt, source }];
    }));
  return deadlines.sort((one, other) => one.dueAt.getTime() - other.dueAt.getTime());
}

function plusBusinessDays(start: Date, period: string): Date {
  let left = Math.round((plus(new Date(0), period).getTime()) / DAY_MS);
  let at = start;
  while (left > 0) {
    at = new Date(at.getTime() + DAY_MS);
    if (at.getUTCDay() !== 0 && at.getUTCDay() !== 6) left -= 1;
  }
  return at;
}
