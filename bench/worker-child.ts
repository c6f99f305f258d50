import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const WORKER = join(import.meta.dirname, '../worker/main.ts');

export interface WorkerPlace {
  home: string;
  keys: string;
  url: string;
  temporal: string;
  taskQueue: string;
}

/** A worker as it is deployed, in a process of its own; there when this answers. */
export async function startWorker(place: WorkerPlace, more: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
  const { home, keys, url, temporal, taskQueue } = place;
  const env = {
    ...process.env, LEADWARDEN_HOME: home, LEADWARDEN_KEYS: keys, DATABASE_URL: url, TEMPORAL_ADDRESS: temporal,
    TEMPORAL_TASK_QUEUE: taskQueue, LOG_LEVEL: 'error', ...more,
  };
  const worker = fork(WORKER, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(worker, 'message');
  return worker;
}

export async function stopWorker(worker: ChildProcess | undefined): Promise<void> {
  if (worker?.exitCode !== null) return;
  worker.kill('SIGTERM');
  await once(worker, 'exit');
}
