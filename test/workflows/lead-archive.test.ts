import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { newId } from '../../db/ids.ts';
import { deliverSubject, tellLeads } from '../../db/outbox.ts';
import { createSender } from '../../workflows/delivery.ts';
import { leadWorkflowId } from '../../workflows/messages.ts';
import { hotRows, placeOf, quietLead } from '../endings/archive-house.ts';
import { retrieve } from '../endings/retrieving.ts';
import { createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';

const HISTORY = join(import.meta.dirname, 'histories', 'archive-and-back.json');

let house: House;
let running: RunningWorker;
beforeAll(async () => {
  house = await createHouse();
  running = await runWorker(house);
});
afterAll(async () => {
  await running.stop();
  await house.close();
});

const handleOf = (leadId: string) => running.client.workflow.getHandle(leadWorkflowId(leadId));
const deliver = (leadId: string) =>
  deliverSubject(house.db, leadId, new Date(), createSender(running.client.workflow, running.taskQueue));
const stageOf = async (leadId: string) => {
  return (await house.db.selectFrom('lead').select('stage').where('id', '=', leadId).executeTakeFirstOrThrow()).stage;
};
const becomes = async (leadId: string, stage: string) => {
  expect(await eventually(async () => (await stageOf(leadId)) === stage)).toBe(true);
};
const cardOf = async (leadId: string) => {
  return (await handleOf(leadId).query<{ currentDetails?: string }>('__temporal_workflow_metadata')).currentDetails ?? '';
};

async function tell(leadId: string): Promise<void> {
  await house.db.transaction().execute((tx) => tellLeads(tx, [leadId], { signal: 'lifecycleChanged', factId: newId() }, new Date()));
  await deliver(leadId);
}

describe('the life of a lead that falls silent', () => {
  // RECORD_HISTORIES=1 npm test -- test/workflows/lead-archive writes it down anew: do so only for a change that is versioned.
  it('goes on in the archive, comes back for a retrieval, and returns when its time is over', async () => {
    const leadId = await quietLead(house, { subject: { name: 'Quirina Canary', email: 'quirina.canary@example.com' } });
    const rows = await hotRows(house, leadId);
    await deliver(leadId);
    await becomes(leadId, 'archived');
    expect(await placeOf(house, house.archive, leadId)).toEqual({ place: 'archive', rows });
    expect(await eventually(async () => (await cardOf(leadId)).includes('Archived on'))).toBe(true);

    const id = await retrieve(house, leadId, new Date(Date.now() + 4_000));
    await tell(leadId);
    await becomes(leadId, 'active');
    expect(await placeOf(house, house.archive, leadId)).toEqual({ place: 'hot', rows });
    expect(await cardOf(leadId)).toContain('back from the archive until');
    await becomes(leadId, 'archived');
    expect(await placeOf(house, house.archive, leadId)).toEqual({ place: 'archive', rows });
    const retrieval = await house.db.selectFrom('retrieval').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect(retrieval.returned_at!.getTime()).toBeGreaterThanOrEqual(retrieval.until!.getTime());

    const history = await handleOf(leadId).fetchHistory();
    if (process.env.RECORD_HISTORIES) await writeFile(HISTORY, `${historyToJSON(history)}\n`);
    expect(history.events?.length).toBeLessThanOrEqual(40);
    const text = JSON.stringify(history);
    const readable = text + text.replace(/"data":"([A-Za-z0-9+/=]+)"/g, (_, data: string) => Buffer.from(data, 'base64').toString());
    for (const value of ['Quirina', 'canary']) expect(readable.toLowerCase()).not.toContain(value.toLowerCase());
  });

  it('waits for a store that is away, and says so', async () => {
    house.archive.isDown = true;
    const leadId = await quietLead(house);
    await deliver(leadId);
    expect(await eventually(async () => (await cardOf(leadId)).includes('**Waits for:** archive.'))).toBe(true);
    expect(await stageOf(leadId)).toBe('active');
    house.archive.isDown = false;
    await tell(leadId);
    await becomes(leadId, 'archived');
    expect((await handleOf(leadId).describe()).status.name).toBe('RUNNING');
  });
});
