import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { Webhook } from 'standardwebhooks';
import { Pass, type PassDependencies } from '../../activities/webhooks/pass.ts';
import { newId } from '../../db/ids.ts';
import { publish } from '../../db/subscriber-events.ts';
import { logStateOf } from '../../db/webhook-deliveries.ts';
import { findEndpoint } from '../../db/webhook-endpoints.ts';
import { takeLease } from '../../db/webhook-work.ts';
import type { SubscriberEvent } from '../../domain/subscriber-event.ts';
import { createEndpoint, rotateSecret, requireLiveEndpoint, testEndpoint } from '../../intake/webhook-endpoints.ts';
import { createHouse, eventually, type House } from '../setup/house.ts';
import { startReceiver, type Receiver } from './webhook-receiver.ts';

const START = new Date('2026-11-24T12:00:00Z');
const SECOND_MS = 1_000;

let house: House;
let receiver: Receiver;
let now = START;

beforeAll(async () => {
  house = await createHouse();
});
beforeEach(async () => {
  now = START;
  receiver = await startReceiver();
});
afterEach(async () => {
  await receiver.close();
  await house.db.deleteFrom('webhook_delivery').execute();
  await house.db.deleteFrom('webhook_endpoint').execute();
});
afterAll(() => house.close());

async function subscribe(url = receiver.url): Promise<{ id: string; secret: string }> {
  const asked = { url: new URL(url), events: null, description: null, secret: null, by: 'key:test' };
  const { endpoint, secret } = await house.db.transaction().execute((tx) => createEndpoint(tx, house.vault, asked, now));
  return { id: endpoint.id, secret };
}

async function happen(...leadIds: (string | null)[]): Promise<void> {
  const fact = { type: 'lead.acquired' as const, at: now, words: { acquisition: 'first' } };
  const events = leadIds.map((leadId): SubscriberEvent => ({ ...fact, leadId, factId: newId() }));
  await house.db.transaction().execute((tx) => publish(tx, events, now));
}

/** One pass, by whoever comes next. */
async function pass(endpointId: string, changes: Partial<PassDependencies> = {}, signal = new AbortController().signal) {
  const dependencies = {
    db: house.db, vault: house.vault, now: () => now, outsideNow: () => new Date(), chance: () => 0,
    ...house.webhooks, ...changes,
  };
  const lease = { endpointId, lease: newId() };
  const one = new Pass(dependencies, (await takeLease(house.db, lease))!, lease, signal);
  await one.run();
  return one.counts;
}

async function log(endpointId: string) {
  const rows = await house.db.selectFrom('webhook_delivery').selectAll().where('endpoint_id', '=', endpointId).orderBy('seq').execute();
  return rows.map((row) => ({ ...row, shown: logStateOf(row), in: (row.due_at.getTime() - now.getTime()) / SECOND_MS }));
}

describe('a delivery', () => {
  it('is a CloudEvent that the library of Standard Webhooks accepts, with ids and closed words only', async () => {
    const { id, secret } = await subscribe();
    const leadId = newId();
    await happen(leadId);
    expect(await pass(id)).toEqual({ delivered: 1, failed: 0, givenUp: 0 });
    const [{ body, headers } = { body: '', headers: {} }] = receiver.received;
    const [row] = await log(id);
    expect(new Webhook(secret).verify(body, headers)).toEqual({
      specversion: '1.0', id: row?.event_id, source: 'leadwarden', type: 'lead.acquired', subject: leadId, time: START.toISOString(),
      datacontenttype: 'application/json', data: { leadId, factId: row?.fact_id, acquisition: 'first' },
    });
    expect(headers).toMatchObject({ 'webhook-id': row?.event_id, 'content-type': 'application/cloudevents+json', 'user-agent': 'leadwarden' });
    expect(() => new Webhook(secret).verify(body.replace('first', 'other'), headers)).toThrow();
    expect(row).toMatchObject({ shown: 'delivered', attempts: 1, last_status: 204, settled_at: START });
  });

  it('is signed by both secrets while one replaces the other, and by the new one afterwards', async () => {
    const { id, secret: old } = await subscribe();
    const rotated = await house.db.transaction().execute(async (tx) => {
      return rotateSecret(tx, house.vault, await requireLiveEndpoint(tx, id), { secret: null, overlap: 'PT1H' }, now);
    });
    await happen(null);
    await pass(id);
    now = new Date(START.getTime() + 3_600_000);
    await happen(null);
    await pass(id);
    const [during, after] = receiver.received;
    for (const secret of [old, rotated.secret]) expect(new Webhook(secret).verify(during!.body, during!.headers)).toBeDefined();
    expect(new Webhook(rotated.secret).verify(after!.body, after!.headers)).toBeDefined();
    expect(() => new Webhook(old).verify(after!.body, after!.headers)).toThrow();
  });

  it('is made again with the same id and the same body when the pass dies between answer and record', async () => {
    const { id } = await subscribe();
    await happen(newId());
    const dying = new AbortController();
    receiver.answer(() => {
      dying.abort(new Error('killed'));
      return 'hangs';
    });
    await expect(pass(id, {}, dying.signal)).rejects.toThrow();
    receiver.answer(() => 204);
    await pass(id);
    const [first, again] = receiver.received;
    expect(receiver.received).toHaveLength(2);
    expect(again).toMatchObject({ id: first!.id, body: first!.body });
    expect(await log(id)).toMatchObject([{ shown: 'delivered', attempts: 1 }]);
  });
});

describe('what fails', () => {
  it.each([
    ['an answer that is no success', { status: 500 }, 'refused', 500],
    ['a redirect, which is not followed', { status: 307, headers: { location: '/elsewhere' } }, 'redirect_refused', 307],
    ['a server that has too much to do', { status: 503 }, 'busy', 503],
  ])('is %s', async (_title, reply, failure, status) => {
    const { id } = await subscribe();
    receiver.answer(() => reply);
    await happen(newId());
    expect(await pass(id)).toEqual({ delivered: 0, failed: 1, givenUp: 0 });
    expect(await log(id)).toMatchObject([{ shown: 'failed', attempts: 1, last_failure: failure, last_status: status, in: 5 }]);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hooks']);
  });

  it('is a name that points inwards, looked up when the connection is made', async () => {
    const { id } = await subscribe(receiver.url.replace('http://127.0.0.1', 'https://localhost'));
    await happen(newId());
    await pass(id, { allowsPrivate: false });
    expect(await log(id)).toMatchObject([{ last_failure: 'address_refused', last_status: null }]);
    expect(receiver.received).toEqual([]);
  });

  it.each(['http://127.0.0.1:9/', 'https://127.0.0.1:9/', 'https://[::1]:9/', 'https://169.254.169.254/'])('is the private address %s', async (url) => {
    const { id } = await subscribe(url);
    await happen(newId());
    await pass(id, { allowsPrivate: false });
    expect(await log(id)).toMatchObject([{ last_failure: 'address_refused', last_status: null }]);
  });

  it('is everywhere but this machine in a rehearsal: nobody outside hears of a future that is not', async () => {
    const [outside, here] = [await subscribe('https://crm.example.com/'), await subscribe()];
    await happen(newId());
    await pass(outside.id, { isRehearsal: true });
    await pass(here.id, { isRehearsal: true });
    expect(await log(outside.id)).toMatchObject([{ last_failure: 'address_refused', last_status: null }]);
    expect(await log(here.id)).toMatchObject([{ shown: 'delivered' }]);
  });

  it('is a server that is not there', async () => {
    const { id } = await subscribe();
    await receiver.close();
    await happen(newId());
    await pass(id);
    expect(await log(id)).toMatchObject([{ last_failure: 'unreachable', last_status: null, in: 5 }]);
    receiver = await startReceiver();
  });

  it('waits for as long as the server asks', async () => {
    const { id } = await subscribe();
    receiver.answer(() => ({ status: 429, headers: { 'retry-after': '90' } }));
    await happen(newId());
    await pass(id);
    expect(await log(id)).toMatchObject([{ in: 90, last_failure: 'busy' }]);
    receiver.answer(() => 204);
    await happen(newId());
    expect(await pass(id)).toMatchObject({ delivered: 0 });
    now = new Date(START.getTime() + 90 * SECOND_MS);
    expect(await pass(id)).toMatchObject({ delivered: 2 });
  });

  it('may answer as much as it likes, of which little is read', async () => {
    const { id } = await subscribe();
    receiver.answer(() => ({ status: 200, body: 'x'.repeat(5_000_000) }));
    await happen(newId(), newId());
    expect(await pass(id)).toMatchObject({ delivered: 2 });
  });

  it('with 410 disables the endpoint, and nothing more is sent', async () => {
    const { id } = await subscribe();
    receiver.answer(() => 410);
    await happen(newId());
    await pass(id);
    await happen(newId());
    now = new Date(START.getTime() + 86_400_000);
    await pass(id);
    expect(receiver.received).toHaveLength(1);
    expect(await findEndpoint(house.db, id)).toMatchObject({ state: 'disabled', last_status: 410, last_failure: 'gone' });
    expect(await log(id)).toMatchObject([{ shown: 'failed', last_status: 410 }]);
  });

  it('is tried for three days, and then given up', async () => {
    const { id } = await subscribe();
    receiver.answer(() => 500);
    await happen(newId());
    const waits: number[] = [];
    for (;;) {
      await pass(id);
      const [row] = await log(id);
      if (row?.shown === 'given_up') break;
      waits.push(row!.in);
      now = new Date(Math.max(row!.due_at.getTime(), (await findEndpoint(house.db, id))!.wait_until?.getTime() ?? 0));
    }
    expect(waits).toEqual([5, 30, 120, 600, 3_600, 10_800, 21_600, 43_200, 43_200, 43_200, 43_200, 43_200]);
    expect(receiver.received).toHaveLength(13);
    expect(await log(id)).toMatchObject([{ attempts: 13, last_status: 500 }]);
  });
});

/** Has the nth change of an endpoint from now on take its time before it comes to the row. */
async function slowDown(nth: number): Promise<void> {
  await sql`create sequence writes`.execute(house.db);
  await sql`create function slow() returns trigger language plpgsql as ${sql.lit(`begin
    if nextval('writes') = ${nth} then perform pg_sleep(0.5); end if;
    return null;
  end`)}`.execute(house.db);
  await sql`create trigger slow before update on webhook_endpoint for each statement execute function slow()`.execute(house.db);
}

async function writes(): Promise<bigint> {
  const { rows: [row] } = await sql<{ last: bigint }>`select last_value as last from writes`.execute(house.db);
  return row!.last;
}

describe('an endpoint that fails', () => {
  it('is asked one at a time and left alone in between; when it answers again everything goes out', async () => {
    const { id } = await subscribe();
    receiver.answer(() => 503);
    await happen(...Array.from({ length: 40 }, () => newId()));
    await pass(id);
    const first = receiver.received.length;
    // Twelve at once, and whoever took the place of the two whose failures did not yet make it a failing endpoint.
    expect(first).toBeLessThanOrEqual(14);
    expect(await findEndpoint(house.db, id)).toMatchObject({ failing_since: START });
    await pass(id);
    expect(receiver.received).toHaveLength(first);
    now = new Date(START.getTime() + 5 * SECOND_MS);
    await pass(id);
    expect(receiver.received).toHaveLength(first + 1);
    receiver.answer(() => 204);
    now = new Date(now.getTime() + 30 * SECOND_MS);
    expect(await pass(id)).toMatchObject({ delivered: 40, failed: 0 });
    expect(await findEndpoint(house.db, id)).toMatchObject({ failing_since: null, wait_until: null, failures: 0 });
  });

  it('is not one that cannot take a single event: only what is of the same lead waits', async () => {
    const { id } = await subscribe();
    const [poison, other] = [newId(), newId()];
    receiver.answer(({ leadId }) => (leadId === poison ? 500 : 204));
    await happen(poison, poison);
    for (let hours = 0; hours < 6; hours += 1) {
      await pass(id);
      now = new Date(now.getTime() + 3_600_000);
      await happen(other);
      await pass(id);
    }
    expect(receiver.received.filter(({ leadId }) => leadId === other)).toHaveLength(6);
    expect(await findEndpoint(house.db, id)).toMatchObject({ failing_since: null });
    const stuck = (await log(id)).filter(({ lead_id }) => lead_id === poison);
    expect(stuck.map(({ attempts }) => attempts > 0)).toEqual([true, false]);
  });

  it('is on record as failing, however long the record of an earlier failure takes', async () => {
    const { id } = await subscribe();
    await slowDown(2);
    receiver.answer(async () => {
      if (receiver.received.length > 1) await eventually(async () => (await writes()) >= 2);
      return 503;
    });
    await happen(newId(), newId(), newId());
    await pass(id);
    await sql`drop trigger slow on webhook_endpoint`.execute(house.db);
    expect(await findEndpoint(house.db, id)).toMatchObject({ failures: 3, failing_since: START });
  });

  it('is let in at once by a test event', async () => {
    const { id } = await subscribe();
    receiver.answer(() => 503);
    await happen(...Array.from({ length: 12 }, () => newId()));
    await pass(id);
    await house.db.transaction().execute(async (tx) => testEndpoint(tx, await requireLiveEndpoint(tx, id), now));
    const before = receiver.received.length;
    receiver.answer(() => 204);
    expect(await pass(id)).toMatchObject({ delivered: 13 });
    expect(receiver.received[before]).toMatchObject({ type: 'leadwarden.test', leadId: null });
  });
});

describe('the order of a lead', () => {
  it('is kept, and nothing is lost, whatever fails and whenever a pass dies', async () => {
    const leads = [newId(), newId(), newId()];
    await fc.assert(fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: leads.length - 1 }), { minLength: 1, maxLength: 25 }),
      fc.infiniteStream(fc.constantFrom('takes it', 'fails', 'is busy', 'dies')),
      async (happenings, fates) => {
        const { id } = await subscribe();
        const [taken, half] = [[] as string[], Math.ceil(happenings.length / 2)];
        let dying = new AbortController();
        let calm = 0;
        receiver.answer(({ id: event }) => {
          const fate = calm > 0 ? 'takes it' : fates.next().value;
          if (fate === 'fails') return 500;
          if (fate === 'is busy') return { status: 429, headers: { 'retry-after': '1' } };
          taken.push(event);
          if (fate === 'dies') dying.abort(new Error('killed'));
          return fate === 'dies' ? 'hangs' : 204;
        });
        await happen(...happenings.slice(0, half).map((lead) => leads[lead]!));
        for (let round = 0; round < 60; round += 1) {
          calm = round < 20 ? 0 : 1;
          if (round === 2) await happen(...happenings.slice(half).map((lead) => leads[lead]!));
          dying = new AbortController();
          await pass(id, {}, dying.signal).catch(() => undefined);
          now = new Date(now.getTime() + 2 * 3_600_000);
          if (round > 2 && (await log(id)).every(({ shown }) => shown === 'delivered')) break;
        }
        const rows = await log(id);
        expect(rows.map(({ shown }) => shown)).toEqual(happenings.map(() => 'delivered'));
        for (const lead of leads) {
          const wanted = rows.filter(({ lead_id }) => lead_id === lead).map(({ event_id }) => event_id);
          const came = taken.filter((event) => wanted.includes(event));
          // An event may come twice, but only while the next one has not come.
          expect(came.filter((event, nth) => event !== came[nth - 1])).toEqual(wanted);
        }
        await house.db.deleteFrom('webhook_delivery').execute();
        await house.db.deleteFrom('webhook_endpoint').execute();
      },
    ), { numRuns: 25 });
  });

  it('is kept by two passes at once: the one whose turn is taken over finds nothing more', async () => {
    const { id } = await subscribe();
    const leadId = newId();
    await happen(...Array.from({ length: 20 }, () => leadId));
    let second: Promise<unknown> = Promise.resolve();
    receiver.answer(() => {
      if (receiver.received.length === 5) second = pass(id);
      return 204;
    });
    await pass(id);
    await second;
    const came = receiver.received.map((message) => message.id);
    const wanted = (await log(id)).map(({ event_id }) => event_id);
    expect([...new Set(came)]).toEqual(wanted);
    // What the first pass was at when the second began, and nothing else.
    expect(came.length - wanted.length).toBeLessThanOrEqual(1);
  });
});
