import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { newId } from '../../db/ids.ts';
import { deliverSubject, tellLeads } from '../../db/outbox.ts';
import type { LeadSignal } from '../../domain/lead.ts';
import { createSender } from '../../workflows/delivery.ts';
import { leadWorkflowId } from '../../workflows/messages.ts';
import { createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';
import { workflowBundlePath } from '../setup/suite.ts';

const FOLDER = join(import.meta.dirname, 'histories');

describe('workflow code', () => {
  it('replays every history that was committed, so that running leads survive a deployment', async () => {
    const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const history: unknown = JSON.parse(await readFile(join(FOLDER, file), 'utf8'));
      await Worker.runReplayHistory({ workflowBundle: { codePath: workflowBundlePath() } }, history);
    }
  });

  it('does not replay a history whose timer it would not start', async () => {
    const history = JSON.parse(await readFile(join(FOLDER, 'whole-life.json'), 'utf8')) as { events: { eventType: string }[] };
    const timer = history.events.find((event) => event.eventType === 'EVENT_TYPE_TIMER_STARTED');
    if (!timer) throw new Error('the history has a timer');
    timer.eventType = 'EVENT_TYPE_ACTIVITY_TASK_SCHEDULED';
    await expect(Worker.runReplayHistory({ workflowBundle: { codePath: workflowBundlePath() } }, history)).rejects.toThrow();
  });
});

describe('a whole life', () => {
  let house: House;
  let running: RunningWorker;
  /** How far the clock of the activities is ahead. */
  let passed = 0;

  beforeAll(async () => {
    house = await createHouse();
    running = await runWorker(house, () => new Date(Date.now() + passed));
  });

  afterAll(async () => {
    await running.stop();
    await house.close();
  });

  // RECORD_HISTORIES=1 npm test -- test/workflows/histories writes it down anew: do so only for a change that is versioned.
  it('of an acquisition, three outcomes, archival and disposal is at most 40 events', async () => {
    const { leadId } = await house.acquire();
    const handle = running.client.workflow.getHandle(leadWorkflowId(leadId));
    const reviews = async () => {
      const { events } = await handle.fetchHistory();
      return (events ?? []).filter((event) => event.markerRecordedEventAttributes).length;
    };
    const happens = async (signal: LeadSignal, nth: number) => {
      await house.db.transaction().execute((tx) => tellLeads(tx, [leadId], { signal, factId: newId() }, new Date()));
      await deliverSubject(house.db, leadId, new Date(), createSender(running.client.workflow, running.taskQueue));
      await eventually(async () => (await reviews()) === nth);
    };
    await deliverSubject(house.db, leadId, new Date(), createSender(running.client.workflow, running.taskQueue));
    await eventually(async () => (await reviews()) === 1);
    for (const [index, outcome] of (['no_answer', 'busy', 'answered'] as const).entries()) {
      const at = new Date();
      await house.db.insertInto('contact').values({
        id: newId(), lead_id: leadId, clearance_id: null, channel: 'call', purpose: 'marketing', campaign: null, seller: null, outcome,
        started_at: at, ended_at: at, received_at: at, caller_id: null, agent: null, reference: null,
      }).execute();
      await happens('outcomeRecorded', index + 2);
    }
    await house.db.updateTable('lead').set({ archived_at: new Date() }).where('id', '=', leadId).execute();
    await happens('lifecycleChanged', 5);
    passed = 6 * 366 * 86_400_000;
    // One look says that it is over, the disposal is done, and another one finds the lead gone: one event.
    await happens('lifecycleChanged', 6);
    const disposal = await house.db.selectFrom('disposal').select('id').where('lead_id', '=', leadId).executeTakeFirstOrThrow();
    expect(await handle.result()).toEqual({ stage: 'disposed', certificateId: disposal.id });
    const history = await handle.fetchHistory();
    if (process.env.RECORD_HISTORIES) await writeFile(join(FOLDER, 'three-outcomes.json'), `${historyToJSON(history)}\n`);
    expect(history.events?.length).toBeLessThanOrEqual(40);
  });
});
