import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { newId } from '../../db/ids.ts';
import { deliverSubject, tellLeads } from '../../db/outbox.ts';
import type { LeadSignal } from '../../domain/lead.ts';
import { reviewLead } from '../../gate/lead-review.ts';
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

  /** Word that says what it means, as the processes of the product send it. */
  const deliver = (leadId: string) => {
    const now = () => new Date(Date.now() + passed);
    const send = createSender(running.client.workflow, running.taskQueue, (id) => reviewLead(house.db, id, now));
    return deliverSubject(house.db, leadId, new Date(), send);
  };

  /** Leaves word and waits until the workflow has heard it. */
  async function happens(leadId: string, signal: LeadSignal): Promise<void> {
    const handle = running.client.workflow.getHandle(leadWorkflowId(leadId));
    const wakes = async () => {
      const { events } = await handle.fetchHistory();
      return (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes).length;
    };
    const before = await wakes();
    await house.db.transaction().execute((tx) => tellLeads(tx, [leadId], { signal, factId: newId() }, new Date()));
    await deliver(leadId);
    await eventually(async () => (await wakes()) > before);
  }

  async function begin(): Promise<string> {
    const { leadId } = await house.acquire();
    await deliver(leadId);
    const handle = running.client.workflow.getHandle(leadWorkflowId(leadId));
    await eventually(async () => (await handle.fetchHistory()).events?.some((event) => event.timerStartedEventAttributes));
    return leadId;
  }

  /** The last look says that it is over, the disposal is done, and another one finds the lead gone: one event. */
  async function end(leadId: string, record: string): Promise<string[]> {
    const handle = running.client.workflow.getHandle(leadWorkflowId(leadId));
    await happens(leadId, 'lifecycleChanged');
    const disposal = await house.db.selectFrom('disposal').select('id').where('lead_id', '=', leadId).executeTakeFirstOrThrow();
    expect(await handle.result()).toEqual({ stage: 'disposed', certificateId: disposal.id });
    const history = historyToJSON(await handle.fetchHistory());
    if (process.env.RECORD_HISTORIES) await writeFile(join(FOLDER, `${record}.json`), `${history}\n`);
    const { events } = JSON.parse(history) as { events: { eventType: string }[] };
    return events.map(({ eventType }) => eventType.replace('EVENT_TYPE_', ''));
  }

  // RECORD_HISTORIES=1 npm test -- test/workflows/histories writes them down anew: do so only for a change that is versioned.
  it('of an acquisition, three outcomes, archival and disposal is at most 40 events and 12 actions', async () => {
    const leadId = await begin();
    for (const outcome of ['no_answer', 'busy', 'answered'] as const) {
      const at = new Date();
      await house.db.insertInto('contact').values({
        id: newId(), lead_id: leadId, clearance_id: null, channel: 'call', purpose: 'marketing', campaign: null, seller: null, outcome,
        started_at: at, ended_at: at, received_at: at, caller_id: null, agent: null, reference: null,
      }).execute();
      await happens(leadId, 'outcomeRecorded');
    }
    await house.db.updateTable('lead').set({ archived_at: new Date() }).where('id', '=', leadId).execute();
    await happens(leadId, 'lifecycleChanged');
    passed = 6 * 366 * 86_400_000;
    const events = await end(leadId, 'three-outcomes');
    expect(events.length).toBeLessThanOrEqual(40);
    expect(events.filter(isBilled).length).toBeLessThanOrEqual(12);
  });

  it('of an acquisition and, after half a year without any contact, disposal is at most 6 actions', async () => {
    passed = 0;
    const leadId = await begin();
    passed = 200 * 86_400_000;
    expect((await end(leadId, 'never-contacted')).filter(isBilled).length).toBeLessThanOrEqual(6);
  });
});

/** Each is one action; that local activities of one task are one together, nobody needs here. */
function isBilled(type: string): boolean {
  return /^(WORKFLOW_EXECUTION_(STARTED|SIGNALED)|TIMER_STARTED|UPSERT_WORKFLOW_SEARCH_ATTRIBUTES|ACTIVITY_TASK_SCHEDULED|MARKER_RECORDED)$/.test(type);
}
