import { sql, type Kysely } from 'kysely';

/** How an archived lead is noticed to be wanted again, and which objects of the archive store are nobody's. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // What was on record when the lead was archived: one acquisition or consent more, and it is wanted again.
  `alter table archive_bundle add column acquisitions integer not null default 0, add column grants integer not null default 0`,

  // Written before an object is, and removed together with it or when a bundle takes it over.
  `create table archive_stray (
    object text primary key,
    lead_id uuid not null,
    since timestamptz not null
  )`,
  `create index archive_stray_by_lead on archive_stray (lead_id)`,
  `create index archive_stray_by_age on archive_stray (since)`,
];
