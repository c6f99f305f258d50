import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { SentEventType, SubscriberEventType } from '../domain/subscriber-event.ts';

/** `disabled`: its server has said that it is gone. `ended`: somebody here has. */
export type EndpointState = 'active' | 'paused' | 'disabled' | 'ended';

/** A receiver of events, and how its server has been doing. */
export interface WebhookEndpointTable {
  id: string;
  url: string;
  host: string;
  /** Null: all there are, and those that will be. */
  events: SubscriberEventType[] | null;
  description: string | null;
  state: Generated<EndpointState>;
  version: Generated<number>;
  secret: Buffer;
  old_secret: Generated<Buffer | null>;
  /** Until when messages are signed with the old secret as well. */
  old_secret_until: Generated<Date | null>;
  created_at: Date;
  created_by: string;
  ended_at: Generated<Date | null>;
  /** Failed requests since the last success that speak of the endpoint rather than of one message. */
  failures: Generated<number>;
  /** Single requests that failed since it has been taken for failing. */
  probes: Generated<number>;
  failing_since: Generated<Date | null>;
  /** Until when it is left alone. */
  wait_until: Generated<Date | null>;
  /** When it was last let in again: after a failure, a pause, or by hand. */
  opened_at: Generated<Date | null>;
  last_attempt_at: Generated<Date | null>;
  last_status: Generated<number | null>;
  last_failure: Generated<string | null>;
  /** Of all times, as far as passes came to their end. */
  delivered: Generated<bigint>;
  failed: Generated<bigint>;
  given_up: Generated<bigint>;
  lease: Generated<string | null>;
}

export type DeliveryState = 'pending' | 'delivered' | 'given_up';

/** One event for one endpoint. Events of a lead go out in the order of `seq`. */
export interface WebhookDeliveryTable {
  endpoint_id: string;
  event_id: string;
  seq: GeneratedAlways<bigint>;
  type: SentEventType;
  lead_id: string | null;
  fact_id: string;
  at: Date;
  words: ColumnType<Record<string, string>, string, string>;
  state: Generated<DeliveryState>;
  /** When it was put here, or asked for again. */
  queued_at: Date;
  due_at: Date;
  /** Attempts since then; `attempts` are those of all times. */
  tried: Generated<number>;
  attempts: Generated<number>;
  last_attempt_at: Generated<Date | null>;
  last_status: Generated<number | null>;
  last_failure: Generated<string | null>;
  settled_at: Generated<Date | null>;
}
