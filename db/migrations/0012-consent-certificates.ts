import { sql, type Kysely } from 'kysely';

/** Evidence of consents that others keep, and consents that move from and to other systems. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table certificate_check (
    id uuid primary key,
    consent_id uuid not null references consent_event,
    lead_id uuid not null references lead,
    provider text not null,
    requested_at timestamptz not null,
    requested_by text not null,
    result text not null default 'unverified',
    reason text,
    problem text,
    attempts integer not null default 0,
    tried_at timestamptz,
    answered_at timestamptz,
    answer_digest text,
    ended_at timestamptz,
    constraint answered_when_known check ((result = 'unverified') = (answered_at is null))
  )`,
  `create index certificate_check_by_consent on certificate_check (consent_id, id)`,
  `create index certificate_check_failed on certificate_check (id) where result = 'failed'`,

  // The circuit breaker: kept here, so that a restart does not forget it and all workers share it.
  `create table certificate_provider (
    provider text primary key,
    failures integer not null,
    open_until timestamptz
  )`,

  `alter table consent_event add column origin text, add column own_act boolean not null default false`,

  `create table consent_import (
    id uuid primary key,
    format text not null,
    parameters jsonb not null,
    state text not null,
    sha256 text not null,
    size_bytes bigint not null,
    duplicate_of uuid references consent_import,
    received_at timestamptz not null,
    received_by text not null,
    started_at timestamptz,
    finished_at timestamptz,
    rows_total bigint,
    rows_read bigint not null default 0,
    rows_recorded bigint not null default 0,
    rows_known bigint not null default 0,
    rows_suppressed bigint not null default 0,
    rows_refused bigint not null default 0,
    rows_waiting bigint not null default 0,
    records_done bigint not null default 0,
    rows_per_second integer not null default 0,
    problem jsonb,
    constraint rows_add_up check (rows_read = rows_recorded + rows_known + rows_suppressed + rows_refused)
  )`,
  `create unique index consent_import_file on consent_import (sha256, format, md5(parameters::text))
    where duplicate_of is null and state <> 'failed'`,
  `create table consent_import_refusal (
    import_id uuid not null references consent_import,
    row bigint not null,
    code text not null,
    "column" text not null,
    detail text not null,
    primary key (import_id, row)
  )`,

  `create table consent_export (
    id uuid primary key,
    partner text not null,
    requested_by text not null,
    requested_at timestamptz not null,
    approved_by text,
    approved_at timestamptz,
    handed_out_by text,
    handed_out_at timestamptz,
    constraint two_persons check (approved_by <> requested_by)
  )`,
];
