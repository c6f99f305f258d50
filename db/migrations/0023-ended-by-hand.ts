import { sql, type Kysely } from 'kysely';

/** What somebody asked for and took back before a second person had agreed. */
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
];
