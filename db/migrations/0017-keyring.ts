import { sql, type Kysely } from 'kysely';

/** Key-encryption keys by epoch, the processes that have them, and rotations; the key schema under a role of its own. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table keyring.epoch (
    kek smallint primary key,
    published_at timestamptz not null default now(),
    activated_at timestamptz,
    emptied_at timestamptz,
    retired_at timestamptz
  )`,
  `create table keyring.reader (
    id uuid primary key,
    process text not null,
    keks smallint[] not null,
    wraps_with smallint not null,
    good_until timestamptz not null
  )`,

  `create table key_rotation (
    id uuid primary key,
    asked_by text not null,
    asked_at timestamptz not null,
    kek smallint,
    activated_at timestamptz,
    waits_for integer not null default 0,
    pass smallint not null default 1,
    after_lead uuid,
    keys_seen bigint not null default 0,
    keys_rewrapped bigint not null default 0,
    keys_about bigint,
    finished_at timestamptz,
    problem text
  )`,
  // One at a time.
  `create unique index key_rotation_open on key_rotation ((true)) where finished_at is null`,

  `revoke all on schema keyring from public`,
  `revoke all on all tables in schema keyring from public`,

  // A role belongs to the whole cluster: another database may have made it, or be making it at this moment. Where this user may
  // not make one, the key schema stays its own, as it was.
  `do $$ begin
    create role leadwarden_keyring nologin;
  exception when duplicate_object or unique_violation or insufficient_privilege or internal_error then null;
  end $$`,
  `do $$ begin
    grant leadwarden_keyring to current_user;
  exception when undefined_object or insufficient_privilege or invalid_grant_operation or unique_violation or internal_error then null;
  end $$`,
  `do $$ declare item record; begin
    if exists (select from pg_roles where rolname = 'leadwarden_keyring') and pg_has_role(current_user, 'leadwarden_keyring', 'member') then
      alter schema keyring owner to leadwarden_keyring;
      for item in select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'keyring' loop
        execute format('alter table %s owner to leadwarden_keyring', item.name);
      end loop;
      execute format('grant usage, create on schema keyring to %I', current_user);
      execute format('grant select, insert, update, delete on all tables in schema keyring to %I', current_user);
    end if;
  exception when insufficient_privilege then null;
  end $$`,
];
