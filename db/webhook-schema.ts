import type { ColumnType, Generated } from 'kysely';
import type { Channel, Grade, Purpose } from '../domain/consent.ts';
import type { WebhookAct, WebhookMapping, WebhookProvider, WebhookResult } from '../domain/webhook.ts';

export interface WebhookSourceTable {
  id: string;
  provider: WebhookProvider;
  /** The registered source on whose behalf it speaks. */
  source_id: string;
  mapping: ColumnType<WebhookMapping, string, string>;
  created_at: Date;
  paused_at: Generated<Date | null>;
}

export interface WebhookSecretTable {
  id: string;
  webhook_source_id: string;
  sealed: Buffer;
  created_at: Date;
  /** Null for the one in use; until when an earlier one is taken as well. */
  valid_until: Generated<Date | null>;
}

export interface WebhookEventTable {
  id: string;
  webhook_source_id: string;
  /** As its sender names it. */
  event_id: string;
  /** Digest of its source and of what makes it the same event when it is sent again. */
  key: string;
  act: WebhookAct | 'unknown';
  result: WebhookResult;
  problem_code: string | null;
  /** Why, in words that hold nothing that was sent. */
  detail: string | null;
  happened_at: Date | null;
  received_at: Date;
  lead_id: string | null;
  fact_ids: string[];
}

export interface ExternalReferenceTable {
  /** Pseudonym of a registered source and its own name for a contact. */
  reference: bigint;
  token: bigint;
  learned_at: Date;
}

export interface WaitingStatementTable {
  id: string;
  /** Pseudonym of the number, address or reference that names the person. */
  key: bigint;
  event_id: string;
  webhook_source_id: string;
  source_id: string;
  act: WebhookAct;
  by_message: boolean;
  channels: (Channel | 'all')[];
  purpose: Purpose | 'all';
  grade: Grade | null;
  text_version: string | null;
  method: string | null;
  happened_at: Date;
  received_at: Date;
  expires_at: Date | null;
  /** When it was made sure that nobody had become known in the same moment. */
  looked_at: Generated<Date | null>;
}
