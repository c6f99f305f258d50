import { DefaultLogger } from '@temporalio/worker';
import type { Logger } from 'pino';

/** Said of every worker that only runs activities, as those of deliveries and of questions do on purpose. */
const ON_PURPOSE = 'No workflows registered, not polling for workflow tasks';

/** Where the Temporal SDK's warnings and errors go: to the process's log, without what it says of queues in `activitiesOnly`. */
export function sdkLogger(log: Logger, activitiesOnly: readonly string[]): DefaultLogger {
  return new DefaultLogger('WARN', ({ level, message, meta }) => {
    if (message === ON_PURPOSE && activitiesOnly.includes(String(meta?.taskQueue))) return;
    log.warn({ level }, message);
  });
}
