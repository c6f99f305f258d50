import { sql, type Insertable, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import type { SubjectRequestTable } from './person-schema.ts';

export type SubjectRequestRow = Selectable<SubjectRequestTable>;

/** Adds what a person asked for. */
export async function insertSubjectRequest(tx: Tx, request: Omit<Insertable<SubjectRequestTable>, 'id'>): Promise<SubjectRequestRow> {
  return tx.insertInto('subject_request').values({ id: newId(), ...request }).returningAll().executeTakeFirstOrThrow();
}

export async function findSubjectRequest(db: Db, id: string): Promise<SubjectRequestRow | null> {
  return (await db.selectFrom('subject_request').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** As `findSubjectRequest`, with everybody else who changes it waiting until this transaction ends. */
export async function lockSubjectRequest(tx: Tx, id: string): Promise<SubjectRequestRow | null> {
  return (await tx.selectFrom('subject_request').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()) ?? null;
}

/** What people asked for, oldest first, after an id; at most `limit`. */
export async function listSubjectRequests(db: Db, after: string | null, limit: number): Promise<SubjectRequestRow[]> {
  const query = db.selectFrom('subject_request').selectAll().orderBy('id').limit(limit);
  return (after === null ? query : query.where('id', '>', after)).execute();
}

/** What a person asked for, newest first; at most `limit`. */
export async function requestsOfPerson(db: Db, leadId: string, limit: number): Promise<SubjectRequestRow[]> {
  return db.selectFrom('subject_request').selectAll().where('lead_id', '=', leadId).orderBy('id', 'desc').limit(limit).execute();
}

/** An open request, and its place in the queue. */
export type QueuedRequest = SubjectRequestRow & { place: Date };

/** Requests that are open, by their deadline; one that nobody has reckoned yet, or no law hurries, by when it came in. */
export async function openSubjectRequests(
  db: Db, after: { place: Date; id: string } | null, limit: number,
): Promise<QueuedRequest[]> {
  const place = sql<Date>`coalesce(due_at, received_at)`;
  return db
    .selectFrom('subject_request')
    .selectAll()
    .select(place.as('place'))
    .where('ended_at', 'is', null)
    .$if(after !== null, (query) => query.where(sql<boolean>`(coalesce(due_at, received_at), id) > (${after?.place}, ${after?.id}::uuid)`))
    .orderBy(place)
    .orderBy('id')
    .limit(limit)
    .execute();
}

export type RequestChange = Partial<Omit<Selectable<SubjectRequestTable>, 'id' | 'kept'>> & { kept?: string };

/** Changes a locked request and answers it as it is now. */
export async function changeSubjectRequest(tx: Tx, id: string, change: RequestChange): Promise<SubjectRequestRow> {
  return tx.updateTable('subject_request').set(change).where('id', '=', id).returningAll().executeTakeFirstOrThrow();
}

/** Leaves word for the workflow of a request: that it is there, or that something happened to it. */
export async function tellRequest(
  tx: Tx, { id, kind }: Pick<SubjectRequestRow, 'id' | 'kind'>, word: { signal: 'received' | 'requestChanged'; factId: string; said?: string }, now: Date,
): Promise<void> {
  const { signal, factId, said } = word;
  await tx.insertInto('outbox').values({
    subject: id, workflow: 'subject_request', signal, fact_id: factId, lane: 0, due_at: now, said: said === undefined ? kind : `${kind}: ${said}`,
  }).execute();
}

/** Leaves word for the open requests of the persons behind some leads, each lead with the fact that they may have waited for. */
export async function tellRequestsOf(
  tx: Tx, leads: readonly { leadId: string; factId: string }[], said: string, now: Date,
): Promise<void> {
  const [leadIds, factIds] = [leads.map(({ leadId }) => leadId), leads.map(({ factId }) => factId)];
  await sql`
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
    select subject_request.id, 'subject_request', 'requestChanged', about.fact_id, 0, ${now}, kind || ': ' || ${said}::text
    from unnest(${leadIds}::uuid[], ${factIds}::uuid[]) about (lead_id, fact_id)
    join subject_request on subject_request.lead_id = about.lead_id and ended_at is null
    order by subject_request.id`.execute(tx);
}

/** Open requests whose workflow should have looked by `before`, and for which nothing waits, are poked. Answers how many. */
export async function pokeOverdueRequests(db: Db, before: Date, now: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
    select id, 'subject_request', 'requestChanged', id, 1, ${now}, kind || ': overdue for a look'
    from subject_request
    where ended_at is null and look_at < ${before}
      and not exists (select 1 from outbox where outbox.subject = subject_request.id)
    order by look_at limit ${limit}`.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** How many open requests are due before a moment, and before another; each counted up to `most`. */
export async function countDueRequests(
  db: Db, now: Date, soon: Date, most: number,
): Promise<{ open: number; dueSoon: number; overdue: number }> {
  const count = (until: Date | null) => sql`(select count(*) from (
    select 1 from subject_request where ended_at is null and ${until === null ? sql`true` : sql`coalesce(due_at, received_at) <= ${until} and due_at is not null`}
    limit ${most}) capped)`;
  const { rows } = await sql<Record<'open' | 'dueSoon' | 'overdue', bigint>>`
    select ${count(null)} as open, ${count(soon)} as "dueSoon", ${count(now)} as overdue`.execute(db);
  const [row] = rows;
  const overdue = Number(row?.overdue ?? 0);
  return { open: Number(row?.open ?? 0), dueSoon: Number(row?.dueSoon ?? 0) - overdue, overdue };
}
