import { sql, type Kysely } from 'kysely';

/** Receivers of events, and what was or has to be delivered to each of them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table webhook_endpoint (
    id uuid primary key,
    url text not null,
    host text not null,
    events text[],
    description text,
    state text not null default 'active',
    version int not null default 1,
    secret bytea not null,
    old_secret bytea,
    old_secret_until timestamptz,
    created_at timestamptz not null,
    created_by text not null,
    ended_at timestamptz,
    -- How its server has been doing.
    failures int not null default 0,
    probes int not null default 0,
    failing_since timestamptz,
    wait_until timestamptz,
    opened_at timestamptz,
    last_attempt_at timestamptz,
    last_status smallint,
    last_failure text,
    delivered bigint not null default 0,
    failed bigint not null default 0,
    given_up bigint not null default 0,
    -- The pass that may deliver to it.
    lease uuid
  )`,
  // Whoever writes a fact asks this first.
  `create index webhook_endpoint_live on webhook_endpoint (id) where state in ('active', 'paused')`,

  `create table webhook_delivery (
    endpoint_id uuid not null references webhook_endpoint,
    event_id uuid not null,
    seq bigint generated always as identity,
    type text not null,
    lead_id uuid,
    fact_id uuid not null,
    at timestamptz not null,
    words jsonb not null,
    state text not null default 'pending',
    queued_at timestamptz not null,
    due_at timestamptz not null,
    tried smallint not null default 0,
    attempts int not null default 0,
    last_attempt_at timestamptz,
    last_status smallint,
    last_failure text,
    settled_at timestamptz,
    primary key (endpoint_id, event_id)
  )`,
  // What is due next at an endpoint, what comes first of a lead, and what has been delivered for long enough.
  `create index webhook_delivery_due on webhook_delivery (endpoint_id, due_at, seq) where state = 'pending'`,
  `create index webhook_delivery_of_lead on webhook_delivery (endpoint_id, lead_id, seq) where state = 'pending'`,
  `create index webhook_delivery_settled on webhook_delivery (settled_at) where settled_at is not null`,
  // The log, by what it calls the states that are rare among all rows.
  `create index webhook_delivery_untried on webhook_delivery (endpoint_id, event_id) where state = 'pending' and tried = 0`,
  `create index webhook_delivery_failed on webhook_delivery (endpoint_id, event_id) where state = 'pending' and tried > 0`,
  `create index webhook_delivery_given_up on webhook_delivery (endpoint_id, event_id) where state = 'given_up'`,

  `create index outbox_endpoints on outbox (id) where lane = 2`,
];
