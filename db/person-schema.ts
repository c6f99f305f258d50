import type { Generated } from 'kysely';
import type { SubjectRequestKind } from '../domain/subject-request.ts';

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
export interface PersonLinkTable {
  id: string;
  lead_id: string;
  kind: 'confirmation' | 'preferences';
  request_id: string | null;
  /** SHA-256 of the token, which is kept nowhere. */
  digest: Buffer;
  created_at: Date;
  expires_at: Date;
}
