import { sql, type Kysely } from 'kysely';

/** Databases of reassigned numbers are asked by the product itself. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table reassigned_check (
    id uuid primary key,
    lead_id uuid not null references lead,
    requested_at timestamptz not null,
    requested_by text not null,
    problem text,
    attempts integer not null default 0,
    tried_at timestamptz,
    ended_at timestamptz
  )`,
  // Two who want to know at once are answered by one question, which is paid for once.
  `create unique index reassigned_check_open on reassigned_check (lead_id) where ended_at is null`,
  `create index reassigned_check_by_lead on reassigned_check (lead_id, id)`,
  `create index reassigned_check_waiting on reassigned_check (id) where ended_at is null`,
  `create index reassigned_check_ahead on reassigned_check (requested_at) where requested_by = 'ahead'`,

  `alter table reassigned_answer add column check_id uuid references reassigned_check`,
  `create unique index reassigned_answer_by_check on reassigned_answer (check_id)`,
  `create index reassigned_answer_page on reassigned_answer (lead_id, id)`,

  // Leads that nothing keeps from being called but a question that nobody asked.
  `create index lead_unasked on lead (id) where blockers = '{reassigned_unknown}'`,
];
