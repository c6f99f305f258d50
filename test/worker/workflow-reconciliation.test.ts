import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { deliverSubject } from '../../db/outbox.ts';
import { reconcileWorkflows } from '../../worker/workflow-reconciliation.ts';
import { createSender } from '../../workflows/delivery.ts';
import { leadWorkflowId } from '../../workflows/messages.ts';
import { createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';

let house: House;
let restored: House;
let running: RunningWorker;
beforeAll(async () => {
  [house, restored] = await Promise.all([createHouse(), createHouse()]);
  running = await runWorker(house);
});
afterAll(async () => {
  await running.stop();
  await Promise.all([house.close(), restored.close()]);
});

it('a store that was restored leaves the workflows of another house alone, whose Temporal was named by mistake', async () => {
  const leads = await Promise.all([house.acquire(), house.acquire()]);
  const send = createSender(running.client.workflow, running.taskQueue);
  for (const { leadId } of leads) await deliverSubject(house.db, leadId, new Date(), send);
  const query = `WorkflowType = "leadLifecycle" AND ExecutionStatus = "Running" AND TaskQueue = "${running.taskQueue}"`;
  expect(await eventually(async () => (await running.client.workflow.count(query)).count === 2)).toBe(true);
  await restored.acquire();
  expect(await reconcileWorkflows(running.client, restored.db, running.taskQueue)).toBeNull();
  for (const { leadId } of leads) {
    expect((await running.client.workflow.getHandle(leadWorkflowId(leadId)).describe()).status.name).toBe('RUNNING');
  }
  expect(await reconcileWorkflows(running.client, house.db, running.taskQueue)).toEqual({ looked: 2, ended: 0, told: 0 });
});

it('a Temporal without workflows agrees with every store', async () => {
  expect(await reconcileWorkflows(running.client, restored.db, 'nobody-works-here')).toEqual({ looked: 0, ended: 0, told: 0 });
});
