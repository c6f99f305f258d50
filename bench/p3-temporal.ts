import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { findTemporal } from '../local/temporal-binary.ts';
import { startTemporal } from '../local/temporal-server.ts';
import type { Comparison, Race } from './harness.ts';
import { importWholeFile, openImportStore } from './import-store.ts';
import { writeLeadFile } from './lead-file.ts';
import { startWorker, stopWorker } from './worker-child.ts';

const ROWS = 100_000;

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
      const place = { home: store.folder, keys: store.keyFolder, url, temporal: temporal.address, taskQueue: `bench-${turn}` };
      worker = turn % 2 === 0 ? await startWorker(place) : undefined;
      turn += 1;
    },
    async close() {
      await stopWorker(worker);
      await temporal.stop();
      await store.close();
    },
  };
}
