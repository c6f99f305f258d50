import { sql } from 'kysely';
import type { LeadSignal } from '../domain/lead.ts';
import type { Db, Tx } from './connection.ts';

/** One message to a workflow: something happened to its subject. */
export interface OutboxMessage {
  id: bigint;
  subject: string;
  workflow: 'lead' | 'import' | 'release' | 'consent_import' | 'certificate' | 'endpoint' | 'key_rotation' | 'subject_request'
    | 'reassigned_check';
  signal: string;
  factId: string;
  attempts: number;
  /** Who said what, through whom, for the operator who reads the history; null where the signal says it all. */
  said: string | null;
  /** What a lead's workflow shows from its first moment on; null for other subjects. */
  lead: { source: string; jurisdiction: string; reviewed: boolean } | null;
  /** The same for a release of a list. */
  release: { list: string; kind: 'full' | 'change'; asOf: Date } | null;
}

/** What happened to leads, and in a few words for operators, who said what, through whom. */
interface Word {
  signal: LeadSignal;
  factId: string;
  said?: string | null;
  /** 1: bulk, delivered at a configured rate. */
  lane?: 0 | 1;
}

/** Leaves word for the workflows of some leads that something happened to them, to be delivered at once or with the bulk. */
export async function tellLeads(
  tx: Tx, leadIds: readonly string[], { signal, factId, said = null, lane = 0 }: Word, now: Date,
): Promise<void> {
  if (leadIds.length === 0) return;
  const word = { workflow: 'lead' as const, signal, fact_id: factId, lane, due_at: now, said };
  const messages = leadIds.map((subject) => ({ subject, ...word }));
  await tx.insertInto('outbox').values(messages).execute();
}

/** How a delivery went: done, or why this one message cannot be delivered. A transport that is down throws instead. */
export type Delivery = { delivered: true } | { delivered: false };

export type Send = (message: OutboxMessage) => Promise<Delivery>;

/**
 * Ways of reading the whole outbox, ruled out while messages are claimed: after an import it holds millions of rows, and
 * PostgreSQL, whose figures lag behind, would choose them for the first twenty.
 */
const WHOLE_TABLE = ['enable_seqscan', 'enable_bitmapscan', 'enable_hashjoin', 'enable_mergejoin'];

const BACK_OFF = { first: 1_000, most: 600_000 };

/**
 * Delivers the messages of up to `limit` subjects of a lane whose turn it is, and answers how many were delivered. Messages
 * of one subject go out in order and by one deliverer at a time, whoever else is at work: the oldest is locked first. When
 * `send` throws, or this process dies, nothing is marked and everything is delivered again.
 */
export async function deliverLane(db: Db, lane: 0 | 1 | 2, limit: number, now: Date, send: Send): Promise<number> {
  return deliver(db, now, send, (tx) => sql<{ subject: string }>`
    select subject from outbox o
    where lane = ${sql.lit(lane)} and due_at <= ${now}
      and not exists (select 1 from outbox older where older.subject = o.subject and older.id < o.id)
    order by id limit ${limit} for update skip locked`.execute(tx));
}

/** Delivers what waits for one subject, unless somebody else is delivering it right now. */
export async function deliverSubject(db: Db, subject: string, now: Date, send: Send): Promise<number> {
  return deliver(db, now, send, (tx) => sql<{ subject: string }>`
    select subject from outbox where id = (select min(id) from outbox where subject = ${subject}) for update skip locked`.execute(tx));
}

async function deliver(
  db: Db, now: Date, send: Send, claim: (tx: Tx) => Promise<{ rows: { subject: string }[] }>,
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    await sql`select set_config(name, 'off', true) from unnest(${WHOLE_TABLE}::text[]) name`.execute(tx);
    const { rows } = await claim(tx);
    if (rows.length === 0) return 0;
    const messages = await messagesOf(tx, rows.map((row) => row.subject));
    const bySubject = Map.groupBy(messages, (message) => message.subject);
    const settled = await Promise.all([...bySubject.values()].map((own) => sendToSubject(own, send)));
    const delivered = settled.flatMap((one) => one.delivered);
    await tx.deleteFrom('outbox').where('id', '=', sql<bigint>`any(${delivered.map(String)}::bigint[])`).execute();
    for (const { stuck } of settled) if (stuck) await postpone(tx, stuck, now);
    return delivered.length;
  });
}

/** An endpoint looks for everything that waits: the last of its messages says no less than all of them. */
async function sendToSubject(messages: OutboxMessage[], send: Send): Promise<{ delivered: bigint[]; stuck?: OutboxMessage }> {
  const last = messages.at(-1);
  if (last?.workflow !== 'endpoint') return sendInOrder(messages, send);
  const { stuck } = await sendInOrder([last], send);
  return stuck ? { delivered: [], stuck } : { delivered: messages.map(({ id }) => id) };
}

async function sendInOrder(messages: OutboxMessage[], send: Send): Promise<{ delivered: bigint[]; stuck?: OutboxMessage }> {
  const delivered: bigint[] = [];
  for (const message of messages) {
    const { delivered: done } = await send(message);
    if (!done) return { delivered, stuck: message };
    delivered.push(message.id);
  }
  return { delivered };
}

/** Without those that somebody leans on whose transaction is not over: see webhook-outbox.ts. */
async function messagesOf(tx: Tx, subjects: string[]): Promise<OutboxMessage[]> {
  const rows = await tx
    .selectFrom('outbox')
    .leftJoin('lead', 'lead.id', 'outbox.subject')
    .leftJoin('dnc_release', 'dnc_release.id', 'outbox.subject')
    .select(['outbox.id', 'subject', 'workflow', 'signal', 'fact_id', 'attempts', 'said', 'lead.source_id', 'lead.jurisdictions', 'lead.reviewed_at'])
    .select(['dnc_release.list_id', 'dnc_release.kind', 'dnc_release.as_of'])
    .where('subject', '=', sql<string>`any(${subjects}::uuid[])`)
    .orderBy('outbox.id')
    .forUpdate('outbox')
    .skipLocked()
    .execute();
  return rows.map(({ fact_id, source_id, jurisdictions, reviewed_at, list_id, kind, as_of, ...message }) => ({
    ...message,
    factId: fact_id,
    release: list_id === null || kind === null || as_of === null ? null : { list: list_id, kind, asOf: as_of },
    lead: source_id === null ? null : { source: source_id, jurisdiction: jurisdictions?.at(-1) ?? '', reviewed: reviewed_at !== null },
  }));
}

async function postpone(tx: Tx, message: OutboxMessage, now: Date): Promise<void> {
  const wait = Math.min(BACK_OFF.first * 2 ** message.attempts, BACK_OFF.most);
  await tx
    .updateTable('outbox')
    .set({ attempts: message.attempts + 1, due_at: new Date(now.getTime() + wait) })
    .where('id', '=', message.id)
    .execute();
}

/** Makes messages that have been put off more than a few times due at once. Answers how many. */
export async function retryStuckMessages(db: Db, now: Date): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('outbox')
    .set({ due_at: now })
    .where('attempts', '>', 5)
    .where('due_at', '>', now)
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

export interface OutboxBacklog {
  /** Messages that wait, counted up to `cap`. */
  urgent: number;
  bulk: number;
  endpoints: number;
  /** Since when the oldest one has waited, or null when none does. */
  oldestDueAt: Date | null;
}

/** How much waits for delivery; counts stop at `cap`, so that asking stays cheap when ten million wait. */
export async function outboxBacklog(db: Db, cap = 100_000): Promise<OutboxBacklog> {
  const { rows } = await sql<{ urgent: bigint; bulk: bigint; endpoints: bigint; oldestDueAt: Date | null }>`
    select (select count(*) from (select 1 from outbox where lane = 0 limit ${cap}) capped) as urgent,
           (select count(*) from (select 1 from outbox where lane = 1 limit ${cap}) capped) as bulk,
           (select count(*) from (select 1 from outbox where lane = 2 limit ${cap}) capped) as endpoints,
           (select due_at from outbox order by id limit 1) as "oldestDueAt"`.execute(db);
  const [row] = rows;
  const [urgent, bulk, endpoints] = [Number(row?.urgent ?? 0), Number(row?.bulk ?? 0), Number(row?.endpoints ?? 0)];
  return { urgent, bulk, endpoints, oldestDueAt: row?.oldestDueAt ?? null };
}

/** Whether an import is being written just now, anywhere: the bulk lane leaves it the machine. */
export async function importInProgress(db: Db): Promise<boolean> {
  const row = await db.selectFrom('import').select('id').where('state', '=', 'running').limit(1).executeTakeFirst();
  return row !== undefined;
}
