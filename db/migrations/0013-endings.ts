import { sql, type Kysely } from 'kysely';

/** How a lead ends: archive and back, legal holds, disposal, and what is left of it afterwards. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // A lead that was disposed of gives its token up: the number belongs to nobody any more.
  `alter table lead alter column token drop not null`,
  // Brought back from the archive for a stated time.
  `alter table lead add column retrieved_until timestamptz`,
  // The person asked to be forgotten, and was recognised: from then on only duties of law keep the lead.
  `alter table lead add column erasure_asked_at timestamptz, add column erasure_request_id uuid`,
  // As of the last review: an order not to dispose stands.
  `alter table lead add column held boolean not null default false`,
  `create index lead_due on lead (retain_until, id) where disposed_at is null`,
  `create index lead_archive_due on lead (archive_due_at, id) where archived_at is null and disposed_at is null`,

  // Since when the person it speaks of is no lead any more: from then on the number is not taken in again.
  `alter table suppression add column outlived_at timestamptz`,

  `create table legal_hold (
    id uuid primary key,
    kind text not null check (kind in ('lead', 'source', 'campaign', 'search')),
    lead_id uuid references lead,
    source_id text references source,
    campaign text,
    search jsonb,
    reason text not null,
    until timestamptz,
    placed_by text not null,
    placed_at timestamptz not null,
    release_reason text,
    release_asked_by text,
    release_asked_at timestamptz,
    released_by text,
    released_at timestamptz
  )`,
  `create index legal_hold_in_force on legal_hold (id) where released_at is null`,

  // Where the personal data of an archived lead lies, and how its number is recognised without opening it.
  `create table archive_bundle (
    lead_id uuid primary key references lead,
    object text not null,
    sha256 bytea not null,
    size_bytes integer not null,
    records integer not null,
    number_check bytea not null,
    stored_at timestamptz not null,
    verified_at timestamptz,
    hot_removed_at timestamptz
  )`,

  `create table retrieval (
    id uuid primary key,
    lead_id uuid not null references lead,
    reason text not null,
    days smallint not null,
    asked_by text not null,
    asked_at timestamptz not null,
    approved_by text,
    approved_at timestamptz,
    until timestamptz,
    back_at timestamptz,
    returned_at timestamptz
  )`,
  `create index retrieval_by_lead on retrieval (lead_id, id)`,

  `create table disposal (
    id uuid primary key,
    lead_id uuid not null unique references lead,
    ground text not null check (ground in ('retention', 'subject_request', 'order')),
    request_id uuid,
    reason text,
    opened_by text not null,
    opened_at timestamptz not null,
    attempts integer not null default 0,
    next_attempt_at timestamptz,
    key_destroyed_at timestamptz,
    completed_at timestamptz,
    certificate jsonb
  )`,
  `create index disposal_open on disposal (id) where completed_at is null`,
  `create table disposal_step (
    disposal_id uuid not null references disposal,
    store text not null,
    attempts integer not null default 0,
    tried_at timestamptz,
    problem text,
    confirmed_at timestamptz,
    evidence jsonb,
    primary key (disposal_id, store)
  )`,

  // An acquisition that was not taken in, because the person had opted out and was forgotten since. Nothing of the person is in
  // it.
  `create table refused_acquisition (
    id uuid primary key,
    token bigint not null,
    source_id text not null references source,
    acquired_at timestamptz not null,
    received_at timestamptz not null
  )`,
  `create index refused_acquisition_by_source on refused_acquisition (source_id, id)`,
];
