import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { findTemporal } from '../local/temporal-binary.ts';
import { startTemporal } from '../local/temporal-server.ts';
import type { Comparison, Race } from './harness.ts';
import { importWholeFile, openImportStore } from './import-store.ts';
import { writeLeadFile } from './lead-file.ts';

const ROWS = 100_000;
const WORKER = join(import.meta.dirname, '../worker/main.ts');

/** An import while relay, worker and Temporal are at work on its leads, against the same import with all of them off. */
export const p3 = {
  id: 'P3',
  title: `import of ${ROWS} rows with Temporal on against off`,
  ratio: 'time',
  target: { atMost: 1.05 },
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openImportStore();
  const file = join(store.folder, 'leads.csv');
  await writeLeadFile(file, ROWS, 3);
  const say = () => undefined;
  const program = await findTemporal({ fallbackFolder: store.folder, say });
  const inFolder = (name: string) => join(store.folder, name);
  const temporal = await startTemporal({ program, log: inFolder('temporal.log'), pidFile: inFolder('temporal.pid'), namespace: 'default' });
  let url = '';
  let worker: ChildProcess | undefined;
  let turn = 0;
  const run = async () => {
    const { state } = await importWholeFile(url, store.keyFolder, inFolder('uploads'), file);
    if (state !== 'completed') throw new Error('the import did not come to its end');
  };
  return {
    subject: run,
    yardstick: run,
    // The subject has every other turn, and starts with the first.
    async reset() {
      await stopWorker(worker);
      url = await store.freshDatabase();
      worker = turn % 2 === 0 ? await startWorker(store.folder, store.keyFolder, url, temporal.address, turn) : undefined;
      turn += 1;
    },
    async close() {
      await stopWorker(worker);
      await temporal.stop();
      await store.close();
    },
  };
}

async function startWorker(home: string, keys: string, url: string, temporal: string, turn: number): Promise<ChildProcess> {
  const env = {
    ...process.env, LEADWARDEN_HOME: home, LEADWARDEN_KEYS: keys, DATABASE_URL: url, TEMPORAL_ADDRESS: temporal,
    TEMPORAL_TASK_QUEUE: `bench-${turn}`, LOG_LEVEL: 'error',
  };
  const worker = fork(WORKER, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(worker, 'message');
  return worker;
}

async function stopWorker(worker: ChildProcess | undefined): Promise<void> {
  if (worker?.exitCode !== null) return;
  worker.kill('SIGTERM');
  await once(worker, 'exit');
}
