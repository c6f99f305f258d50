import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { newId } from '../../db/ids.ts';
import { deliverLane, type OutboxMessage } from '../../db/outbox.ts';
import { publish } from '../../db/subscriber-events.ts';
import type { SubscriberEvent, SubscriberEventType } from '../../domain/subscriber-event.ts';
import { createHouse, type House } from '../setup/house.ts';

const NOW = new Date('2026-11-24T12:00:00Z');

let house: House;
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());
beforeEach(async () => {
  await house.db.deleteFrom('webhook_delivery').execute();
  await house.db.deleteFrom('webhook_endpoint').execute();
  await house.db.deleteFrom('outbox').execute();
});

async function subscribe(events: SubscriberEventType[] | null, changes: object = {}): Promise<string> {
  const id = newId();
  await house.db.insertInto('webhook_endpoint').values({
    id, url: 'https://hooks.example.com/', host: 'hooks.example.com', events, description: null, secret: randomBytes(8),
    created_at: NOW, created_by: 'key:test', ...changes,
  }).execute();
  return id;
}

const eventOf = (leadId: string | null, type: SubscriberEventType = 'lead.acquired'): SubscriberEvent =>
  ({ type, leadId, factId: newId(), at: NOW, words: { acquisition: 'first' } });

const publishing = (events: SubscriberEvent[]) => house.db.transaction().execute((tx) => publish(tx, events, NOW));
const deliveries = () => house.db.selectFrom('webhook_delivery').selectAll().orderBy('seq').execute();
const told = () => house.db.selectFrom('outbox').selectAll().where('lane', '=', 2).orderBy('id').execute();

async function relay(): Promise<OutboxMessage[]> {
  const sent: OutboxMessage[] = [];
  await deliverLane(house.db, 2, 20, NOW, async (message) => {
    sent.push(message);
    return { delivered: true };
  });
  return sent;
}

describe('an event that is published', () => {
  it('is one delivery for each endpoint that subscribes to it, and word for its workflow', async () => {
    const all = await subscribe(null);
    const acquired = await subscribe(['lead.acquired', 'lead.archived']);
    await subscribe(['lead.disposed']);
    await subscribe(null, { state: 'ended' });
    await subscribe(null, { state: 'disabled' });
    const { leadId } = await house.acquire();
    await house.db.deleteFrom('webhook_delivery').execute();
    await house.db.deleteFrom('outbox').execute();
    const event = eventOf(leadId);
    await publishing([event]);
    const found = await deliveries();
    expect(found.map(({ endpoint_id }) => endpoint_id).sort()).toEqual([all, acquired].sort());
    expect(new Set(found.map(({ event_id }) => event_id)).size).toBe(1);
    expect(found[0]).toMatchObject({
      type: 'lead.acquired', lead_id: leadId, fact_id: event.factId, at: NOW, words: { acquisition: 'first' }, state: 'pending', due_at: NOW,
    });
    expect((await told()).map(({ subject }) => subject).sort()).toEqual([all, acquired].sort());
  });

  it('is nothing at all where nobody subscribes', async () => {
    await subscribe(['lead.disposed']);
    await publishing([eventOf(null, 'list.stale-soon')]);
    expect([await deliveries(), await told()]).toEqual([[], []]);
  });

  it('waits behind what waits for the same lead, and for no other', async () => {
    const endpoint = await subscribe(null);
    const [{ leadId: slow }, { leadId: other }] = [await house.acquire(), await house.acquire()];
    await house.db.deleteFrom('webhook_delivery').execute();
    await publishing([eventOf(slow)]);
    const later = new Date(NOW.getTime() + 60_000);
    await house.db.updateTable('webhook_delivery').set({ due_at: later }).where('endpoint_id', '=', endpoint).execute();
    await publishing([eventOf(slow, 'lead.archived'), eventOf(other), eventOf(null, 'list.stale-soon')]);
    expect((await deliveries()).map(({ due_at }) => due_at)).toEqual([later, later, NOW, NOW]);
  });

  it('of a paused endpoint is kept, and nobody is told', async () => {
    await subscribe(null, { state: 'paused' });
    await publishing([eventOf(null, 'list.stale-soon')]);
    expect([(await deliveries()).length, await told()]).toEqual([1, []]);
  });
});

describe('word for an endpoint', () => {
  it('is left once as long as it waits, and again when it has gone out', async () => {
    await subscribe(null);
    for (let nth = 0; nth < 20; nth += 1) await publishing([eventOf(null, 'list.stale-soon')]);
    expect(await told()).toHaveLength(1);
    expect(await relay()).toHaveLength(1);
    await publishing([eventOf(null, 'list.stale-soon')]);
    expect(await told()).toHaveLength(1);
  });

  it('does not go out before the last of those is committed who rely on it', async () => {
    await subscribe(null);
    await publishing([eventOf(null, 'list.stale-soon')]);
    await house.db.transaction().execute(async (tx) => {
      await publish(tx, [eventOf(null, 'list.stale-soon')], NOW);
      expect(await relay()).toEqual([]);
    });
    expect(await relay()).toHaveLength(1);
    expect(await deliveries()).toHaveLength(2);
  });

  it('is left once more while it is just going out', async () => {
    await subscribe(null);
    await publishing([eventOf(null, 'list.stale-soon')]);
    await deliverLane(house.db, 2, 20, NOW, async () => {
      await publishing([eventOf(null, 'list.stale-soon')]);
      return { delivered: true };
    });
    expect(await told()).toHaveLength(1);
  });

  it('goes out once however many have left it', async () => {
    await subscribe(null);
    await Promise.all(Array.from({ length: 6 }, () => publishing([eventOf(null, 'list.stale-soon')])));
    expect(await relay()).toHaveLength(1);
    expect(await told()).toEqual([]);
  });
});
