import { sql, type Kysely } from 'kysely';

/** Why a lead is kept or archived, for the horizon; what the sweep goes by; orders whose end has been followed up. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // As of the last review: the rule behind each due date.
  `alter table lead add column retain_rule text, add column archive_rule text`,
  // The horizon counts in these indexes alone.
  `drop index lead_due`,
  `drop index lead_archive_due`,
  `create index lead_due on lead (retain_until, id) include (retain_rule, held) where disposed_at is null`,
  `create index lead_archive_due on lead (archive_due_at, id) include (archive_rule, retain_until, held)
    where archived_at is null and disposed_at is null`,
  // Leads that wait for an order to end.
  `create index lead_held on lead (retain_until, id) where held and disposed_at is null`,

  // An order that names its lead is found from the lead, however many there are; the others are few.
  `create index legal_hold_by_lead on legal_hold (lead_id) where lead_id is not null`,
  `create index legal_hold_wide on legal_hold (id) where kind <> 'lead' and released_at is null`,
  // When the leads of an order that has ended had been looked at again.
  `alter table legal_hold add column settled_at timestamptz`,
  `create index legal_hold_unsettled on legal_hold (id) where settled_at is null`,
];
