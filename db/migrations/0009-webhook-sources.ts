import { sql, type Kysely } from 'kysely';

/** Webhooks that come in: who may send them, what became of each event, and what waits for a person to be known. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table webhook_source (
    id text primary key check (id ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    provider text not null,
    source_id text not null references source,
    mapping jsonb not null,
    created_at timestamptz not null,
    paused_at timestamptz
  )`,
  `create index webhook_source_by_provider on webhook_source (provider, id)`,

  `create table webhook_secret (
    id uuid primary key,
    webhook_source_id text not null references webhook_source,
    sealed bytea not null,
    created_at timestamptz not null,
    valid_until timestamptz
  )`,
  `create index webhook_secret_by_source on webhook_secret (webhook_source_id)`,

  // The key is a digest of source and event, so that finding one leads through one index, whatever PostgreSQL believes of a table
  // that grows faster than it takes stock. Without a foreign key: every event would lock the row of its source.
  `create table webhook_event (
    id uuid primary key,
    webhook_source_id text not null,
    event_id text not null,
    key uuid not null,
    act text not null,
    result text not null,
    problem_code text,
    detail text,
    happened_at timestamptz,
    received_at timestamptz not null,
    lead_id uuid,
    fact_ids uuid[] not null
  )`,
  `create unique index webhook_event_once on webhook_event (key) where result <> 'duplicate'`,
  `create index webhook_event_by_source on webhook_event (webhook_source_id, id desc)`,

  // Pseudonyms on both sides: a CRM's own name for a contact, and the number that it has.
  `create table external_reference (
    reference bigint not null,
    token bigint not null,
    learned_at timestamptz not null,
    primary key (reference, token)
  )`,
  `create index external_reference_by_token on external_reference (token)`,

  // What was said of somebody who is not known yet, by the pseudonym of a number, an address or a reference.
  `create table waiting_statement (
    id uuid primary key,
    key bigint not null,
    event_id uuid not null,
    webhook_source_id text not null,
    source_id text not null,
    act text not null,
    by_message boolean not null,
    channels text[] not null,
    purpose text not null,
    grade text,
    text_version text,
    method text,
    happened_at timestamptz not null,
    received_at timestamptz not null,
    expires_at timestamptz
  )`,
  `create index waiting_statement_by_key on waiting_statement (key)`,
  `create index waiting_statement_by_event on waiting_statement (event_id)`,
];
