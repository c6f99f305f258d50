import { sql, type Kysely } from 'kysely';

/** What is ended by hand: what somebody asked for and took back before a second person had agreed, sources and campaigns. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // Apart from the disposals: whatever looks for one of a lead must never find an order that was taken back.
  `create table withdrawn_order (
    id uuid primary key,
    lead_id uuid not null references lead,
    reason text,
    opened_by text not null,
    opened_at timestamptz not null,
    withdrawn_by text not null,
    withdrawn_at timestamptz not null
  )`,
  `create index withdrawn_order_by_lead on withdrawn_order (lead_id, id)`,
  `alter table retrieval add column withdrawn_by text, add column withdrawn_at timestamptz`,

  // Origins that nothing more is to come from: whoever came from such alone is archived.
  `create table closure (
    id uuid primary key,
    source_id text unique references source,
    campaign text unique,
    reason text not null,
    closed_by text not null,
    closed_at timestamptz not null,
    told_to uuid,
    told_at timestamptz,
    check (num_nonnulls(source_id, campaign) = 1)
  )`,
  `create index closure_untold on closure (id) where told_at is null`,

  // Links of persons who were forgotten, until they would have ended: no more than that is left of them.
  `create table forgotten_link (
    digest bytea primary key,
    ends_at timestamptz not null
  )`,
  `create index forgotten_link_ended on forgotten_link (ends_at)`,

  // How the backups stood when they were last looked through: one row.
  `create table backup_watch (
    id smallint primary key check (id = 1),
    checked_at timestamptz not null,
    overdue integer not null,
    oldest_at timestamptz,
    newest_at timestamptz
  )`,
];
