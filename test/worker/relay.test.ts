import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { newId } from '../../db/ids.ts';
import { outboxBacklog, type Send } from '../../db/outbox.ts';
import { startRelay, type Relay } from '../../worker/relay.ts';
import { castNets, ensureSchedules } from '../../worker/schedules.ts';
import { createSender } from '../../workflows/delivery.ts';
import { importWorkflowId, leadWorkflowId } from '../../workflows/messages.ts';
import { createGate, type Gate } from '../setup/gate.ts';
import { createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';
import { temporalAddress } from '../setup/suite.ts';

let house: House;
let running: RunningWorker;
let gate: Gate;
let connection: Connection;
const relays: Relay[] = [];

beforeAll(async () => {
  house = await createHouse();
  running = await runWorker(house);
  gate = await createGate(temporalAddress());
  connection = Connection.lazy({ address: gate.address });
});

afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
});

afterAll(async () => {
  await connection.close();
  await gate.close();
  await running.stop();
  await house.close();
});

function relay(send: Send = createSender(new Client({ connection }).workflow, running.taskQueue)): void {
  relays.push(startRelay({ db: house.db, send, now: () => new Date(), log: pino({ level: 'silent' }), rate: 200, rateDuringImport: 2 }));
}

const emptied = () =>
  eventually(async () => {
    const { urgent, bulk } = await outboxBacklog(house.db);
    return urgent + bulk === 0;
  });
const allReviewed = (leadIds: string[]) =>
  eventually(async () => {
    const rows = await house.db.selectFrom('lead').select(['id', 'stage']).where('id', 'in', leadIds).execute();
    return rows.every(({ stage }) => stage === 'active');
  });

describe('the relay', () => {
  it('has jobs that somebody waits for go before all the leads that wait already', async () => {
    const client = new Client({ connection });
    const taskQueue = `crowded-${randomUUID()}`;
    const leads = await Promise.all(Array.from({ length: 120 }, () => house.acquire()));
    relay(createSender(client.workflow, taskQueue));
    expect(await emptied()).toBe(true);
    const subject = newId();
    const start = { workflow: 'import', signal: 'start', said: null, lead: null, release: null } as const;
    await createSender(client.workflow, taskQueue)({ id: 0n, subject, factId: subject, attempts: 0, ...start });

    const crowded = await runWorker(house, undefined, taskQueue);
    const begun = async (workflowId: string) => {
      const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
      const first = events?.find(({ workflowTaskStartedEventAttributes }) => workflowTaskStartedEventAttributes);
      return first?.eventTime ? Number(first.eventTime.seconds) * 1e9 + Number(first.eventTime.nanos) : undefined;
    };
    const served = await eventually(() => begun(importWorkflowId(subject)));
    expect(await allReviewed(leads.map(({ leadId }) => leadId))).toBe(true);
    const begunAt = await Promise.all(leads.map(({ leadId }) => begun(leadWorkflowId(leadId))));
    const earlier = begunAt.filter((at) => Number(at) < Number(served));
    await crowded.stop();
    expect(earlier.length).toBeLessThan(leads.length / 2);
  });

  it('carries every lead to its workflow, also when there are two of it', async () => {
    const leads = await Promise.all(Array.from({ length: 30 }, () => house.acquire()));
    relay();
    relay();
    expect(await emptied()).toBe(true);
    expect(await allReviewed(leads.map(({ leadId }) => leadId))).toBe(true);
  });

  it('lets intake go on while Temporal is away, and delivers everything afterwards', async () => {
    gate.shut();
    relay();
    const leads = await Promise.all(Array.from({ length: 10 }, () => house.acquire()));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await outboxBacklog(house.db)).urgent).toBe(10);
    gate.open();
    expect(await emptied()).toBe(true);
    expect(await allReviewed(leads.map(({ leadId }) => leadId))).toBe(true);
  });

  it('delivers again what a dead relay had sent and not yet settled, and the lead is none the worse', async () => {
    const { leadId } = await house.acquire();
    const send = createSender(running.client.workflow, running.taskQueue);
    const dying: Send = async (message) => {
      await send(message);
      throw new Error('killed between delivery and commit');
    };
    const { deliverSubject } = await import('../../db/outbox.ts');
    await expect(deliverSubject(house.db, leadId, new Date(), dying)).rejects.toThrow('killed');
    relay();
    expect(await emptied()).toBe(true);
    expect(await allReviewed([leadId])).toBe(true);
    // A signal that comes in while the workflow is at work is in its history only when that is done.
    const signals = await eventually(async () => {
      const { events } = await running.client.workflow.getHandle(leadWorkflowId(leadId)).fetchHistory();
      const found = events?.filter((event) => event.workflowExecutionSignaledEventAttributes) ?? [];
      return found.length > 0 && found;
    });
    expect(signals).toHaveLength(1);
  });

  it('takes its time with bulk messages while an import is written', async () => {
    const id = newId();
    await house.db
      .insertInto('import')
      .values({ id, source_id: 'spring-fair', format: 'csv', parameters: '{}', state: 'running', sha256: 'x', size_bytes: 1n, received_at: new Date(), duplicate_of: null, started_at: null, finished_at: null, rows_total: null, problem: null } as never)
      .execute();
    const leads = await Promise.all(Array.from({ length: 20 }, () => house.acquire()));
    await house.db.updateTable('outbox').set({ lane: 1 }).execute();
    relay();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect((await outboxBacklog(house.db)).bulk).toBeGreaterThan(10);
    await house.db.deleteFrom('import').where('id', '=', id).execute();
    expect(await emptied()).toBe(true);
    expect(await allReviewed(leads.map(({ leadId }) => leadId))).toBe(true);
  });
});

describe('the reconciliation schedule', () => {
  it('is made once, pokes a lead whose workflow was lost, and is run when a worker starts unless it is paused', async () => {
    await ensureSchedules(running.client, running.taskQueue);
    await ensureSchedules(running.client, running.taskQueue);
    const { leadId } = await house.acquire();
    relay();
    await allReviewed([leadId]);
    await running.client.workflow.getHandle(leadWorkflowId(leadId)).terminate('lost');
    await house.db.updateTable('lead').set({ next_review_at: new Date(Date.now() - 3_600_000), reviewed_at: null }).where('id', '=', leadId).execute();
    const schedule = running.client.schedule.getHandle(`reconciliation/${running.taskQueue}`);
    await schedule.trigger();
    const runsAgain = await eventually(async () => {
      const { status } = await running.client.workflow.getHandle(leadWorkflowId(leadId)).describe();
      return status.name === 'RUNNING';
    });
    const runs = async () => (await schedule.describe()).info.numActionsTaken;
    const before = await runs();
    await schedule.pause();
    await castNets(running.client, running.taskQueue);
    await schedule.unpause();
    await castNets(running.client, running.taskQueue);
    expect(await eventually(async () => (await runs()) > before && (await runs()) - before)).toBe(1);
    await schedule.delete();
    for (const other of ['listWatch', 'retentionSweep']) await running.client.schedule.getHandle(`${other}/${running.taskQueue}`).delete();
    expect(runsAgain).toBe(true);
  });
});
