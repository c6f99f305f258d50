import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

const { reconcile } = proxyActivities<Activities>({ startToCloseTimeout: '5m', retry: { maximumAttempts: 3 } });

/** The safety net, run by a schedule: whoever should have been looked at and was not is looked at, or poked. */
export async function reconciliation(): Promise<void> {
  const found = await reconcile();
  setCurrentDetails(
    [
      `- ${found.overdueLeads} leads were due for a review and have been reviewed; the workflows of ${found.toldLeads ?? 0} had to hear of it`,
      `- ${found.overdueDisposals ?? 0} disposals were overdue and are gone on with`,
      `- ${found.stuckMessages} messages had been waiting too long and are tried again at once`,
      `- ${found.overdueEndpoints ?? 0} webhook endpoints had something due and have been poked`,
      `- ${found.overdueRequests ?? 0} requests of persons were overdue for a look and have been poked`,
      `- ${found.forgottenDeliveries ?? 0} deliveries of webhooks were older than 30 days and are forgotten`,
      `- ${found.settledStatements ?? 0} events of webhooks had come in the moment in which their person was acquired, and are done now`,
      `- ${found.forgottenAnswers} remembered answers of repeated requests were past their day and are forgotten`,
    ].join('\n'),
  );
}
