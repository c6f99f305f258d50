import type { ConfirmationRequest } from './confirmation.ts';

export const STAGES = ['acquired', 'confirming', 'active', 'suppressed', 'archived', 'disposed'] as const;
export type Stage = (typeof STAGES)[number];

export const DNC_STATES = ['unchecked', 'clear', 'listed'] as const;
export type DncState = (typeof DNC_STATES)[number];

export const SUPPRESSION_KINDS = ['opt_out', 'complaint', 'wrong_number', 'litigant'] as const;
export type SuppressionKind = (typeof SUPPRESSION_KINDS)[number];

export interface Suppression {
  id: string;
  kind: SuppressionKind;
  channel: 'call' | 'sms' | 'email' | 'all';
  /** When the person said it; it counts from then on. */
  reportedAt: Date;
  receivedAt: Date;
  liftedAt: Date | null;
}

export interface AcquisitionFacts {
  id: string;
  source: string;
  acquiredAt: Date;
  receivedAt: Date;
}

/** What a review looks at beside what the gate looks at; not a word of personal data. */
export interface LeadFacts {
  id: string;
  stage: Stage;
  /** When the stage on record was entered. */
  stageSince: Date;
  acquisitions: { count: number; first: AcquisitionFacts; last: AcquisitionFacts };
  /** Whether an e-mail address is on the books. */
  hasEmail: boolean;
  /** The last contact, or when we learned of it: the later. */
  lastContactAt: Date | null;
  /** The last contact that was allowed. */
  lastClearedAt: Date | null;
  /** The last clearance, whatever was answered. */
  lastAskedAt: Date | null;
  /** The last request of the person, or when we learned of it; erasure aside, whose evidence is its certificate. */
  lastRequestAt: Date | null;
  /** On record: since or from when it waits to be called. */
  contactableFrom: Date | null;
  /** Since when its personal data is out of the hot tables; null while it is there. */
  archivedAt: Date | null;
  /** What was on record when it was last archived; null where it never was, or has come back for good. */
  archivedWith: { acquisitions: number; grants: number } | null;
  /** Until when it is back from the archive, for a retrieval that was approved. */
  retrievedUntil: Date | null;
  /** Since when only duties of law keep it, because the person asked to be forgotten. */
  erasureAskedAt: Date | null;
  /** Since when every source or campaign that it came from is closed; null while one is not. */
  closedSince: Date | null;
  /** Whether an order not to dispose of it stands. */
  isHeld: boolean;
  /** Since when it is being disposed of, whatever its retention says: a request or an order. */
  disposalOpenedAt: Date | null;
  disposedAt: Date | null;
  /** What the person was asked about consents, oldest first. */
  requests: readonly ConfirmationRequest[];
}

/** What a lead's workflow is to have done now. */
export type LeadAction = 'archive' | 'bring_back' | 'dispose';

/**
 * What can have happened to a lead, as its workflow is told: the name of the signal. A signal carries the id of the fact and
 * nothing else; the review reads from the facts what it means.
 */
export type LeadSignal = 'acquired' | 'consentChanged' | 'outcomeRecorded' | 'lifecycleChanged' | 'listChanged' | 'reviewOverdue';
