import { afterAll, beforeEach, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { newId } from '../../db/ids.ts';
import { deliverLane, deliverSubject, outboxBacklog, retryStuckMessages, type OutboxMessage, type Send } from '../../db/outbox.ts';
import { createHouse, type House } from '../setup/house.ts';

let house: House;
beforeAll(async () => void (house = await createHouse()));
afterAll(() => house.close());
beforeEach(() => house.db.deleteFrom('outbox').execute());

const NOW = new Date('2026-11-22T12:00:00Z');
const later = (ms: number) => new Date(NOW.getTime() + ms);

async function put(subject: string, signal: string, lane: 0 | 1 = 0): Promise<void> {
  await house.db.insertInto('outbox').values({ subject, workflow: 'lead', signal: signal as never, fact_id: newId(), lane, due_at: NOW }).execute();
}

function recorder(answer: (message: OutboxMessage) => boolean | Promise<boolean> = () => true) {
  const sent: string[] = [];
  const send: Send = async (message) => {
    sent.push(message.signal);
    return { delivered: await answer(message) };
  };
  return { sent, send };
}

const waiting = () => house.db.selectFrom('outbox').selectAll().orderBy('id').execute();

describe('the outbox', () => {
  it('delivers the messages of a subject in order and forgets them', async () => {
    const subject = newId();
    for (const signal of ['a', 'b', 'c']) await put(subject, signal);
    const { sent, send } = recorder();
    expect(await deliverLane(house.db, 0, 10, NOW, send)).toBe(3);
    expect(sent).toEqual(['a', 'b', 'c']);
    expect(await waiting()).toHaveLength(0);
  });

  it('keeps what comes after a message that cannot be delivered, and tries later, ever less often', async () => {
    const subject = newId();
    for (const signal of ['a', 'b']) await put(subject, signal);
    const { sent, send } = recorder(({ signal }) => signal !== 'a');
    expect(await deliverLane(house.db, 0, 10, NOW, send)).toBe(0);
    expect(await deliverLane(house.db, 0, 10, later(999), send)).toBe(0);
    expect(sent).toEqual(['a']);
    await deliverLane(house.db, 0, 10, later(1000), send);
    expect(sent).toEqual(['a', 'a']);
    const [stuck] = await waiting();
    expect(stuck).toMatchObject({ attempts: 2, due_at: later(3000) });
  });

  it('marks nothing when the transport is down', async () => {
    await put(newId(), 'a');
    await expect(deliverLane(house.db, 0, 10, NOW, () => Promise.reject(new Error('unavailable')))).rejects.toThrow('unavailable');
    expect(await waiting()).toMatchObject([{ attempts: 0, due_at: NOW }]);
  });

  it('is emptied exactly once by many relays at once, each subject in order', async () => {
    const subjects = Array.from({ length: 20 }, newId);
    for (let n = 0; n < 5; n += 1) for (const subject of subjects) await put(subject, `${subject} ${n}`);
    const { sent, send } = recorder(() => new Promise((resolve) => setTimeout(resolve, Math.random() * 5, true)));
    const relay = async () => {
      while ((await waiting()).length > 0) await deliverLane(house.db, 0, 7, NOW, send);
    };
    await Promise.all([relay(), relay(), relay()]);
    expect(sent).toHaveLength(100);
    for (const subject of subjects) {
      expect(sent.filter((signal) => signal.startsWith(subject)).map((signal) => Number(signal.split(' ')[1]))).toEqual([0, 1, 2, 3, 4]);
    }
  });

  it('does not let a flood of bulk messages hold up an urgent one', async () => {
    for (let n = 0; n < 50; n += 1) await put(newId(), 'bulk', 1);
    await put(newId(), 'urgent', 0);
    const { sent, send } = recorder();
    await deliverLane(house.db, 0, 10, NOW, send);
    expect(sent).toEqual(['urgent']);
  });

  it('delivers one subject on its own, bulk messages before it included', async () => {
    const subject = newId();
    await put(subject, 'bulk', 1);
    await put(subject, 'urgent', 0);
    const { sent, send } = recorder();
    expect(await deliverSubject(house.db, subject, NOW, send)).toBe(2);
    expect(sent).toEqual(['bulk', 'urgent']);
  });

  it('says how much waits, up to a cap, and for how long', async () => {
    expect(await outboxBacklog(house.db)).toEqual({ urgent: 0, bulk: 0, endpoints: 0, oldestDueAt: null });
    for (let n = 0; n < 4; n += 1) await put(newId(), 'bulk', 1);
    await put(newId(), 'urgent');
    expect(await outboxBacklog(house.db, 3)).toEqual({ urgent: 1, bulk: 3, endpoints: 0, oldestDueAt: NOW });
  });
});

describe('reconciliation', () => {
  it('makes messages that were put off for long due again', async () => {
    await put(newId(), 'a');
    await house.db.updateTable('outbox').set({ attempts: 9, due_at: later(600_000) }).execute();
    expect(await retryStuckMessages(house.db, NOW)).toBe(1);
    expect(await waiting()).toMatchObject([{ due_at: NOW }]);
  });
});

describe('a flood of messages', () => {
  it('costs a claim a few rows, not the table', async () => {
    const rows = Array.from({ length: 20_000 }, newId);
    await sql`insert into outbox (subject, workflow, signal, fact_id, lane, due_at)
      select id, 'lead', 'acquired', id, 1, ${NOW} from unnest(${rows}::uuid[]) id`.execute(house.db);
    const before = await rowsRead();
    expect(await deliverLane(house.db, 1, 10, NOW, recorder().send)).toBe(10);
    expect(await rowsRead() - before).toBeLessThan(5_000);
  });
});

/** Rows of the outbox that were read so far, by whatever way. */
async function rowsRead(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const { rows } = await sql<{ read: bigint }>`
    select pg_stat_force_next_flush(), (seq_tup_read + idx_tup_fetch)::bigint as read
    from pg_stat_user_tables where relname = 'outbox'`.execute(house.db);
  return Number(rows[0]?.read ?? 0);
}
