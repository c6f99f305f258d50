import { setTimeout as pause } from 'node:timers/promises';
import type { Db } from '../db/connection.ts';
import { lockLastReview, overdueLeads } from '../db/lead-facts.ts';
import { tellLeads } from '../db/outbox.ts';
import { reviewWithin } from './lead-review.ts';

/**
 * How long it rests after each lead, as a part of what that took: a million may be overdue at once, and whoever asks the gate
 * wants the processor and the disk too.
 */
const REST = 1;
/** How long a turn may take; what it has not come to is left to the next. */
const MOST_MS = 150_000;

export interface OverdueReviews {
  reviewed: number;
  /** Leads whose workflow was left word, because it had overslept or there was something that it did not know. */
  told: number;
}

/**
 * The safety net under the timers of leads: reviews up to `limit` of those whose review should have happened by `before`, the
 * oldest first, here in the database, one after the other and with rests. A workflow hears of it only when it should have woken
 * by itself, or when that came to something new: to wake one up costs billed actions, and finding nothing is what a net is for.
 */
export async function reviewOverdueLeads(db: Db, before: Date, now: () => Date, limit: number): Promise<OverdueReviews> {
  const begun = performance.now();
  const done = { reviewed: 0, told: 0 };
  for (const leadId of await overdueLeads(db, before, limit)) {
    const start = performance.now();
    if (start - begun > MOST_MS) break;
    if (await reviewOverdue(db, leadId, now())) done.told += 1;
    done.reviewed += 1;
    await pause((performance.now() - start) * REST);
  }
  return done;
}

/** Answers whether the workflow was left word. One whose review fails is told as well: there it is seen to fail. */
async function reviewOverdue(db: Db, leadId: string, now: Date): Promise<boolean> {
  const word = { signal: 'reviewOverdue', factId: leadId, lane: 1 } as const;
  try {
    return await db.transaction().execute(async (tx) => {
      const before = await lockLastReview(tx, leadId);
      const review = await reviewWithin(tx, leadId, now);
      const hasToAct = review?.action !== undefined || review?.requests !== undefined;
      const isNews = hasToAct || before?.isOverslept === true || (await lockLastReview(tx, leadId))?.shown !== before?.shown;
      if (isNews) await tellLeads(tx, [leadId], word, now);
      return isNews;
    });
  } catch {
    await db.transaction().execute((tx) => tellLeads(tx, [leadId], word, now));
    return true;
  }
}
