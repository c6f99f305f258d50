import type { ConsentState } from './consent-ledger.ts';
import type { Stage } from './lead.ts';
import type { SubscriberEvent, SubscriberEventType } from './subscriber-event.ts';

/** What a review came to, as far as subscribers hear of it. */
export interface LeadState {
  stage: Stage;
  consentState: ConsentState;
  /** Since or from when a marketing call is lawful, hours left aside; null while time alone changes nothing. */
  contactableFrom: Date | null;
}

/** What the review before came to. */
export interface RecordedState extends LeadState {
  /** Null where there was none. */
  reviewedAt: Date | null;
}

/** The facts that a change rests on. */
interface Grounds {
  stageChange: string | null;
  latestConsent: string | null;
}

const STAGE_EVENTS: Partial<Record<Stage, SubscriberEventType>> = {
  suppressed: 'lead.suppressed',
  archived: 'lead.archived',
  disposed: 'lead.disposed',
};

/** What subscribers hear of a review: what is different from the one before, and nothing when that is nothing. */
export function stateChangesOf(
  before: RecordedState & { id: string }, { stage, consentState, contactableFrom }: LeadState, grounds: Grounds, at: Date,
): SubscriberEvent[] {
  const leadId = before.id;
  const changes: SubscriberEvent[] = [];
  if (grounds.stageChange !== null) {
    const fact = { leadId, factId: grounds.stageChange, at, words: { from: before.stage, to: stage } };
    const own = STAGE_EVENTS[stage];
    changes.push({ type: 'lead.stage-changed', ...fact }, ...(own ? [{ type: own, ...fact }] : []));
  }
  if (before.consentState !== consentState) {
    const words = { from: before.consentState, to: consentState };
    changes.push({ type: 'consent.changed', leadId, factId: grounds.latestConsent ?? leadId, at, words });
  }
  const wasContactable = before.reviewedAt !== null && isPast(before.contactableFrom, before.reviewedAt);
  if (!wasContactable && isPast(contactableFrom, at)) {
    changes.push({ type: 'lead.contactable', leadId, factId: grounds.stageChange ?? leadId, at });
  }
  return changes;
}

function isPast(from: Date | null, at: Date): boolean {
  return from !== null && from <= at;
}
