import { sql, type Kysely } from 'kysely';

/** A company's own lists: files of numbers that became suppressions, and what of them was handed to partners. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table suppression_import (
    id uuid primary key,
    kind text not null,
    channel text not null,
    source text not null,
    via text,
    format text not null,
    state text not null,
    sha256 text not null,
    size_bytes bigint not null,
    received_at timestamptz not null,
    received_by text not null,
    touched_at timestamptz not null,
    finished_at timestamptz,
    rows_total bigint,
    rows_read bigint not null default 0,
    rows_taken bigint not null default 0,
    rows_skipped bigint not null default 0,
    rows_refused bigint not null default 0,
    numbers_suppressed bigint not null default 0,
    numbers_known bigint not null default 0,
    leads_told bigint not null default 0,
    rows_per_second integer not null default 0,
    problem jsonb,
    constraint rows_add_up check (rows_read = rows_taken + rows_skipped + rows_refused)
  )`,
  `create table suppression_import_refusal (
    import_id uuid not null references suppression_import,
    row bigint not null,
    code text not null,
    "column" text not null,
    detail text not null,
    primary key (import_id, row)
  )`,
  // No foreign key: a million rows would look the one import up a million times.
  `alter table suppression add import_id uuid`,

  `create table suppression_export (
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
