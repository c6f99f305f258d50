import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ASKED_ABOUT, p99Beside, type Work } from './beside.ts';
import { openClearanceStore, type ClearanceStore } from './clearance-store.ts';
import type { Figure, Measurement } from './harness.ts';
import { writeLeadFile } from './lead-file.ts';
import { fullFile } from './release-file.ts';

/** More than can be done while the questions are asked. */
const ROWS = 300_000;
const NUMBERS = 30_000_000;

/** How long the slowest clearances take while a file is imported, and while a list is loaded, against the same in peace. */
export const p8: Measurement = {
  id: 'P8',
  title: 'p99 of clearances beside an import and beside a release of a list, against the same in peace',
  async measure() {
    const figures: Figure[] = [];
    for (const workOf of [importing, releasing]) {
      const store = await openClearanceStore(ASKED_ABOUT);
      try {
        figures.push(...await p99Beside(store, workOf(store)));
      } finally {
        await store.close();
      }
    }
    return figures;
  },
};

/** A file of leads, another for each round, as a worker imports it. */
function importing({ url, places: { folder, keyFolder } }: ClearanceStore): Work {
  let seed = 0;
  const path = join(folder, 'leads.csv');
  return {
    name: 'import',
    prepare: () => writeLeadFile(path, ROWS, seed += 1),
    run: (signal) => untilStopped('import-child.ts', [url, keyFolder, join(folder, 'home', 'uploads'), path], signal),
  };
}

/** A full file of a registry, as a worker loads it; broken off each time, so that the release in force stays. */
function releasing({ url, places: { folder, keyFolder } }: ClearanceStore): Work {
  const path = join(folder, 'numbers.txt');
  let written: Promise<void> | undefined;
  return {
    name: 'release',
    prepare: () => (written ??= fullFile(NUMBERS).write(path)),
    run: (signal) => untilStopped('release-child.ts', [url, keyFolder, folder, path], signal),
  };
}

/** Runs a program of ours beside, as what it stands for has a process of its own, and ends it when told to. */
async function untilStopped(program: string, parameters: string[], signal: AbortSignal): Promise<void> {
  const child = fork(join(import.meta.dirname, program), parameters, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  signal.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  await ended(child, signal);
}

async function ended(child: ChildProcess, signal: AbortSignal): Promise<void> {
  const [code] = await once(child, 'exit') as [number | null];
  if (!signal.aborted && code !== 0) throw new Error(`what was to go on beside ended with code ${code}`);
}
