import { Worker, type NativeConnection } from '@temporalio/worker';
import { createWebhookActivities, type WebhookDependencies } from '../activities/webhook-delivery.ts';
import { webhookTaskQueue } from '../workflows/messages.ts';

export interface WebhookWorkerOptions extends WebhookDependencies {
  connection: NativeConnection;
  namespace: string;
  /** Of the workflows; that of the deliveries follows from it. */
  taskQueue: string;
}

/** So many endpoints are served at the same time. Most of what a slot does is wait for somebody else's server. */
const ENDPOINTS_AT_ONCE = 1_000;

/** The Temporal worker of the deliveries: servers that hang keep their own slots waiting, and nobody else's. */
export function createWebhookWorker(options: WebhookWorkerOptions): Promise<Worker> {
  const { connection, namespace, taskQueue, ...dependencies } = options;
  return Worker.create({
    connection,
    namespace,
    taskQueue: webhookTaskQueue(taskQueue),
    activities: createWebhookActivities(dependencies),
    maxConcurrentActivityTaskExecutions: ENDPOINTS_AT_ONCE,
    // Deliveries under way go on for a while; what is broken off is sent again with the same id.
    shutdownGraceTime: '10s',
    shutdownForceTime: '20s',
  });
}
