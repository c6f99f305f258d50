import { ApplicationFailure } from '@temporalio/activity';
import type { Db } from '../db/connection.ts';
import type { LeadReview } from '../domain/lead-card.ts';
import { reviewLead } from '../gate/lead-review.ts';

/** The activity behind the lead's workflow: what its facts mean now, and when to look again. */
export function createReviewActivities({ db, now }: { db: Db; now: () => Date }) {
  return {
    /** Reviews one lead in one transaction. Fails for good when there is no such lead. */
    async reviewLead(leadId: string): Promise<LeadReview> {
      const review = await reviewLead(db, leadId, now);
      if (!review) throw ApplicationFailure.nonRetryable('There is no lead of this id in the database.', 'unknown_lead');
      return review;
    },
  };
}
