import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import {
  ASK_AHEAD_WORKFLOW, KEY_ROTATION_WORKFLOW, LIST_WATCH_WORKFLOW, RECONCILIATION_WORKFLOW, RETENTION_SWEEP_WORKFLOW,
} from '../workflows/messages.ts';

const SCHEDULES = [
  { workflow: RECONCILIATION_WORKFLOW, every: '5m', jitter: '30s', summary: 'Safety net: pokes what should have moved and did not' },
  { workflow: LIST_WATCH_WORKFLOW, every: '10m', jitter: '30s', summary: 'Watches how old do-not-call lists become' },
  { workflow: RETENTION_SWEEP_WORKFLOW, every: '1h', jitter: '5m', summary: 'Safety net: leads whose time was over and who were missed' },
  { workflow: ASK_AHEAD_WORKFLOW, every: '1h', jitter: '5m', summary: 'Asks ahead whether numbers were reassigned, as many a day as the settings say' },
  { workflow: KEY_ROTATION_WORKFLOW, every: '1d', jitter: '1h', summary: 'Changes the key-encryption key when it is old enough' },
] as const;

/** Makes the schedules that the house relies on, once; one that exists is left as its operators have set it. */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const { workflow, every, jitter, summary } of SCHEDULES) {
    await client.schedule
      .create({
        scheduleId: `${workflow}/${taskQueue}`,
        spec: { intervals: [{ every }], jitter },
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
        action: {
          type: 'startWorkflow',
          workflowType: workflow,
          workflowId: `${workflow}/${taskQueue}`,
          taskQueue,
          staticSummary: summary,
          args: [],
        },
      })
      .catch((error: unknown) => {
        if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      });
  }
}

const NETS = [RECONCILIATION_WORKFLOW, RETENTION_SWEEP_WORKFLOW];

/**
 * Has the safety nets cast now rather than at their next hour, as every worker that starts asks for: after a standstill, on a
 * restored store and in a rehearsal much is overdue of which no timer knows. One that an operator has paused stays paused.
 */
export async function castNets(client: Client, taskQueue: string): Promise<void> {
  for (const workflow of NETS) {
    const schedule = client.schedule.getHandle(`${workflow}/${taskQueue}`);
    const { state } = await schedule.describe();
    if (!state.paused) await schedule.trigger(ScheduleOverlapPolicy.SKIP);
  }
}
