import type { Channel, Purpose } from './consent.ts';
import type { SuppressionKind } from './lead.ts';

export const OUTCOMES = [
  'answered', 'no_answer', 'busy', 'voicemail', 'failed', 'abandoned', 'refused', 'opted_out', 'complaint', 'wrong_number', 'converted',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** One attempt to reach a person, ours or one reported from elsewhere. */
export interface Contact {
  id: string;
  channel: Channel;
  purpose: Purpose;
  /** Null where whoever reported it did not say: it then counts for every seller and campaign. */
  seller: string | null;
  campaign: string | null;
  outcome: Outcome;
  startedAt: Date;
  endedAt: Date;
}

/** Outcomes that end contact for good, and the suppression that each becomes. */
export const SUPPRESSING: Partial<Record<Outcome, SuppressionKind>> = {
  opted_out: 'opt_out',
  complaint: 'complaint',
  wrong_number: 'wrong_number',
};
