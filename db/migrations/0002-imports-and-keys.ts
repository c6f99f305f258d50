import { sql, type Kysely } from 'kysely';

/** Imports with their accounting, remembered answers of repeated requests, and the keys of the API's callers. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table import (
    id uuid primary key,
    source_id text not null references source,
    format text not null,
    parameters jsonb not null,
    state text not null,
    sha256 text not null,
    size_bytes bigint not null,
    duplicate_of uuid references import,
    received_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    rows_total bigint,
    rows_read bigint not null default 0,
    rows_created bigint not null default 0,
    rows_merged bigint not null default 0,
    rows_refused bigint not null default 0,
    rows_suppressed bigint not null default 0,
    records_done bigint not null default 0,
    rows_per_second integer not null default 0,
    problem jsonb,
    constraint rows_add_up check (rows_read = rows_created + rows_merged + rows_refused)
  )`,
  `create unique index import_of_file on import (source_id, sha256, md5(parameters::text), format)
     where duplicate_of is null and state <> 'failed'`,
  `create index import_in_progress on import (state) where state in ('receiving', 'running')`,

  `create table import_refusal (
    import_id uuid not null references import,
    row bigint not null,
    code text not null,
    "column" text not null,
    detail text not null,
    primary key (import_id, row)
  )`,

  `create table api_key (
    id text primary key,
    name text not null,
    role text not null,
    digest bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz
  )`,

  `create table idempotency (
    api_key_id text not null references api_key,
    key text not null,
    request_digest bytea not null,
    status smallint not null,
    body jsonb not null,
    created_at timestamptz not null,
    primary key (api_key_id, key)
  )`,
  `create index idempotency_by_age on idempotency (created_at)`,
];
