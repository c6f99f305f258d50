import type { Generated } from 'kysely';

export interface ReassignedAnswerTable {
  id: string;
  lead_id: string;
  answer: 'yes' | 'no' | 'no_data';
  asked_at: Date;
  /** The day that was asked about, at its midnight of UTC where the product asked. */
  known_good_at: Date | null;
  received_at: Date;
  /** The question of ours that it answers; null where somebody reported it. */
  check_id: Generated<string | null>;
}

/** A question to a database of reassigned numbers; of a lead at most one is under way. */
export interface ReassignedCheckTable {
  id: string;
  lead_id: string;
  requested_at: Date;
  /** A key, `clearance` or `ahead`. */
  requested_by: string;
  /** Why there is no answer, in a word of ours: that of the last attempt. */
  problem: Generated<string | null>;
  attempts: Generated<number>;
  tried_at: Generated<Date | null>;
  /** When it was answered or given up; null while it is under way. */
  ended_at: Generated<Date | null>;
}
