import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { BACKUP_EXPIRY_WORKFLOW, BACKUP_TEST_WORKFLOW, BACKUP_WORKFLOW } from '../workflows/messages.ts';

const SCHEDULES = [
  { workflow: BACKUP_WORKFLOW, cron: '30 2 * * *', summary: 'Backup of the store' },
  { workflow: BACKUP_TEST_WORKFLOW, cron: '30 4 * * 0', summary: 'Test restore of the newest backup' },
  { workflow: BACKUP_EXPIRY_WORKFLOW, cron: '5 * * * *', summary: 'Removal of backups past their time' },
] as const;

/**
 * Makes the schedules of backups, once: daily, a test restore every week, and every hour a look for those past their time; what
 * operators did to them stays.
 */
export async function ensureBackupSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const { workflow, cron, summary } of SCHEDULES) {
    await client.schedule
      .create({
        scheduleId: `${workflow}/${taskQueue}`,
        spec: { cronExpressions: [cron], jitter: '10m' },
        // A backup that was missed is made up for.
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '12h' },
        action: {
          type: 'startWorkflow', workflowType: workflow, workflowId: `${workflow}/${taskQueue}`, taskQueue, staticSummary: summary, args: [],
        },
      })
      .catch((error: unknown) => {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      });
  }
}
