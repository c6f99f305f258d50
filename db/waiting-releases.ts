import { sql } from 'kysely';
import type { Db } from './connection.ts';

/**
 * Leaves word for the workflows of all releases of a list that a release which has ended may have kept waiting: those that are
 * not over yet, and those whose place it took. Saying it once too often does no harm.
 */
export async function tellWaitingReleases(db: Db, { id, list }: { id: string; list: string }, now: Date): Promise<void> {
  await sql`
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at)
    select other.id, 'release', 'turn', ${id}, 0, ${now}
    from dnc_release other join dnc_release ended on ended.id = ${id}
    where other.list_id = ${list} and other.id <> ${id}
      and (other.state in ('receiving', 'parsing', 'awaiting_approval')
        or (other.state = 'superseded' and other.in_force_from is null and other.ended_at >= ended.received_at))`.execute(db);
}

/** Ids of the releases among some that are not over yet. */
export async function unfinishedReleases(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('dnc_release')
    .select('id')
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .where('state', 'in', ['receiving', 'parsing', 'awaiting_approval'])
    .execute();
  return new Set(rows.map((row) => row.id));
}
