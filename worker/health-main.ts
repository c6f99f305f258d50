import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import { loadConfig, temporalConnectionOptions } from '../config.ts';

/** A poll waits a minute for work before it is renewed. */
const RECENT_MS = 150_000;

// Ends with 0 when a worker of this machine has lately asked Temporal for work: the health check of its container.
const config = loadConfig();
const connection = await Connection.connect({ ...temporalConnectionOptions(config), connectTimeout: '5s' });
const { pollers } = await connection.workflowService.describeTaskQueue({
  namespace: config.temporal.namespace,
  taskQueue: { name: config.temporal.taskQueue },
});
const works = pollers.some(({ identity, lastAccessTime }) =>
  identity?.endsWith(`@${hostname()}`) && Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1000 < RECENT_MS);
process.exit(works ? 0 : 1);
