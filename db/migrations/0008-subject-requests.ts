import { sql, type Kysely } from 'kysely';

/** What people ask of what is held about them, and words for operators on messages to workflows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table subject_request (
    id uuid primary key,
    lead_id uuid references lead,
    token bigint not null,
    kind text not null,
    via text not null,
    requested_at timestamptz not null,
    received_at timestamptz not null
  )`,
  `create index subject_request_by_lead on subject_request (lead_id) where lead_id is not null`,

  // What an operator reads beside the signal: who said what, through whom. Never anything personal.
  `alter table outbox add column said text`,
];
