import { sql, type Kysely } from 'kysely';

/**
 * Lists as blocks of bits, with the flips of every release, so that any past state can be asked for. The rows of hits refer to
 * nobody by foreign key: an activation writes hundreds of thousands of them, and must keep neither leads nor lists waiting.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table dnc_list
    add column latest integer not null default 0,
    add column activating uuid`,

  `create table dnc_release (
    id uuid primary key,
    list_id text not null references dnc_list,
    number integer,
    kind text not null,
    format text not null,
    op text,
    area_codes jsonb,
    as_of timestamptz not null,
    dry_run boolean not null default false,
    state text not null,
    received_at timestamptz not null,
    received_by text not null,
    size_bytes bigint not null,
    sha256 text not null,
    started_at timestamptz,
    prepared_at timestamptz,
    in_force_from timestamptz,
    ended_at timestamptz,
    base_id uuid,
    staged integer,
    lines bigint,
    numbers bigint,
    foreign_numbers bigint,
    added bigint,
    removed bigint,
    refused bigint,
    refusals jsonb,
    root text,
    leaves integer,
    signature text,
    signed_by text,
    leads_checked bigint,
    leads_hit bigint,
    leads_freed bigint,
    approved_by text,
    approved_at timestamptz,
    abandoned_by text,
    decided_because text,
    problem jsonb,
    phase text,
    phase_done bigint,
    phase_total bigint,
    per_second integer,
    timings jsonb,
    unique (list_id, number)
  )`,
  `create index dnc_release_by_list on dnc_release (list_id, id desc)`,
  `create index dnc_release_pending on dnc_release (list_id, as_of, id) where state in ('receiving', 'parsing', 'awaiting_approval')`,
  `create index dnc_release_by_digest on dnc_release (sha256)`,

  // A row stays whole in its page, uncompressed: bits do not get smaller.
  `create table dnc_block (
    list_id text not null,
    prefix bigint not null,
    begun integer not null,
    numbers integer not null,
    digest bytea not null,
    block bytea not null,
    primary key (list_id, prefix)
  )`,
  `alter table dnc_block alter column block set storage plain, alter column digest set storage plain`,

  `create unlogged table dnc_staged_block (
    release_id uuid not null,
    prefix bigint not null,
    numbers integer not null,
    digest bytea,
    block bytea,
    flipped bytea,
    primary key (release_id, prefix)
  )`,
  `alter table dnc_staged_block
    alter column block set storage plain, alter column digest set storage plain, alter column flipped set storage plain`,

  `create table dnc_flip (
    list_id text not null,
    prefix bigint not null,
    number integer not null,
    flipped bytea not null,
    primary key (list_id, prefix, number)
  )`,
  `alter table dnc_flip alter column flipped set storage plain`,

  `drop table dnc_hit`,
  `create table dnc_hit (
    lead_id uuid not null,
    list_id text not null,
    since timestamptz not null,
    release_id uuid not null,
    freed_as_of timestamptz,
    freed_by uuid,
    primary key (lead_id, list_id, release_id)
  )`,
  `create unique index dnc_hit_current on dnc_hit (lead_id, list_id) where freed_by is null`,

  `create table dnc_latecomer (
    release_id uuid not null,
    lead_id uuid not null,
    listed boolean not null,
    primary key (release_id, lead_id)
  )`,
];
