import type { Db } from './connection.ts';

/** Forgets the remembered answers of requests older than `before`. Answers how many. */
export async function forgetAnswers(db: Db, before: Date): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('idempotency').where('created_at', '<', before).executeTakeFirst();
  return Number(numDeletedRows);
}
