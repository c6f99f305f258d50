import {
  allHandlersFinished, condition, continueAsNew, proxyActivities, setCurrentDetails, setDefaultSignalHandler, workflowInfo,
} from '@temporalio/workflow';
import type { WebhookActivities } from '../activities/webhook-delivery.ts';
import { endpointCard, type DeliveryPass } from '../domain/endpoint-card.ts';
import { webhookTaskQueue } from './messages.ts';

/**
 * The deliveries to one endpoint: send what is due, show how it went, sleep until the next attempt or until something happens.
 * What waits is in the database; any signal only says to look, so a lost or doubled one does no harm.
 */
export async function deliverWebhooks(endpointId: string): Promise<void> {
  // Its own queue: servers that hang take slots there, and no review waits. While the database is away it is tried again.
  const { deliverDue } = proxyActivities<WebhookActivities>({
    taskQueue: webhookTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '10m',
    heartbeatTimeout: '12s',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  });
  let stirred = false;
  setDefaultSignalHandler(() => void (stirred = true));

  setCurrentDetails(endpointCard(null));
  for (;;) {
    stirred = false;
    const pass = await deliverDue(endpointId);
    setCurrentDetails(endpointCard(pass));
    if (pass.state === 'ended' && pass.waiting === 0) return;
    await untilDue(pass, () => stirred);

    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof deliverWebhooks>(endpointId);
    }
  }
}

async function untilDue({ nextInMs, failingSince }: DeliveryPass, isStirred: () => boolean): Promise<void> {
  if (nextInMs === 0) return;
  if (nextInMs === null) await condition(isStirred);
  else await condition(isStirred, nextInMs, { summary: failingSince === null ? 'Next attempt' : 'Next attempt at a failing endpoint' });
}
