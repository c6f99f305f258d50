import { ApplicationFailure } from '@temporalio/activity';
import type { Db, Tx } from '../db/connection.ts';
import { lockLeadFacts, recordReview, type RecordedLead } from '../db/lead-facts.ts';
import type { ConsentEvent } from '../domain/consent.ts';
import type { LeadAction, LeadFacts } from '../domain/lead.ts';
import type { ReviewSummary } from '../domain/lead-card.ts';
import { review, reviewForgotten, type Review } from '../domain/review.ts';
import { peopleOfLeads } from '../gate/people.ts';
import { putDownAsking } from './asking.ts';

/** A review as the workflow sees it. Waiting times are relative, so that a shifted clock shifts them with it. */
export interface LeadReview extends ReviewSummary {
  reviewInMs: number | null;
  /** How much later will do: the clocks of workflow and activity never quite agree. Reviews of the first version have none. */
  slackMs?: number;
  /** What is to be done about its end now; left out where nothing is, as in reviews of earlier versions. */
  action?: LeadAction;
  /** Requests for confirmation that have yet to be sent; left out where there are none, as in reviews of earlier versions. */
  requests?: string[];
}

const SLACK_MS = 1_000;

/** The activity behind the lead's workflow: look at the facts, put down what they mean, say when to look again. */
export function createReviewActivities({ db, now }: { db: Db; now: () => Date }) {
  return {
    /** Reviews one lead in one transaction. Fails for good when there is no such lead. */
    async reviewLead(leadId: string): Promise<LeadReview> {
      return db.transaction().execute(async (tx) => {
        const at = now();
        let { facts, decided, latest } = await look(tx, leadId, at);
        if (await putDownAsking(tx, leadId, decided, at)) ({ facts, decided, latest } = await look(tx, leadId, at));
        await recordReview(tx, facts, { ...reviewedState(decided), held: facts.isHeld }, latest, at);
        const { action } = decided;
        return { ...summaryOf(decided, at), ...toBeSent(facts), ...heldBy(decided), ...(action ? { action } : {}) };
      });
    },
  };
}

interface Looked {
  facts: RecordedLead;
  decided: Review;
  /** The consent event that came in last. */
  latest: string | null;
}

/** Everything that a review rests on, with the lead locked, and what it comes to. */
export async function look(tx: Tx, leadId: string, at: Date): Promise<Looked> {
  const facts = await lockLeadFacts(tx, leadId, at);
  if (facts?.isForgotten) return { facts, decided: reviewForgotten(facts, facts, at), latest: null };
  const person = (await peopleOfLeads(tx, [leadId], at)).get(leadId);
  if (!facts || !person) throw ApplicationFailure.nonRetryable('There is no lead of this id in the database.', 'unknown_lead');
  return { facts, decided: review(facts, person.facts, person.law, at), latest: latestOf(person.facts.consents) };
}

function heldBy({ hold }: Review): { hold?: 'stands' | 'keeps' } {
  return hold === null ? {} : { hold };
}

function toBeSent({ requests }: LeadFacts): { requests?: string[] } {
  const open = requests.filter(({ isSettled }) => !isSettled).map(({ id }) => id);
  return open.length > 0 ? { requests: open } : {};
}

function latestOf(ledger: readonly ConsentEvent[]): string | null {
  const isLater = (event: ConsentEvent, latest: ConsentEvent | null) => latest === null || event.receivedAt >= latest.receivedAt;
  return ledger.reduce<ConsentEvent | null>((latest, event) => (isLater(event, latest) ? event : latest), null)?.id ?? null;
}

function reviewedState(decided: Review) {
  return {
    stage: decided.stage,
    consent_state: decided.consentState,
    dnc_state: decided.dncState,
    next_review_at: decided.reviewAt,
    archive_due_at: decided.archiveDueAt,
    archive_rule: decided.archiveRule,
    retain_until: decided.retainUntil,
    retain_rule: decided.retainRule,
    blockers: decided.blockers,
    contactable_from: decided.hopperFrom,
    contact_area: decided.contactArea,
  };
}

function summaryOf(decided: Review, at: Date): LeadReview {
  const { stage, consentState, dncState, blockers, why, reviewAt } = decided;
  return {
    stage,
    consentState,
    dncState,
    blockers,
    why,
    cooldownUntil: iso(decided.cooldownUntil),
    contactableFrom: iso(decided.contactableFrom),
    reviewAt: iso(reviewAt),
    archiveDueAt: iso(decided.archiveDueAt),
    retainUntil: iso(decided.retainUntil),
    consentUntil: iso(decided.consentUntil),
    slackMs: SLACK_MS,
    reviewInMs: reviewAt === null ? null : reviewAt.getTime() - at.getTime(),
  };
}

function iso(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}
