import { sql, type RawBuilder, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import type { ClosureTable } from './ending-schema.ts';
import { newId } from './ids.ts';

export type ClosureRow = Selectable<ClosureTable>;

/** What nothing more is to come from. */
export type Origin = { sourceId: string } | { campaign: string };

/** Closes a source, which also takes it out of use, or a campaign. What is closed already stays as it was; answers it. */
export async function closeOrigin(
  tx: Tx, origin: Origin, closing: { reason: string; by: string }, at: Date,
): Promise<ClosureRow> {
  const about = 'sourceId' in origin ? { source_id: origin.sourceId } : { campaign: origin.campaign };
  const closed = { id: newId(), ...about, reason: closing.reason, closed_by: closing.by, closed_at: at };
  await tx.insertInto('closure').values(closed).onConflict((conflict) => conflict.doNothing()).execute();
  if ('sourceId' in origin) {
    await sql`
      update source set suspended_at = ${at}, suspended_because = ${closing.reason}
      where id = ${origin.sourceId} and suspended_at is null`.execute(tx);
  }
  const [column, value] = 'sourceId' in origin ? ['source_id', origin.sourceId] as const : ['campaign', origin.campaign] as const;
  return tx.selectFrom('closure').selectAll().where(column, '=', value).executeTakeFirstOrThrow();
}

/** What was closed, oldest first, after an id; at most `limit`. */
export async function listClosures(db: Db, after: string | null, limit: number): Promise<ClosureRow[]> {
  const query = db.selectFrom('closure').selectAll().orderBy('id').limit(limit);
  return (after === null ? query : query.where('id', '>', after)).execute();
}

/** Whether a source was closed, which ends it for good. */
export async function isClosed(db: Db, sourceId: string): Promise<boolean> {
  const row = await db.selectFrom('closure').select('id').where('source_id', '=', sourceId).executeTakeFirst();
  return row !== undefined;
}

/** Since when all that a lead came from is closed; null while something of it is not: SQL over a row of `lead`. */
export function closedSince(): RawBuilder<Date | null> {
  return sql<Date | null>`(
    select case when bool_and(origin.closed_at is not null) then max(origin.closed_at) end
    from (
      select least(
        (select closed_at from closure where closure.source_id = acquisition.source_id),
        (select closed_at from closure where closure.campaign = acquisition.campaign)) as closed_at
      from acquisition where acquisition.lead_id = lead.id
    ) origin)`;
}

/** How far the leads of a closed origin have been told. */
interface Telling {
  found: number;
  told: number;
}

/**
 * Leaves word for the next leads of an origin that was closed, the oldest closing first: at most `limit` of its acquisitions are
 * looked at, and those told that came from nothing else that is open and are not archived yet. Goes on where it was. Null when
 * everybody has been told.
 */
export async function tellClosed(db: Db, now: Date, limit: number): Promise<Telling | null> {
  return db.transaction().execute(async (tx) => {
    const { rows: [closure] } = await sql<ClosureRow>`
      select * from closure where told_at is null order by id limit 1 for update skip locked`.execute(tx);
    if (!closure) return null;
    const { id, source_id: sourceId, campaign, told_to: after } = closure;
    const { rows: looked } = await sql<{ leadId: string }>`
      select lead_id as "leadId" from acquisition
      where ${sourceId === null ? sql`campaign = ${campaign}` : sql`source_id = ${sourceId}`}
        and ${after === null ? sql`true` : sql`lead_id < ${after}::uuid`}
      order by lead_id desc limit ${limit}`.execute(tx);
    const leadIds = [...new Set(looked.map(({ leadId }) => leadId))];
    const { rows: [counted] } = await sql<{ found: bigint; told: bigint }>`
      with due as (
        select lead.id from lead
        where lead.id = any(${leadIds}::uuid[]) and archived_at is null and disposed_at is null and ${closedSince()} is not null
      ), told as (
        insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
        select due.id, 'lead', 'lifecycleChanged', ${id}::uuid, 1, ${now}, ${sourceId === null ? 'its campaign was closed' : 'its source was closed'}
        from due where not exists (select 1 from outbox where outbox.subject = due.id)
        order by due.id returning subject
      )
      select (select count(*) from due) as found, (select count(*) from told) as told`.execute(tx);
    const isLast = looked.length < limit;
    await tx
      .updateTable('closure')
      .set({ told_to: looked.at(-1)?.leadId ?? after, told_at: isLast ? now : null })
      .where('id', '=', id)
      .execute();
    return { found: Number(counted?.found ?? 0), told: Number(counted?.told ?? 0) };
  });
}
