import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { RECONCILIATION_WORKFLOW } from '../workflows/messages.ts';

/** Makes the schedules that the house relies on, once; one that exists is left as its operators have set it. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  await client.schedule
    .create({
      scheduleId: `${RECONCILIATION_WORKFLOW}/${taskQueue}`,
      spec: { intervals: [{ every: '5m' }], jitter: '30s' },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
      action: {
        type: 'startWorkflow',
        workflowType: RECONCILIATION_WORKFLOW,
        workflowId: `${RECONCILIATION_WORKFLOW}/${taskQueue}`,
        taskQueue,
        staticSummary: 'Safety net: pokes what should have moved and did not',
        args: [],
      },
    })
    .catch((error: unknown) => {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    });
}
