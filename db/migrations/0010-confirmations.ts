import { sql, type Kysely } from 'kysely';

/** What persons are asked about their consents, the links to their own pages, and where a request of theirs came from. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table confirmation_request (
    id uuid primary key,
    lead_id uuid not null references lead,
    kind text not null,
    consent_ids uuid[] not null,
    requested_at timestamptz not null,
    -- The last attempt to send it: what is set without sent_at may have gone out all the same.
    tried_at timestamptz,
    adapter text,
    sent_at timestamptz,
    message_id text,
    failed_at timestamptz,
    failure text,
    used_at timestamptz
  )`,
  `create index confirmation_request_by_lead on confirmation_request (lead_id)`,

  // Of a token only its digest is kept: who reads this table can open no page.
  `create table person_link (
    id uuid primary key,
    lead_id uuid not null references lead,
    kind text not null,
    request_id uuid references confirmation_request,
    digest bytea not null unique,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint confirmed_by_request check ((kind = 'confirmation') = (request_id is not null))
  )`,
  `create index person_link_by_lead on person_link (lead_id)`,

  // By these the deadlines of a request are known, also where its number is no lead.
  `alter table subject_request add column jurisdictions text[] not null default '{}'`,
];
