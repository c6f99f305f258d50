import { sql, type Kysely } from 'kysely';

/** What a clearance looks at and leaves behind: places of a number, contacts, relationships, lists, settings, the record. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table lead
    add column zones text[] not null default '{}',
    add column line_type text,
    add column is_company boolean not null default false,
    add column blockers text[] not null default '{}',
    add column contactable_from timestamptz,
    add column contact_area text`,
  `create index lead_by_contactability on lead (contact_area, contactable_from, id) where contactable_from is not null`,

  `alter table source
    add column suspended_at timestamptz,
    add column suspended_because text`,

  `alter table consent_event
    add column method text,
    add column text_source_id text,
    add column via text`,
  `create index consent_event_waiting on consent_event (id) where effect = 'waiting'`,

  `drop index suppression_in_force`,
  `create index suppression_by_token on suppression (token)`,
  `alter table suppression
    add column via text,
    add column contact_id uuid,
    add column lifted_because uuid,
    add column lifted_by text,
    add column lifted_reason text`,

  `create table unclear_opt_out (
    id uuid primary key,
    lead_id uuid not null references lead,
    channel text not null,
    stated_at timestamptz not null,
    received_at timestamptz not null,
    via text,
    resolved_at timestamptz,
    resolved_as text,
    resolved_by text
  )`,
  `create index unclear_opt_out_by_lead on unclear_opt_out (lead_id)`,
  `create index unclear_opt_out_open on unclear_opt_out (id) where resolved_at is null`,

  `create table relationship (
    id uuid primary key,
    lead_id uuid not null references lead,
    kind text not null,
    at timestamptz not null,
    ends_at timestamptz,
    received_at timestamptz not null
  )`,
  `create index relationship_by_lead on relationship (lead_id, at)`,

  `create table contact (
    id uuid primary key,
    lead_id uuid not null references lead,
    clearance_id uuid,
    channel text not null,
    purpose text not null,
    campaign text,
    seller text,
    outcome text not null,
    started_at timestamptz not null,
    ended_at timestamptz not null,
    duration_seconds integer,
    received_at timestamptz not null,
    caller_id text,
    agent text,
    reference text
  )`,
  `create index contact_by_lead on contact (lead_id, started_at desc)`,
  `create unique index contact_by_clearance on contact (clearance_id) where clearance_id is not null`,
  `create unique index contact_by_reference on contact (lead_id, reference) where reference is not null`,
  `create index contact_live on contact (campaign, started_at) where outcome in ('answered', 'abandoned', 'refused', 'opted_out', 'complaint', 'wrong_number', 'converted')`,

  `create table reassigned_answer (
    id uuid primary key,
    lead_id uuid not null references lead,
    answer text not null,
    asked_at timestamptz not null,
    known_good_at timestamptz,
    received_at timestamptz not null
  )`,
  `create index reassigned_answer_by_lead on reassigned_answer (lead_id, asked_at desc)`,

  `create table dnc_list (
    id text primary key,
    jurisdiction text not null,
    name text not null,
    effect text not null,
    created_at timestamptz not null,
    release_id uuid,
    release_as_of timestamptz
  )`,
  `create table dnc_hit (
    lead_id uuid not null references lead,
    list_id text not null references dnc_list,
    since timestamptz not null,
    primary key (lead_id, list_id)
  )`,

  `create table settings (
    version integer primary key,
    document jsonb not null,
    created_at timestamptz not null,
    created_by text not null
  )`,

  `create table law (
    version text primary key,
    document jsonb not null,
    first_used_at timestamptz not null
  )`,

  `create table clearance (
    id uuid not null primary key,
    lead_id uuid,
    at timestamptz not null,
    decision text not null,
    channel text not null,
    purpose text not null,
    campaign text,
    seller text not null,
    agent text,
    dialer_mode text not null,
    caller_id text,
    valid_until timestamptz,
    not_before timestamptz,
    policy_version text not null,
    settings_version integer not null,
    reason_codes text[] not null,
    reason_jurisdictions text[] not null,
    answer json not null,
    facts json not null,
    person bytea not null,
    asked_by text not null
  ) partition by range (id)`,
  `create index clearance_by_lead on clearance (lead_id, id desc) where lead_id is not null`,
  `create table clearance_other partition of clearance default`,

  `create table reservation (
    lead_id uuid primary key,
    clearance_id uuid not null,
    until timestamptz not null
  ) with (fillfactor = 70)`,
];
