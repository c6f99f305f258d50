import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** A table that holds rows itself, with what it takes to write them elsewhere. */
export interface StoredTable {
  schema: string;
  name: string;
  /** In their order; computed ones are left out. */
  columns: string[];
  /** The table that it is a partition of, and its place there. */
  partition: { of: string; bound: string; options: string[] } | null;
}

/** A sequence and the last number that it gave out; null when it has given out none. */
export interface StoredSequence {
  schema: string;
  name: string;
  value: string | null;
}

/** A foreign key, as it is dropped and added. */
export interface ForeignKey {
  table: string;
  name: string;
  definition: string;
}

/** What PostgreSQL has for itself, and what the migrator keeps. */
const OURS = sql`nspname !~ '^pg_' and nspname <> 'information_schema' and relname !~ '^kysely_'`;

/** Every table with rows, the largest first, and about how many bytes it takes. Of a partitioned one these are the partitions. */
export async function listTables(db: Db): Promise<(StoredTable & { bytes: number })[]> {
  const { rows } = await sql<Omit<StoredTable, 'partition'> & { bytes: bigint; of: string | null; bound: string | null; options: string[] | null }>`
    select nspname::text as schema, tables.relname::text as name, pg_table_size(tables.oid) as bytes,
      array(select attname::text from pg_attribute
        where attrelid = tables.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) as columns,
      inhparent::regclass::text as of, pg_get_expr(tables.relpartbound, tables.oid) as bound, tables.reloptions as options
    from pg_class tables
    join pg_namespace on pg_namespace.oid = relnamespace
    left join pg_inherits on inhrelid = tables.oid
    where relkind = 'r' and relpersistence = 'p' and ${OURS}
    order by bytes desc, schema, name`.execute(db);
  return rows.map(({ bytes, of, bound, options, ...table }) => {
    const partition = of === null || bound === null ? null : { of, bound, options: options ?? [] };
    return { ...table, bytes: Number(bytes), partition };
  });
}

export async function listSequences(db: Db): Promise<StoredSequence[]> {
  const { rows } = await sql<StoredSequence>`
    select schemaname::text as schema, sequencename::text as name, last_value::text as value
    from pg_sequences where schemaname !~ '^pg_' order by 1, 2`.execute(db);
  return rows;
}

/** The last migration that a database has been through. */
export async function lastMigration(db: Db): Promise<string> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name desc limit 1`.execute(db);
  if (!rows[0]) throw new Error('the database has not been migrated yet');
  return rows[0].name;
}

/** Whether a database has no tables, or none in which anybody has put anything yet but keys to be checked. */
export async function isUnused(db: Db): Promise<boolean> {
  for (const { schema, name } of await listTables(db)) {
    if (MADE_AT_START.has(`${schema}.${name}`)) continue;
    const { rows } = await sql<{ used: boolean }>`select exists (select 1 from ${sql.id(schema, name)}) as used`.execute(db);
    if (rows[0]?.used) return false;
  }
  return true;
}

/** What API and worker write when they first see a database. */
const MADE_AT_START = new Set(['keyring.key_check', 'keyring.epoch', 'keyring.reader', 'public.api_key']);

/** Takes everything out of a database that is unused, for it to be migrated from the beginning. */
export async function clearUnused(tx: Db): Promise<void> {
  await sql`do $$
    declare each text;
    begin
      for each in select format('drop table if exists %I.%I cascade', nspname, relname) from pg_class
        join pg_namespace on pg_namespace.oid = relnamespace
        where relkind in ('r', 'p') and not relispartition and nspname !~ '^pg_' and nspname <> 'information_schema'
      loop execute each; end loop;
      for each in select format('drop function if exists %s cascade', pg_proc.oid::regprocedure) from pg_proc
        where pronamespace = 'public'::regnamespace and not exists (select 1 from pg_depend where objid = pg_proc.oid and deptype = 'e')
      loop execute each; end loop;
      for each in select format('drop schema %I cascade', nspname) from pg_namespace
        where nspname !~ '^pg_' and nspname not in ('public', 'information_schema')
      loop execute each; end loop;
    end $$`.execute(tx);
}

/** Makes a partition that migrations do not make, unless it is there. */
export async function makePartition(tx: Db, { schema, name, partition }: StoredTable): Promise<void> {
  if (!partition) return;
  const options = partition.options.length === 0 ? sql`` : sql`with (${sql.raw(partition.options.join(', '))})`;
  await sql`create table if not exists ${sql.id(schema, name)} partition of ${sql.raw(partition.of)} ${sql.raw(partition.bound)} ${options}`.execute(tx);
}

/** Lets a sequence go on after the last number that it gave out. */
export async function setSequence(tx: Db, { schema, name, value }: StoredSequence): Promise<void> {
  if (value === null) return;
  await sql`select setval(format('%I.%I', ${schema}::text, ${name}::text)::regclass, ${value}::bigint)`.execute(tx);
}

/** Takes all foreign keys away: rows then come in any order, and are checked at once when the keys are back. */
export async function dropForeignKeys(tx: Db): Promise<ForeignKey[]> {
  const { rows } = await sql<ForeignKey>`
    select conrelid::regclass::text as table, conname::text as name, pg_get_constraintdef(pg_constraint.oid) as definition
    from pg_constraint join pg_namespace on pg_namespace.oid = connamespace
    where contype = 'f' and conparentid = 0 and nspname !~ '^pg_'`.execute(tx);
  for (const { table, name } of rows) await sql`alter table ${sql.raw(table)} drop constraint ${sql.id(name)}`.execute(tx);
  return rows;
}

/** Puts foreign keys back. Fails when a row has nothing to refer to. */
export async function addForeignKeys(tx: Db, keys: readonly ForeignKey[]): Promise<void> {
  for (const { table, name, definition } of keys) {
    await sql`alter table ${sql.raw(table)} add constraint ${sql.id(name)} ${sql.raw(definition)}`.execute(tx);
  }
}

/** Stops or starts the triggers of all tables but those of the foreign keys. */
export async function setTriggers(tx: Db, state: 'enable' | 'disable'): Promise<void> {
  for (const { schema, name } of await listTables(tx)) {
    await sql`alter table ${sql.id(schema, name)} ${sql.raw(state)} trigger user`.execute(tx);
  }
}
