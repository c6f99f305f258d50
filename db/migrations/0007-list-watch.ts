import { sql, type Kysely } from 'kysely';

/** Where lists come from by themselves, what was said of their age, and how many leads of each source they name. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table dnc_fetch (
    id uuid primary key,
    list_id text not null references dnc_list,
    kind text not null,
    format text not null,
    op text,
    area_codes jsonb,
    adapter text not null,
    url text,
    credentials_file text,
    as_of text,
    folder text,
    file_pattern text,
    cron text,
    every text,
    created_at timestamptz not null,
    created_by text not null,
    removed_at timestamptz,
    removed_by text,
    validators jsonb,
    last_run jsonb
  )`,
  `create index dnc_fetch_live on dnc_fetch (id) where removed_at is null`,

  `create table list_warning (
    list_id text not null references dnc_list,
    release_id uuid not null,
    kind text not null,
    at timestamptz not null,
    stale_at timestamptz not null,
    primary key (list_id, release_id, kind)
  )`,

  // Counted by a schedule: to count the leads of a source takes a look at all of them.
  `create table list_count (
    list_id text not null references dnc_list,
    source_id text not null references source,
    leads bigint not null,
    listed bigint not null,
    counted_at timestamptz not null,
    primary key (list_id, source_id)
  )`,
];
