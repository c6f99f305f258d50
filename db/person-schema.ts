import type { ColumnType, Generated } from 'kysely';
import type { KeptData, StepKind, SubjectRequestKind, SubjectRequestState } from '../domain/subject-request.ts';

export interface SubjectRequestTable {
  id: string;
  /** Null where the number is no lead: there may be nothing to tell, but it has to be told. */
  lead_id: string | null;
  /** Null once the person is forgotten. */
  token: bigint | null;
  kind: SubjectRequestKind;
  via: string;
  requested_at: Date;
  received_at: Date;
  /** Where the person may be, by which deadlines are reckoned. */
  jurisdictions: Generated<string[]>;
  state: Generated<SubjectRequestState>;
  /** Since when the person knows that it is taken care of. */
  acknowledged_at: Generated<Date | null>;
  /** Since when it is known that it comes from the person. */
  identified_at: Generated<Date | null>;
  /** By what: `code`, `own_page`, or the key that vouched. */
  identified_by: Generated<string | null>;
  ended_at: Generated<Date | null>;
  /** The earliest deadline that is not met, as of the last look. */
  due_at: Generated<Date | null>;
  /** When its workflow looks again by itself. */
  look_at: Generated<Date | null>;
  /** What the person was told is kept in spite of an erasure. */
  kept: ColumnType<KeptData[] | null, string | null | undefined, string | null>;
}

/** One thing that was done about a request. */
export interface SubjectRequestStepTable {
  id: string;
  request_id: string;
  kind: StepKind;
  at: Date;
  /** `person`, `leadwarden`, or a key. */
  by: string;
  /** A word of a closed list, or the way something came or went. */
  word: string | null;
  fact_id: string | null;
}

/** A code that shows who somebody is: to be sent, sent, tried, used. */
export interface SubjectRequestCodeTable {
  id: string;
  request_id: string;
  lead_id: string;
  asked_at: Date;
  asked_by: string;
  adapter: Generated<string | null>;
  sent_at: Generated<Date | null>;
  failure: Generated<string | null>;
  handed_at: Generated<Date | null>;
  expires_at: Generated<Date | null>;
  tries: Generated<number>;
  used_at: Generated<Date | null>;
}

/** That something about a person was put right; the values are sealed, by its id. */
export interface CorrectionTable {
  id: string;
  lead_id: string;
  request_id: string | null;
  fields: string[];
  by: string;
  at: Date;
}

/** A message that asks a person about consents: due, on its way, sent, given up, used. */
export interface ConfirmationRequestTable {
  id: string;
  lead_id: string;
  kind: 'confirmation' | 'renewal';
  /** The grants that it is about. */
  consent_ids: string[];
  requested_at: Date;
  tried_at: Date | null;
  adapter: string | null;
  sent_at: Date | null;
  message_id: string | null;
  failed_at: Date | null;
  /** Why it was given up: a word. */
  failure: string | null;
  /** When the person agreed. */
  used_at: Date | null;
}

/** A link to a page of one person's own. */
/** A link of a person who was forgotten: it says that much, and leads nowhere. */
export interface ForgottenLinkTable {
  /** As that of the link. */
  digest: Buffer;
  ends_at: Date;
}

export interface PersonLinkTable {
  id: string;
  lead_id: string;
  kind: 'confirmation' | 'preferences' | 'request';
  request_id: string | null;
  /** SHA-256 of the token, which is kept nowhere. */
  digest: Buffer;
  created_at: Date;
  expires_at: Date;
  subject_request_id: Generated<string | null>;
  /** Since when whoever has it is known to be the person. */
  verified_at: Generated<Date | null>;
}
