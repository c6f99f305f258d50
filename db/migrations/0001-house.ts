import { sql, type Kysely } from 'kysely';

/** Sources, leads and the facts about them; personal data only sealed; the outbox towards the workflows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table source (
    id text primary key check (id ~ '^[a-z0-9][a-z0-9._-]{0,63}$'),
    name text not null,
    kind text not null,
    legal_basis text not null,
    confirmation text not null,
    default_region text,
    consent_texts jsonb not null,
    created_at timestamptz not null
  )`,

  `create table lead (
    id uuid primary key,
    token bigint not null,
    collision smallint not null default 0,
    jurisdictions text[] not null,
    stage text not null default 'acquired',
    stage_since timestamptz not null,
    consent_state text not null default 'none',
    dnc_state text not null default 'unchecked',
    source_id text not null references source,
    created_at timestamptz not null,
    next_review_at timestamptz,
    reviewed_at timestamptz,
    archive_due_at timestamptz,
    retain_until timestamptz,
    archived_at timestamptz,
    disposed_at timestamptz,
    unique (token, collision)
  )`,
  `create index lead_by_stage on lead (stage, id desc)`,
  `create index lead_by_review on lead (next_review_at) where next_review_at is not null`,

  `create table acquisition (
    id uuid primary key,
    lead_id uuid not null references lead,
    source_id text not null references source,
    acquired_at timestamptz not null,
    received_at timestamptz not null,
    method text not null,
    campaign text,
    import_id uuid
  )`,
  `create index acquisition_by_lead on acquisition (lead_id, received_at)`,
  `create index acquisition_by_source on acquisition (source_id, lead_id desc)`,
  `create index acquisition_by_campaign on acquisition (campaign, lead_id desc) where campaign is not null`,

  `create table consent_event (
    id uuid primary key,
    lead_id uuid not null references lead,
    acquisition_id uuid,
    kind text not null,
    channel text not null,
    purpose text not null,
    grade text not null,
    effect text not null,
    happened_at timestamptz not null,
    received_at timestamptz not null,
    expires_at timestamptz,
    confirmation text not null,
    text_version text
  )`,
  `create index consent_event_by_lead on consent_event (lead_id, happened_at)`,

  `create table suppression (
    id uuid primary key,
    token bigint not null,
    kind text not null,
    channel text not null,
    reported_at timestamptz not null,
    received_at timestamptz not null,
    lifted_at timestamptz
  )`,
  `create index suppression_in_force on suppression (token) where lifted_at is null`,

  `create table stage_change (
    id uuid primary key,
    lead_id uuid not null references lead,
    from_stage text not null,
    to_stage text not null,
    at timestamptz not null
  )`,
  `create index stage_change_by_lead on stage_change (lead_id, at)`,

  `create table personal_data (
    lead_id uuid not null,
    fact_id uuid not null,
    tier smallint not null check (tier in (1, 2)),
    sealed bytea not null,
    email_token bigint,
    primary key (lead_id, fact_id, tier)
  )`,
  `create index personal_data_by_email on personal_data (email_token) where email_token is not null`,

  `create schema keyring`,
  `create table keyring.subject_key (
    lead_id uuid primary key,
    kek smallint not null,
    wrapped bytea not null
  )`,
  `create table keyring.key_check (
    name text primary key,
    fingerprint bytea not null
  )`,

  `create table access_log (
    id uuid primary key,
    lead_id uuid not null,
    actor text not null,
    fields text[] not null,
    at timestamptz not null
  )`,
  `create index access_log_by_lead on access_log (lead_id, at)`,

  `create table outbox (
    id bigint generated always as identity primary key,
    subject uuid not null,
    workflow text not null,
    signal text not null,
    fact_id uuid not null,
    lane smallint not null,
    due_at timestamptz not null,
    attempts smallint not null default 0
  )`,
  `create index outbox_by_subject on outbox (subject, id)`,
  `create index outbox_urgent on outbox (id) where lane = 0`,
];
