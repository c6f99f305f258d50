import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import type { Tx } from '../../db/connection.ts';
import { newId } from '../../db/ids.ts';
import { lockLead, type LockedLead } from '../../db/locked-lead.ts';
import { publish } from '../../db/subscriber-events.ts';
import { findEndpoint, type EndpointRow } from '../../db/webhook-endpoints.ts';
import { stirEndpoint } from '../../db/webhook-outbox.ts';
import type { SubscriberEventType } from '../../domain/subscriber-event.ts';
import { recordConsent, recordWithdrawal } from '../../intake/consents.ts';
import { suppressNumber } from '../../intake/suppressions.ts';
import {
  createEndpoint, endEndpoint, pauseEndpoint, redeliverEvent, requireLiveEndpoint, resumeEndpoint, testEndpoint,
} from '../../intake/webhook-endpoints.ts';
import { startRelay, type Relay } from '../../worker/relay.ts';
import { createSender } from '../../workflows/delivery.ts';
import { endpointWorkflowId } from '../../workflows/messages.ts';
import { startReceiver, type Receiver } from '../activities/webhook-receiver.ts';
import { createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';

let house: House;
let running: RunningWorker;
let relay: Relay;
let receiver: Receiver;
let ahead = 0;
const now = () => new Date(Date.now() + ahead);

beforeAll(async () => {
  house = await createHouse();
  running = await runWorker(house, now);
  const send = createSender(running.client.workflow, running.taskQueue);
  relay = startRelay({ db: house.db, send, now, log: pino({ level: 'silent' }), rate: 200, rateDuringImport: 2 });
  receiver = await startReceiver();
});
afterEach(async () => {
  receiver.answer(() => 204);
  receiver.received.length = 0;
  const live = await house.db.selectFrom('webhook_endpoint').select('id').where('state', '<>', 'ended').execute();
  for (const { id } of live) await change(id, (tx, endpoint) => endEndpoint(tx, endpoint, now()));
  for (const { id } of live) await running.client.workflow.getHandle(endpointWorkflowId(id)).result().catch(() => undefined);
});
afterAll(async () => {
  await relay.stop();
  await running.stop();
  await receiver.close();
  await house.close();
});

async function subscribe(events: SubscriberEventType[] | null = null): Promise<{ id: string; secret: string }> {
  const asked = { url: new URL(receiver.url), events, description: null, secret: null, by: 'key:test' };
  const { endpoint, secret } = await house.db.transaction().execute((tx) => createEndpoint(tx, house.vault, asked, now()));
  return { id: endpoint.id, secret };
}

type Change<T> = (tx: Tx, endpoint: EndpointRow) => Promise<T>;

function change<T>(id: string, how: Change<T>): Promise<T> {
  return house.db.transaction().execute(async (tx) => how(tx, await requireLiveEndpoint(tx, id)));
}

const happen = (leadId: string | null, type: SubscriberEventType = 'list.stale-soon') => house.db.transaction().execute((tx) =>
  publish(tx, [{ type, leadId, factId: newId(), at: now() }], now()));

const received = (count: number) => eventually(async () => receiver.received.length >= count);
const log = (id: string) => house.db.selectFrom('webhook_delivery').selectAll().where('endpoint_id', '=', id).orderBy('seq').execute();

async function details(id: string): Promise<string> {
  const handle = running.client.workflow.getHandle(endpointWorkflowId(id));
  const { currentDetails = '' } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return currentDetails;
}

const shows = (id: string, text: string) => eventually(async () => (await details(id).catch(() => '')).includes(text));

/** How often an endpoint was looked at, and how often its workflow was woken: by word of something, or by the time. */
async function lookedAt(id: string): Promise<{ passes: number; wakings: number }> {
  const { events } = await running.client.workflow.getHandle(endpointWorkflowId(id)).fetchHistory();
  const count = (isOne: (event: NonNullable<typeof events>[number]) => unknown) => (events ?? []).filter(isOne).length;
  return {
    passes: count((event) => event.activityTaskScheduledEventAttributes),
    wakings: count((event) => event.workflowExecutionSignaledEventAttributes ?? event.timerFiredEventAttributes),
  };
}

describe('the deliveries to an endpoint', () => {
  it('go out as things happen, by a workflow that says how it goes and sleeps when nothing is due', async () => {
    const { id } = await subscribe();
    await happen(null);
    expect(await received(1)).toBe(true);
    expect(await shows(id, '- **1** delivered in all')).toBe(true);
    expect(await details(id)).toContain('### active');
    await happen(null);
    expect(await received(2)).toBe(true);
    expect(await shows(id, '- **2** delivered in all')).toBe(true);
    expect(await details(id)).toContain('\n- **0** waiting\n- last answer: **204**');
    // Word may come twice. Nothing else has it looked at.
    const { passes, wakings } = await lookedAt(id);
    expect(passes).toBeLessThanOrEqual(wakings);
    const described = await running.client.workflow.getHandle(endpointWorkflowId(id)).describe();
    expect(await described.staticSummary()).toBe(`Webhooks to ${new URL(receiver.url).host}`);
  });

  it('are tried again after five seconds, and at once when somebody sends a test', async () => {
    const { id } = await subscribe();
    receiver.answer(() => 503);
    for (let nth = 0; nth < 3; nth += 1) await happen(null);
    expect(await shows(id, '### failing')).toBe(true);
    expect(await details(id)).toMatch(/next attempt: \*\*\d{4}-/);
    receiver.answer(() => 204);
    expect(await received(6)).toBe(true);
    expect(await shows(id, '### active')).toBe(true);
    expect((await log(id)).map(({ state, attempts }) => [state, attempts >= 1])).toEqual(Array(3).fill(['delivered', true]));
    await change(id, (tx, endpoint) => testEndpoint(tx, endpoint, now()));
    expect(await eventually(async () => receiver.received.at(-1)?.type === 'leadwarden.test')).toBe(true);
  });

  it('wait while it is paused, and go out when it is resumed', async () => {
    const { id } = await subscribe();
    await change(id, (tx, endpoint) => pauseEndpoint(tx, endpoint, now()));
    expect(await shows(id, '### paused')).toBe(true);
    await happen(null);
    await happen(null);
    expect(receiver.received).toEqual([]);
    await change(id, (tx, endpoint) => resumeEndpoint(tx, endpoint, now()));
    expect(await received(2)).toBe(true);
  });

  it('end with 410, and begin again when it is resumed', async () => {
    const { id } = await subscribe();
    receiver.answer(() => 410);
    await happen(null);
    expect(await shows(id, '### disabled')).toBe(true);
    receiver.answer(() => 204);
    ahead += 60_000;
    await change(id, (tx, endpoint) => resumeEndpoint(tx, endpoint, now()));
    expect(await received(2)).toBe(true);
    expect(await shows(id, '- **1** delivered in all')).toBe(true);
    expect(await findEndpoint(house.db, id)).toMatchObject({ state: 'active', failures: 0 });
  });

  it('are made once more on request, with the same id', async () => {
    const { id } = await subscribe();
    await happen(null);
    expect(await received(1)).toBe(true);
    await eventually(async () => (await log(id))[0]?.state === 'delivered');
    await change(id, (tx, endpoint) => redeliverEvent(tx, endpoint, receiver.received[0]!.id, now()));
    expect(await received(2)).toBe(true);
    expect(receiver.received[1]).toMatchObject({ id: receiver.received[0]!.id, body: receiver.received[0]!.body });
  });

  it('are given up when it is ended, and its workflow with them', async () => {
    const { id } = await subscribe();
    await change(id, (tx, endpoint) => pauseEndpoint(tx, endpoint, now()));
    for (let nth = 0; nth < 5; nth += 1) await happen(null);
    await change(id, (tx, endpoint) => endEndpoint(tx, endpoint, now()));
    await eventually(async () => (await log(id)).every(({ state }) => state === 'given_up'));
    const handle = running.client.workflow.getHandle(endpointWorkflowId(id));
    await handle.result();
    expect((await log(id)).map(({ state }) => state)).toEqual(Array(5).fill('given_up'));
    expect(receiver.received).toEqual([]);
  });

  it('are given up for good after three days at an endpoint that never answers', async () => {
    const { id } = await subscribe();
    receiver.answer(() => 503);
    for (let nth = 0; nth < 40; nth += 1) await happen(null);
    expect(await shows(id, '### failing')).toBe(true);
    ahead += 4 * 86_400_000;
    await house.db.transaction().execute((tx) => stirEndpoint(tx, id, now()));
    expect(await eventually(async () => (await log(id)).filter(({ state }) => state === 'given_up').length > 30)).toBe(true);
    expect(await findEndpoint(house.db, id)).toMatchObject({ failing_since: expect.any(Date) });
  });

  it('go on in a new run when the history has grown long', async () => {
    const { id } = await subscribe();
    await happen(null);
    expect(await shows(id, '- **1** delivered in all')).toBe(true);
    const handle = running.client.workflow.getHandle(endpointWorkflowId(id));
    const first = (await handle.describe()).runId;
    // Temporal asks for another run from four megabytes on; words that nobody reads are enough for that.
    for (let nth = 0; nth < 6; nth += 1) await handle.signal('deliveriesWaiting', 'x'.repeat(900_000));
    expect(await eventually(async () => (await handle.describe()).runId !== first)).toBe(true);
    const ended = await running.client.workflow.getHandle(endpointWorkflowId(id), first).describe();
    expect(ended.status.name).toBe('CONTINUED_AS_NEW');
    await happen(null);
    expect(await shows(id, '- **2** delivered in all')).toBe(true);
    expect(receiver.received).toHaveLength(2);
  });

  it('have a history that later versions can replay', async () => {
    const { id } = await subscribe();
    await happen(null);
    expect(await received(1)).toBe(true);
    receiver.answer(() => 500);
    await happen(null);
    expect(await shows(id, '- next attempt: ')).toBe(true);
    receiver.answer(() => 204);
    expect(await shows(id, '- **2** delivered in all')).toBe(true);
    await change(id, (tx, endpoint) => endEndpoint(tx, endpoint, now()));
    const handle = running.client.workflow.getHandle(endpointWorkflowId(id));
    await handle.result();
    const history = await handle.fetchHistory();
    if (process.env.RECORD_HISTORIES) await writeFile(join(import.meta.dirname, 'histories/webhook-delivery.json'), `${historyToJSON(history)}\n`);
    expect(history.events?.length).toBeLessThan(60);
  });
});

const CANARIES = ['zyxcanary', '2025550166', 'quirinalia'];

describe('what a lead goes through', () => {
  it('is told to subscribers in its order, and not a word of the person', async () => {
    const { secret } = await subscribe();
    const consents = [{
      channel: 'call' as const, purpose: 'marketing' as const, obtainedAt: new Date(now().getTime() - 3_600_000), expiresAt: null, grade: 'express_written' as const,
      evidence: { statement: 'Zyxcanary' },
    }];
    const { leadId, acquisitionId } = await house.acquire({
      phone: '+12025550166', subject: { name: 'Quirinalia Zyxcanary', email: 'zyxcanary@example.com' }, acquiredAt: new Date(now().getTime() - 3_600_000), receivedAt: now(), consents,
    });
    const types = () => receiver.received.map(({ type }) => type);
    expect(await eventually(async () => types().includes('lead.stage-changed') && types().filter((type) => type === 'consent.changed').length === 2)).toBe(true);
    await house.db.transaction().execute(async (tx) => {
      const withdrawal = { channel: 'call' as const, purpose: 'all' as const, revokedAt: now(), via: 'email', statement: 'Zyxcanary, stop' };
      await recordWithdrawal(tx, house.vault, (await lockLead(tx, leadId)) as LockedLead, withdrawal, now());
    });
    expect(await eventually(async () => types().filter((type) => type === 'consent.changed').length === 4)).toBe(true);
    await house.db.transaction().execute((tx) =>
      suppressNumber(tx, house.vault.phoneToken('+12025550166'), { kind: 'opt_out', channel: 'all', reportedAt: now(), via: 'letter' }, now()));
    expect(await eventually(async () => types().includes('lead.suppressed'))).toBe(true);

    const data = receiver.received.map(({ body, headers }) => {
      const event = new Webhook(secret).verify(body, headers) as { type: string; data: object };
      return { type: event.type, ...event.data };
    });
    expect(data[0]).toEqual({ type: 'lead.acquired', leadId, factId: acquisitionId, acquisition: 'first' });
    expect(data[1]).toMatchObject({ type: 'consent.changed', kind: 'granted', channel: 'call', purpose: 'marketing' });
    expect(data).toEqual(expect.arrayContaining([
      expect.objectContaining({ type: 'lead.stage-changed', from: 'acquired', to: 'active' }),
      expect.objectContaining({ type: 'consent.changed', from: 'none', to: 'granted' }),
      expect.objectContaining({ type: 'consent.changed', kind: 'revoked', channel: 'call', purpose: 'all' }),
      expect.objectContaining({ type: 'consent.changed', from: 'granted', to: 'revoked' }),
      expect.objectContaining({ type: 'lead.stage-changed', from: 'active', to: 'suppressed' }),
      expect.objectContaining({ type: 'lead.suppressed', from: 'active', to: 'suppressed' }),
    ]));
    for (const { body, headers } of receiver.received) {
      const sent = (body + JSON.stringify(headers)).toLowerCase();
      expect(CANARIES.filter((canary) => sent.includes(canary))).toEqual([]);
    }
  });

  it('is told to those alone who subscribe to it', async () => {
    await subscribe(['lead.archived']);
    const { leadId } = await house.acquire({ receivedAt: now() });
    await eventually(async () => (await house.db.selectFrom('lead').select('stage').where('id', '=', leadId).executeTakeFirstOrThrow()).stage === 'active');
    await house.db.transaction().execute(async (tx) => {
      const consent = { channel: 'call', purpose: 'marketing', obtainedAt: now(), expiresAt: null, grade: 'express' } as const;
      await recordConsent(tx, house.vault, (await lockLead(tx, leadId)) as LockedLead, consent, now());
    });
    expect(await house.db.selectFrom('webhook_delivery').selectAll().where('lead_id', '=', leadId).execute()).toEqual([]);
  });
});
