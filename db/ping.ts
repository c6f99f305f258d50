import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** Returns when PostgreSQL answers; fails as any query does when it does not. */
export async function pingStore(db: Db): Promise<void> {
  await sql`select 1`.execute(db);
}
