import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { currentListWarnings } from '../../db/list-warnings.ts';
import { readListCounts } from '../../db/list-counts.ts';
import { ensureSchedules } from '../../worker/schedules.ts';
import { LIST_WATCH_WORKFLOW } from '../../workflows/messages.ts';
import { putList } from '../api/list-history.ts';
import { SOURCE, createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';

const DAY_MS = 86_400_000;
const START = new Date('2026-11-24T12:00:00Z');

let house: House;
let running: RunningWorker;
let now = START;

beforeAll(async () => {
  house = await createHouse();
  running = await runWorker(house, () => now);
  await putList(house.db, 'us-federal', 'US', [{ asOf: new Date(START.getTime() - 23.9 * DAY_MS), numbers: 10 }]);
  await putList(house.db, 'gb-tps', 'GB', []);
});

afterAll(async () => {
  await running.stop();
  await house.close();
});

let nth = 0;

async function watch(): Promise<string> {
  const workflowId = `${LIST_WATCH_WORKFLOW}/${running.taskQueue}/${++nth}`;
  const handle = await running.client.workflow.start(LIST_WATCH_WORKFLOW, { taskQueue: running.taskQueue, workflowId, args: [] });
  await handle.result();
  const { currentDetails = '' } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  if (process.env.RECORD_HISTORIES) {
    await writeFile(join(import.meta.dirname, 'histories/list-watch.json'), `${historyToJSON(await handle.fetchHistory())}\n`);
  }
  return currentDetails;
}

const warned = async () => (await currentListWarnings(house.db)).map(({ list, kind }) => `${kind} ${list}`);

describe('the watch over the lists', () => {
  it('says nothing of a list that is fresh for more than seven days', async () => {
    expect(await watch()).toBe([
      '### 1 of 2 lists hold calls up', '',
      '#### Required, and never loaded: calls that need them are on hold', '- **gb-tps**', '',
      '#### Fresh', '- **us-federal**, as of 2026-10-31 14:24 UTC, fresh until 2026-12-01 14:24 UTC',
    ].join('\n'));
    expect([await warned(), house.logged]).toEqual([[], []]);
  });

  it('says once that a list goes stale soon: as a fact, in the log and to whoever looks', async () => {
    now = new Date(START.getTime() + 0.2 * DAY_MS);
    expect(await watch()).toContain('#### Said for the first time\n- list.stale-soon us-federal\n\n');
    expect(await warned()).toEqual(['list.stale-soon us-federal']);
    expect(house.logged.map((line) => JSON.parse(line))).toMatchObject([
      { level: 40, event: 'list.stale-soon', list: 'us-federal', staleAt: '2026-12-01T14:24:00.000Z' },
    ]);
    expect(await watch()).not.toContain('first time');
    expect(house.logged).toHaveLength(1);
  });

  it('and once more when it is', async () => {
    now = new Date(START.getTime() + 8 * DAY_MS);
    const details = await watch();
    expect(details).toContain('### 2 of 2 lists hold calls up');
    expect(details).toContain('- **us-federal**, as of 2026-10-31 14:24 UTC, too old since 2026-12-01 14:24 UTC');
    await watch();
    expect(await warned()).toEqual(['list.stale-soon us-federal', 'list.stale us-federal']);
    expect(house.logged).toHaveLength(2);
  });

  it('counts the leads on lists where something has changed', async () => {
    await house.acquire();
    expect(await watch()).toContain('The leads on lists have been counted anew, by source.');
    expect(await readListCounts(house.db)).toMatchObject([{ list: 'gb-tps', source: SOURCE.id, leads: 1, listed: 0 }, { list: 'us-federal', leads: 1, listed: 0 }]);
    expect(await watch()).not.toContain('counted anew');
  });

  it('is on a schedule, which is made once', async () => {
    await ensureSchedules(running.client, running.taskQueue);
    await ensureSchedules(running.client, running.taskQueue);
    const handle = running.client.schedule.getHandle(`${LIST_WATCH_WORKFLOW}/${running.taskQueue}`);
    await handle.trigger();
    const ran = await eventually(async () => (await handle.describe()).info.recentActions.length > 0);
    expect(ran).toBe(true);
    await handle.delete();
    for (const other of ['reconciliation', 'retentionSweep']) {
      await running.client.schedule.getHandle(`${other}/${running.taskQueue}`).delete();
    }
  });
});
