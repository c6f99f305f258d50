import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { readBackupWatch } from '../../db/backup-watch.ts';
import type { BackupReport, ExpiryReport } from '../../domain/backup-card.ts';
import { ensureBackupSchedules } from '../../worker/backup-schedules.ts';
import { BACKUP_EXPIRY_WORKFLOW, BACKUP_TEST_WORKFLOW, BACKUP_WORKFLOW } from '../../workflows/messages.ts';
import { createHouse, runWorker, type House, type RunningWorker } from '../setup/house.ts';

let house: House;
let running: RunningWorker;

beforeAll(async () => {
  house = await createHouse();
  running = await runWorker(house);
  for (let n = 0; n < 5; n += 1) await house.acquire({ subject: { name: 'Ada Lovelace' } });
});

afterAll(async () => {
  await running.stop();
  await house.close();
});

async function run(workflow: string, file: string): Promise<{ report: unknown; card: string }> {
  const handle = await running.client.workflow.start(workflow, { taskQueue: running.taskQueue, workflowId: `${workflow}/${running.taskQueue}`, args: [] });
  const report: unknown = await handle.result();
  const { currentDetails = '' } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  const history = await handle.fetchHistory();
  expect(historyToJSON(history)).not.toContain('Lovelace');
  // RECORD_HISTORIES=1 npm test -- test/workflows/backup writes them down anew: do so only for a change that is versioned.
  if (process.env.RECORD_HISTORIES) await writeFile(join(import.meta.dirname, 'histories', file), `${historyToJSON(history)}\n`);
  return { report, card: currentDetails };
}

describe('backups by workflow', () => {
  it('say what they hold and how long they took', async () => {
    const { report: found, card } = await run(BACKUP_WORKFLOW, 'backup.json');
    const report = found as BackupReport;
    expect(report.rows).toBeGreaterThan(5);
    expect(card).toContain(`### done\n\n**${report.name}** shows the database as of **${report.takenAt}**`);
  });

  it('are tried out', async () => {
    const { report, card } = await run(BACKUP_TEST_WORKFLOW, 'backup-test.json');
    expect(report).toMatchObject({ opened: 5 });
    expect(card).toContain('### it can be restored');
  });

  it('are looked through for those past their time, and what is found is put down', async () => {
    const { report, card } = await run(BACKUP_EXPIRY_WORKFLOW, 'backup-expiry.json');
    expect(report).toMatchObject({ dropped: 0, overdue: 0, newestAt: expect.any(String) });
    expect(card).toContain('### no backup is past its time');
    expect(await readBackupWatch(house.db)).toMatchObject({ overdue: 0, newestAt: new Date((report as ExpiryReport).newestAt ?? '') });
  });

  it('are on schedules, which are made once', async () => {
    await ensureBackupSchedules(running.client, running.taskQueue);
    await ensureBackupSchedules(running.client, running.taskQueue);
    for (const workflow of [BACKUP_WORKFLOW, BACKUP_TEST_WORKFLOW, BACKUP_EXPIRY_WORKFLOW]) {
      const handle = running.client.schedule.getHandle(`${workflow}/${running.taskQueue}`);
      expect((await handle.describe()).action).toMatchObject({ workflowType: workflow });
      await handle.delete();
    }
  });
});
