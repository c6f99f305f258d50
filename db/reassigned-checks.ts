import { sql, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import { lockLead } from './locked-lead.ts';
import { named } from './named.ts';
import { tellLeads } from './outbox.ts';
import { insertReassignedAnswer } from './reassigned-answers.ts';
import type { ReassignedAnswerTable, ReassignedCheckTable } from './reassigned-schema.ts';

/** A question to a database, with what was answered, or null. */
export type ReassignedCheck = Selectable<ReassignedCheckTable> & { answer: ReassignedAnswerTable['answer'] | null };

/** Who asks: a key by its id, a clearance that waits for nothing else, or whoever asks ahead. */
export type AskedBy = `key:${string}` | 'clearance' | 'ahead';

interface Wanted {
  ids: string[];
  leads: string[];
  by: AskedBy;
  at: Date;
  /** Leads that were asked about since are left out. */
  notSince: Date;
  lane: number;
}

/**
 * Puts questions on the books, each with the outbox row that starts its workflow; none about a lead of which one is under way. By
 * name, since clearances send it without waiting for it.
 */
const insertChecks: (db: Db, values: Wanted) => Promise<{ id: string }[]> =
  named('reassigned_ask', ({ ids, leads, by, at, notSince, lane }) => sql`
    with added as (
      insert into reassigned_check (id, lead_id, requested_at, requested_by)
      select wanted.id, wanted.lead_id, ${at}::timestamptz, ${by}::text from unnest(${ids}::uuid[], ${leads}::uuid[]) as wanted (id, lead_id)
      where not exists (select 1 from reassigned_check recent where recent.lead_id = wanted.lead_id and recent.requested_at > ${notSince}::timestamptz)
      on conflict (lead_id) where ended_at is null do nothing
      returning id, lead_id, requested_at
    )
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at)
    select id, 'reassigned_check', 'received', lead_id, ${lane}::smallint, requested_at from added
    returning subject as id`);

/** Asks about some leads. Answers the ids of the questions that are new. */
export async function askAbout(
  db: Db, leadIds: readonly string[], { lane = 0, ...asking }: Pick<Wanted, 'by' | 'at' | 'notSince'> & { lane?: 0 | 1 },
): Promise<string[]> {
  const leads = [...new Set(leadIds)].sort();
  if (leads.length === 0) return [];
  return (await insertChecks(db, { ids: leads.map(() => newId()), leads, lane, ...asking })).map(({ id }) => id);
}

function checks(db: Db) {
  return db
    .selectFrom('reassigned_check')
    .leftJoin('reassigned_answer', 'reassigned_answer.check_id', 'reassigned_check.id')
    .selectAll('reassigned_check')
    .select('reassigned_answer.answer');
}

export async function findReassignedCheck(db: Db, id: string): Promise<ReassignedCheck | null> {
  return (await checks(db).where('reassigned_check.id', '=', id).executeTakeFirst()) ?? null;
}

/** The questions about a lead, newest first, before an id; at most `limit`. */
export async function reassignedChecksOf(
  db: Db, leadId: string, before: string | null, limit: number,
): Promise<ReassignedCheck[]> {
  const query = checks(db).where('reassigned_check.lead_id', '=', leadId).orderBy('reassigned_check.id', 'desc').limit(limit);
  return (before === null ? query : query.where('reassigned_check.id', '<', before)).execute();
}

/** What a database answered: the word, when it was asked, and about which day. */
export type DatabaseAnswer = Pick<Selectable<ReassignedAnswerTable>, 'answer' | 'asked_at' | 'known_good_at'>;

/**
 * Puts an answer on the books with the end of its question, and tells the lead; from the commit on the gate goes by it. What is
 * settled stays, and of a lead that was disposed of meanwhile nothing is kept. Answers the check as it is then.
 */
export async function settleReassignedCheck(
  tx: Tx, check: ReassignedCheck, answer: DatabaseAnswer, at: Date,
): Promise<ReassignedCheck> {
  const { id, lead_id: leadId } = check;
  const lead = await lockLead(tx, leadId);
  const problem = lead?.token === null ? 'no_number' : null;
  const { numUpdatedRows } = await tx
    .updateTable('reassigned_check')
    .set({ problem, attempts: sql`attempts + 1`, tried_at: answer.asked_at, ended_at: at })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows > 0n && problem === null) {
    const { id: factId } = await insertReassignedAnswer(tx, { lead_id: leadId, check_id: id, received_at: at, ...answer });
    await tellLeads(tx, [leadId], { signal: 'lifecycleChanged', factId, said: `reassigned: ${answer.answer}` }, at);
  }
  return (await findReassignedCheck(tx, id)) ?? check;
}

/** Puts down an attempt that brought no answer; `ended` when there will be no other. */
export async function recordReassignedAttempt(
  db: Db, id: string, { problem, tried, ended }: { problem: string; tried: boolean; ended: boolean }, at: Date,
): Promise<void> {
  await db
    .updateTable('reassigned_check')
    .set({ problem, ...(tried && { attempts: sql<number>`attempts + 1`, tried_at: at }), ...(ended && { ended_at: at }) })
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .execute();
}

/** Which leads are asked about ahead. */
export interface AheadWalk {
  /** Places whose law names a database. */
  jurisdictions: readonly string[];
  /** Since when answers rest on the latest reports. */
  reportedAt: Date;
  /** Leads that were asked about since are left out, whatever came of it. */
  notSince: Date;
  /** Older leads than this one; null: from the newest on. */
  before: string | null;
}

/**
 * Leads that nothing keeps from being called, hours aside, but that nobody has asked whether their number was reassigned: the
 * newest first, since they are called first. A step through an index that holds nobody else.
 */
export function leadsToAskAheadQuery({ jurisdictions, reportedAt, notSince, before }: AheadWalk, limit: number) {
  return sql<{ id: string; fits: boolean }>`
    select id, jurisdictions && ${jurisdictions}::text[]
      and not exists (select 1 from reassigned_answer where lead_id = unasked.id and asked_at >= ${reportedAt})
      and not exists (select 1 from reassigned_check where lead_id = unasked.id and (ended_at is null or requested_at > ${notSince})) as fits
    from (
      select id, jurisdictions from lead
      where blockers = '{reassigned_unknown}' ${before === null ? sql`` : sql`and id < ${before}::uuid`}
      order by id desc limit ${limit}
    ) unasked order by id desc`;
}

export async function leadsToAskAhead(db: Db, walk: AheadWalk, limit: number): Promise<{ id: string; fits: boolean }[]> {
  return (await leadsToAskAheadQuery(walk, limit).execute(db)).rows;
}

/** How many questions were asked ahead since a moment, counted up to `cap`. */
export async function countAskedAhead(db: Db, since: Date, cap: number): Promise<number> {
  const { rows } = await sql<{ count: bigint }>`
    select count(*) from (
      select 1 from reassigned_check where requested_by = 'ahead' and requested_at > ${since} limit ${cap}) capped`.execute(db);
  return Number(rows[0]?.count ?? 0);
}

/** How the questions stand: those without an answer yet, counted up to `cap`, and since when the oldest of them has waited. */
export async function reassignedBacklog(
  db: Db, cap: number,
): Promise<{ waiting: number; oldestAt: Date | null; failures: number }> {
  const { rows } = await sql<{ waiting: bigint; oldestAt: Date | null; failures: number | null }>`
    select (select count(*) from (select 1 from reassigned_check where ended_at is null limit ${cap}) capped) as waiting,
      (select requested_at from reassigned_check where ended_at is null order by id limit 1) as "oldestAt",
      (select failures from certificate_provider where provider = 'reassigned') as failures`.execute(db);
  const [row] = rows;
  return { waiting: Number(row?.waiting ?? 0), oldestAt: row?.oldestAt ?? null, failures: row?.failures ?? 0 };
}
