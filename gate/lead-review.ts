import type { Db, Tx } from '../db/connection.ts';
import { disposalOfLead } from '../db/disposals.ts';
import { lockLeadFacts, recordReview, type RecordedLead } from '../db/lead-facts.ts';
import type { ConsentEvent } from '../domain/consent.ts';
import type { LeadFacts } from '../domain/lead.ts';
import type { LeadReview } from '../domain/lead-card.ts';
import { review, reviewForgotten, type Review } from '../domain/review.ts';
import { putDownAsking } from './asking.ts';
import { peopleOfLeads } from './people.ts';

const SLACK_MS = 1_000;

/**
 * Reviews one lead in one transaction: looks at the facts, puts down what they mean, says when to look again. Null when there is
 * no such lead.
 */
export async function reviewLead(db: Db, leadId: string, now: () => Date): Promise<LeadReview | null> {
  return db.transaction().execute((tx) => reviewWithin(tx, leadId, now()));
}

/** The same as a part of something else. */
export async function reviewWithin(tx: Tx, leadId: string, at: Date): Promise<LeadReview | null> {
  let looked = await look(tx, leadId, at);
  if (looked && (await putDownAsking(tx, leadId, looked.decided, at))) looked = await look(tx, leadId, at);
  if (!looked) return null;
  const { facts, decided, latest } = looked;
  await recordReview(tx, facts, { ...reviewedState(decided), held: facts.isHeld }, latest, at);
  const { action, stage } = decided;
  const certified = stage === 'disposed' ? await certificateOf(tx, leadId) : {};
  return { ...summaryOf(decided, at), ...toBeSent(facts), ...heldBy(decided), ...(action ? { action } : {}), ...certified };
}

/** Its workflow may hear of the end from somebody else, and is to end with the certificate all the same. */
async function certificateOf(tx: Tx, leadId: string): Promise<{ certificateId?: string }> {
  const disposal = await disposalOfLead(tx, leadId);
  return disposal ? { certificateId: disposal.id } : {};
}

interface Looked {
  facts: RecordedLead;
  decided: Review;
  /** The consent event that came in last. */
  latest: string | null;
}

/** Everything that a review rests on, with the lead locked, and what it comes to. Null when there is no such lead. */
export async function look(tx: Tx, leadId: string, at: Date): Promise<Looked | null> {
  const facts = await lockLeadFacts(tx, leadId, at);
  if (facts?.isForgotten) return { facts, decided: reviewForgotten(facts, facts, at), latest: null };
  const person = (await peopleOfLeads(tx, [leadId], at)).get(leadId);
  if (!facts || !person) return null;
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
  const { stage, consentState, dncState, blockers, why, wakesAt } = decided;
  return {
    stage,
    consentState,
    dncState,
    blockers,
    standing: decided.standing,
    why,
    cooldownUntil: iso(decided.cooldownUntil),
    contactableFrom: iso(decided.contactableFrom),
    reviewAt: iso(wakesAt),
    archiveDueAt: iso(decided.archiveDueAt),
    retainUntil: iso(decided.retainUntil),
    consentUntil: iso(decided.consentUntil),
    slackMs: SLACK_MS,
    reviewInMs: wakesAt === null ? null : wakesAt.getTime() - at.getTime(),
  };
}

function iso(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}
