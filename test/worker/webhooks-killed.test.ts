import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { newId } from '../../db/ids.ts';
import { publish } from '../../db/subscriber-events.ts';
import { createEndpoint, endEndpoint, requireLiveEndpoint } from '../../intake/webhook-endpoints.ts';
import { endpointWorkflowId } from '../../workflows/messages.ts';
import { startReceiver, type Receiver } from '../activities/webhook-receiver.ts';
import { createHouse, eventually, type House } from '../setup/house.ts';
import { runFolder, temporalAddress, workflowBundlePath } from '../setup/suite.ts';

const WORKER = join(import.meta.dirname, '../../worker/main.ts');
const KILLS = 3;
const LEADS = 20;
const EVENTS_OF_EACH = 30;
/** Every worker gets so many answers; then it is caught in the middle. */
const ANSWERS_OF_EACH = 100;

let house: House;
let receiver: Receiver;
beforeAll(async () => {
  house = await createHouse();
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await house.close();
});

async function startWorker(taskQueue: string): Promise<ChildProcess> {
  const env = {
    ...process.env, LEADWARDEN_HOME: join(runFolder(), 'webhooks-killed'), LEADWARDEN_KEYS: house.keyFolder, LEADWARDEN_LISTS: house.listFolder,
    DATABASE_URL: house.url, TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_TASK_QUEUE: taskQueue,
    WORKFLOW_BUNDLE: workflowBundlePath(), WEBHOOK_PRIVATE: 'yes', LOG_LEVEL: 'error',
  };
  const worker = fork(WORKER, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(worker, 'message');
  return worker;
}

async function end(worker: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  worker.kill(signal);
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
}

const waiting = async () => {
  const { count } = await house.db.selectFrom('webhook_delivery').select((eb) => eb.fn.countAll<bigint>().as('count')).where('state', '=', 'pending').executeTakeFirstOrThrow();
  return Number(count);
};

describe('deliveries whose worker is killed again and again', () => {
  it('all arrive, in the order of each lead; what arrives twice does so before the next one', async () => {
    const asked = { url: new URL(receiver.url), events: null, description: null, secret: null, by: 'key:test' };
    const { endpoint } = await house.db.transaction().execute((tx) => createEndpoint(tx, house.vault, asked, new Date()));
    const leads = Array.from({ length: LEADS }, newId);
    for (let nth = 0; nth < EVENTS_OF_EACH; nth += 1) {
      await house.db.transaction().execute((tx) => publish(tx, leads.map((leadId) =>
        ({ type: 'lead.acquired' as const, leadId, factId: newId(), at: new Date() })), new Date()));
    }
    let [answered, most] = [0, 0];
    receiver.answer(() => {
      // Whatever comes after so many is under way when the worker is killed, however fast the one and the other are.
      if (answered === most) return 'hangs';
      answered += 1;
      return 204;
    });

    const taskQueue = `webhooks-killed-${randomUUID()}`;
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const before = receiver.received.length;
      most = answered + ANSWERS_OF_EACH;
      const worker = await startWorker(taskQueue);
      expect(await eventually(async () => receiver.received.length > before + ANSWERS_OF_EACH)).toBe(true);
      await end(worker, 'SIGKILL');
    }
    expect(await waiting()).toBeGreaterThan(0);
    most = Infinity;
    const last = await startWorker(taskQueue);
    expect(await eventually(async () => (await waiting()) === 0, 120_000)).toBe(true);
    await house.db.transaction().execute(async (tx) => endEndpoint(tx, await requireLiveEndpoint(tx, endpoint.id), new Date()));
    const connection = await Connection.connect({ address: temporalAddress() });
    await new Client({ connection }).workflow.getHandle(endpointWorkflowId(endpoint.id)).result();
    await connection.close();
    await end(last, 'SIGTERM');

    const rows = await house.db.selectFrom('webhook_delivery').select(['event_id', 'lead_id', 'state']).orderBy('seq').execute();
    expect(rows.every(({ state }) => state === 'delivered')).toBe(true);
    for (const lead of leads) {
      const wanted = rows.filter(({ lead_id }) => lead_id === lead).map(({ event_id }) => event_id);
      const came = receiver.received.filter(({ leadId }) => leadId === lead).map(({ id }) => id);
      expect(came.filter((id, nth) => id !== came[nth - 1])).toEqual(wanted);
    }
    // Some were under way at every kill.
    expect(receiver.received.length).toBeGreaterThan(LEADS * EVENTS_OF_EACH);
  });
});
