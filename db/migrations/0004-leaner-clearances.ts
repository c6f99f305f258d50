import { sql, type Kysely } from 'kysely';

/**
 * A clearance keeps each thing once: what its columns say is left out of answer and facts, which are JSON texts that nobody
 * parses on their way in. Rows stay whole in their page up to 8 KB: compressing them costs more than all the rest of it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table clearance
    alter column answer type text using json_build_object('reasons', answer -> 'reasons', 'checked', answer -> 'checked')::text,
    alter column facts type text using (facts -> 'facts')::text`.execute(db);
  const { rows } = await sql<{ name: string }>`
    select inhrelid::regclass::text as name from pg_inherits where inhparent = 'clearance'::regclass`.execute(db);
  for (const { name } of rows) await sql`alter table ${sql.table(name)} set (toast_tuple_target = 8160)`.execute(db);
}
