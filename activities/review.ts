import { ApplicationFailure } from '@temporalio/activity';
import type { Db } from '../db/connection.ts';
import type { LeadReview } from '../domain/lead-card.ts';
import { reviewLead } from '../gate/lead-review.ts';
import { Turns } from './turns.ts';

/**
 * Reviews at once: enough for hundreds a second. When a million leads wake together, more of them would only keep
 * PostgreSQL from answering whoever wants to call somebody now.
 */
const AT_ONCE = 3;

/** The activity behind the lead's workflow: what its facts mean now, and when to look again. */
export function createReviewActivities({ db, now }: { db: Db; now: () => Date }) {
  const turns = new Turns(AT_ONCE);
  return {
    /** Reviews one lead in one transaction. Fails for good when there is no such lead. */
    async reviewLead(leadId: string): Promise<LeadReview> {
      const review = await turns.take(() => reviewLead(db, leadId, now));
      if (!review) throw ApplicationFailure.nonRetryable('There is no lead of this id in the database.', 'unknown_lead');
      return review;
    },
  };
}
