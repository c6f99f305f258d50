import { sql, type Kysely } from 'kysely';

/** Numbers that were taken along to another kind of line. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table porting (
    id uuid primary key,
    lead_id uuid not null references lead,
    at timestamptz not null,
    line_type text not null,
    received_at timestamptz not null
  )`,
  `create index porting_by_lead on porting (lead_id, id)`,
];
