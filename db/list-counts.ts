import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** Of the leads that first came from a source, how many are on a list. */
export interface ListCount {
  list: string;
  source: string;
  leads: number;
  listed: number;
  countedAt: Date;
}

/** Looks at every lead and every hit once. It is not asked for by anybody who waits. */
const LONGEST_COUNT = '15min';

/** Whether a list has changed since its leads were counted or was not there then, or the counts are older than `before`. */
export async function countsAreOld(db: Db, before: Date): Promise<boolean> {
  const { rows } = await sql<{ old: boolean }>`
    with counted as (select coalesce(min(counted_at), '-infinity') as at from list_count)
    select exists (select from lead) and exists (
      select from dnc_list left join dnc_release on dnc_release.id = dnc_list.release_id
      where counted.at < ${before} or dnc_release.in_force_from > counted.at
        or not exists (select from list_count where list_id = dnc_list.id)) as old
    from counted`.execute(db);
  return rows[0]?.old === true;
}

/** Counts the leads of every source, and those of them that are on each list, and keeps the counts. */
export async function countListedLeads(db: Db, now: Date): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`set local statement_timeout = ${sql.raw(`'${LONGEST_COUNT}'`)}`.execute(tx);
    await tx.deleteFrom('list_count').execute();
    await sql`
      insert into list_count (list_id, source_id, leads, listed, counted_at)
      with own as (
        select source_id, count(*) as leads from lead where disposed_at is null group by source_id
      ), hit as (
        select list_id, source_id, count(*) as listed from dnc_hit join lead on lead.id = dnc_hit.lead_id
        where freed_by is null and disposed_at is null group by list_id, source_id
      )
      select dnc_list.id, own.source_id, own.leads, coalesce(hit.listed, 0), ${now}
      from dnc_list cross join own left join hit on hit.list_id = dnc_list.id and hit.source_id = own.source_id`.execute(tx);
  });
}

/** The counts as they were last made: every source by list, those with the largest share of listed leads first. */
export async function readListCounts(db: Db): Promise<ListCount[]> {
  const rows = await db
    .selectFrom('list_count')
    .selectAll()
    .orderBy('list_id')
    .orderBy(sql`listed::float8 / leads`, 'desc')
    .orderBy('source_id')
    .execute();
  return rows.map(({ list_id, source_id, leads, listed, counted_at }) => {
    return { list: list_id, source: source_id, leads: Number(leads), listed: Number(listed), countedAt: counted_at };
  });
}
