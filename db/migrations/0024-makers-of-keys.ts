import { sql, type Kysely } from 'kysely';

/** Who made a key, and who revoked it: two keys are not two persons where one of them made the other for herself. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('alter table api_key add column created_by text, add column revoked_by text').execute(db);
}
