import type { ColumnType, Generated } from 'kysely';
import type { DecisionWord, DialerMode, LineType } from '../domain/clearance.ts';
import type { Channel, Purpose } from '../domain/consent.ts';
import type { Outcome } from '../domain/contact.ts';
import type { RelationshipKind } from '../domain/relationship.ts';
import type { Settings } from '../domain/settings.ts';

type JsonColumn<T> = ColumnType<T, string, string>;

export interface UnclearOptOutTable {
  id: string;
  lead_id: string;
  channel: Channel | 'all';
  stated_at: Date;
  received_at: Date;
  via: string | null;
  resolved_at: Generated<Date | null>;
  resolved_as: Generated<'opt_out' | 'no_opt_out' | null>;
  /** The key that did. */
  resolved_by: Generated<string | null>;
}

export interface RelationshipTable {
  id: string;
  lead_id: string;
  kind: RelationshipKind;
  at: Date;
  ends_at: Date | null;
  received_at: Date;
}

export interface ContactTable {
  id: string;
  lead_id: string;
  clearance_id: string | null;
  channel: Channel;
  purpose: Purpose;
  campaign: string | null;
  seller: string | null;
  outcome: Outcome;
  started_at: Date;
  ended_at: Date;
  duration_seconds: Generated<number | null>;
  received_at: Date;
  caller_id: string | null;
  agent: string | null;
  /** The caller's own name for a contact made elsewhere. */
  reference: string | null;
}

export interface PortingTable {
  id: string;
  lead_id: string;
  at: Date;
  line_type: LineType;
  received_at: Date;
}

export interface SettingsTable {
  version: number;
  document: JsonColumn<Settings>;
  created_at: Date;
  created_by: string;
}

/** The values of law behind a policy version, kept from its first use on. */
export interface LawTable {
  version: string;
  document: JsonColumn<unknown>;
  first_used_at: Date;
}

/** Answers on record, partitioned by time: their ids are UUIDv7. */
export interface ClearanceTable {
  id: string;
  lead_id: string | null;
  at: Date;
  decision: DecisionWord;
  channel: Channel;
  purpose: Purpose;
  campaign: string | null;
  seller: string;
  agent: string | null;
  dialer_mode: DialerMode;
  caller_id: string | null;
  valid_until: Date | null;
  not_before: Date | null;
  policy_version: string;
  settings_version: number;
  reason_codes: string[];
  reason_jurisdictions: string[];
  /** Reasons and what was checked, as answered: JSON. */
  answer: string;
  /** Everything the decision looked at beside the question: enough to compute it again, as JSON. */
  facts: string;
  /** Commits to the number asked about without telling it. */
  person: Buffer;
  asked_by: string;
}

/** Persons for whom a clearance is open; at most one each. */
export interface ReservationTable {
  lead_id: string;
  clearance_id: string;
  until: Date;
}
