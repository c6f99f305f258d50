import { sql, type Kysely } from 'kysely';

/**
 * What disposals need beside their tables: a second person for orders, ways to find what is to be forgotten, and a key table that
 * is vacuumed at once.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table disposal
    add column approved_by text,
    add column approved_at timestamptz,
    -- What a certificate says of the key that is gone.
    add column kek smallint,
    add column verified_at timestamptz,
    add constraint two_persons check (approved_by <> opened_by)`,
  // What is waited for, the longest first.
  `create index disposal_due on disposal (next_attempt_at, id) where completed_at is null`,

  // Whose number is forgotten has none in what they once asked for.
  `alter table subject_request alter column token drop not null`,
  `create index subject_request_by_token on subject_request (token) where lead_id is null and token is not null`,
  `create index if not exists legal_hold_by_lead on legal_hold (lead_id) where lead_id is not null`,
  `create index webhook_delivery_of_disposal on webhook_delivery (fact_id) where type = 'lead.disposal-requested'`,

  // A deleted key is on its page until the page is vacuumed: as soon as a few are gone, and at full speed.
  `alter table keyring.subject_key set (
    autovacuum_vacuum_threshold = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0
  )`,
];
