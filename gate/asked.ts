import type { Channel } from '../domain/consent.ts';
import type { Decision, DecisionWord, Question } from '../domain/clearance.ts';

/** A question about a person: by number (E.164), or by lead. */
export interface Asked {
  person: { phone: string } | { leadId: string };
  question: Question;
  agent: string | null;
  /** Whoever asks, by the id of the key. */
  askedBy: string;
}

/** The answer, as it is given and kept; moments are RFC 3339 texts in JSON. */
export interface Clearance {
  clearanceId: string;
  decision: DecisionWord;
  leadId: string | null;
  at: Date;
  /** Until when an allowed contact may begin. */
  validUntil: Date | null;
  notBefore: Date | null;
  policyVersion: string;
  reasons: Decision['reasons'];
  checked: Decision['checked'];
}

/** An answer that is on record, with its JSON text: most of it was written for the record already. */
export interface Recorded extends Clearance {
  toText(): string;
}

/** An answer of which nothing is kept. */
export type Preview = Omit<Clearance, 'clearanceId'> & { clearanceId: null };

/** A question with what a preview may leave out. */
export interface PreviewAsked extends Omit<Asked, 'question' | 'agent' | 'askedBy'> {
  question: Partial<Question> & { channel: Channel; purpose: Question['purpose'] };
  at: Date | null;
}
