import { ApplicationFailure } from '@temporalio/activity';
import type { Db } from '../db/connection.ts';
import { lockLeadFacts, recordReview } from '../db/lead-facts.ts';
import type { ReviewSummary } from '../domain/lead-card.ts';
import { POLICIES } from '../domain/policies/book.ts';
import { review, type Review } from '../domain/review.ts';
import { DEFAULT_SETTINGS } from '../domain/settings.ts';

/** A review as the workflow sees it. Waiting times are relative, so that a shifted clock shifts them with it. */
export interface LeadReview extends ReviewSummary {
  reviewInMs: number | null;
}

/** The activity behind the lead's workflow: look at the facts, put down what they mean, say when to look again. */
export function createReviewActivities({ db, now }: { db: Db; now: () => Date }) {
  return {
    /** Reviews one lead in one transaction. Fails for good when there is no such lead. */
    async reviewLead(leadId: string): Promise<LeadReview> {
      return db.transaction().execute(async (tx) => {
        const facts = await lockLeadFacts(tx, leadId);
        if (!facts) throw ApplicationFailure.nonRetryable('There is no lead of this id in the database.', 'unknown_lead');
        const at = now();
        const policies = facts.jurisdictions.flatMap((jurisdiction) => POLICIES.get(jurisdiction) ?? []);
        const decided = review(facts, policies, DEFAULT_SETTINGS, at);
        await recordReview(tx, facts, reviewedState(decided), at);
        return summaryOf(decided, at);
      });
    },
  };
}

function reviewedState(decided: Review) {
  return {
    stage: decided.stage,
    consent_state: decided.consentState,
    dnc_state: decided.dncState,
    next_review_at: decided.reviewAt,
    archive_due_at: decided.archiveDueAt,
    retain_until: decided.retainUntil,
  };
}

function summaryOf(decided: Review, at: Date): LeadReview {
  const { reviewAt, archiveDueAt, retainUntil, consentUntil, ...rest } = decided;
  return {
    ...rest,
    reviewAt: iso(reviewAt),
    archiveDueAt: iso(archiveDueAt),
    retainUntil: iso(retainUntil),
    consentUntil: iso(consentUntil),
    reviewInMs: reviewAt === null ? null : reviewAt.getTime() - at.getTime(),
  };
}

function iso(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}
