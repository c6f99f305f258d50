import { sql, type Kysely } from 'kysely';

/** What becomes of the requests of persons: who they are, every step, corrections, and what was kept in spite of an erasure. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table subject_request
    add column state text not null default 'received'
      check (state in ('received', 'identifying', 'in_progress', 'fulfilled', 'refused', 'withdrawn')),
    add column acknowledged_at timestamptz,
    add column identified_at timestamptz,
    add column identified_by text,
    add column ended_at timestamptz,
    -- The earliest deadline that is not met, as of the last look; null where no law sets one, or nobody has looked yet.
    add column due_at timestamptz,
    add column look_at timestamptz,
    -- What a person who asked to be forgotten was told is kept, as it was told.
    add column kept jsonb`,
  `create index subject_request_open on subject_request (coalesce(due_at, received_at), id) where ended_at is null`,
  `create index subject_request_look on subject_request (look_at) where ended_at is null and look_at is not null`,

  // The evidence of what was done about a request. Free text of people is sealed under the key of the lead, by the id of the
  // step.
  `create table subject_request_step (
    id uuid primary key,
    request_id uuid not null references subject_request,
    kind text not null,
    at timestamptz not null,
    by text not null,
    word text,
    fact_id uuid
  )`,
  `create index subject_request_step_by_request on subject_request_step (request_id, id)`,
  `create unique index subject_request_alarm on subject_request_step (request_id, kind, word)
    where kind in ('due_soon', 'urgent', 'overdue', 'held', 'retrieval_ordered')`,

  // Codes themselves are kept nowhere, not even as a digest: they follow from the id of the row and a key outside the database.
  `create table subject_request_code (
    id uuid primary key,
    request_id uuid not null references subject_request,
    lead_id uuid not null references lead,
    asked_at timestamptz not null,
    asked_by text not null,
    adapter text,
    sent_at timestamptz,
    failure text,
    -- When it was handed to somebody who sends it by a way of their own.
    handed_at timestamptz,
    expires_at timestamptz,
    tries smallint not null default 0,
    used_at timestamptz
  )`,
  `create index subject_request_code_by_request on subject_request_code (request_id, id desc)`,
  `create index subject_request_code_by_lead on subject_request_code (lead_id, asked_at desc)`,

  `create table correction (
    id uuid primary key,
    lead_id uuid not null references lead,
    request_id uuid references subject_request,
    fields text[] not null,
    by text not null,
    at timestamptz not null
  )`,
  `create index correction_by_lead on correction (lead_id, id)`,

  `alter table person_link
    add column subject_request_id uuid references subject_request,
    -- Since when whoever has it is known to be the person.
    add column verified_at timestamptz,
    add constraint request_by_request check ((kind = 'request') = (subject_request_id is not null))`,

  // Those that came in before have no workflow yet; the relay starts one for each.
  `insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
    select id, 'subject_request', 'received', id, 1, received_at, kind from subject_request`,
];
