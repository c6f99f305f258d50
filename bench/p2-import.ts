import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Comparison, Figure, Race } from './harness.ts';
import { importWholeFile, openImportStore, type ImportStore } from './import-store.ts';
import { copyOnServer, exportRows, importTheObviousWay } from './import-yardsticks.ts';
import { writeLeadFile } from './lead-file.ts';

const SEED = 20261122;
/** `--full` takes the sizes that the targets are stated for, and half an hour. */
const FULL = process.argv.includes('--full');
const ROWS = FULL ? 1_000_000 : 100_000;
const OBVIOUS_TURNS = 3;
const CHILD = join(import.meta.dirname, 'import-child.ts');

/**
 * An import from the first byte to the last row, against PostgreSQL alone reading the same finished rows from its disk; then
 * against the import that anybody would write first, and against itself with ten times the rows.
 */
export const p2 = {
  id: 'P2',
  title: `import of ${ROWS} rows against COPY on the server of the same final rows`,
  ratio: 'speed',
  target: { atLeast: 0.5 },
  stretch: { atLeast: 0.75 },
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openImportStore();
  const file = join(store.folder, 'leads.csv');
  await writeLeadFile(file, ROWS, SEED);
  let url = await store.freshDatabase();
  const subject = async () => {
    const { state, rows } = await importWholeFile(url, store.keyFolder, join(store.folder, 'uploads'), file);
    if (state !== 'completed' || rows.read !== ROWS) throw new Error('the import did not come to its end');
  };
  const reset = async () => void (url = await store.freshDatabase());
  await subject();
  await exportRows(url, store.exchange);
  return {
    subject,
    yardstick: () => copyOnServer(url, store.exchange),
    reset,
    checks: async () => {
      const obvious = () => importTheObviousWay(url, store.keyFolder, file);
      return [await compareWithObvious(subject, obvious, reset), ...await compareMemory(store)];
    },
    close: () => store.close(),
  };
}

type Step = () => Promise<void>;

async function compareWithObvious(subject: Step, obvious: Step, reset: Step): Promise<Figure> {
  const ratios: number[] = [];
  for (let turn = 0; turn <= OBVIOUS_TURNS; turn++) {
    const obviously = await secondsOf(obvious, reset);
    ratios.push(obviously / await secondsOf(subject, reset));
  }
  const middle = ratios.slice(1).toSorted((a, b) => a - b)[OBVIOUS_TURNS >> 1] ?? NaN;
  return { name: 'speed against the obvious import', value: middle, unit: 'x', target: { atLeast: 2 } };
}

async function secondsOf(work: Step, reset: Step): Promise<number> {
  await reset();
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function compareMemory(store: ImportStore): Promise<Figure[]> {
  const [some, many] = [await peakOf(store, ROWS), await peakOf(store, ROWS * 10)];
  return [
    { name: 'peak memory', value: some / 2 ** 20, unit: 'MB' },
    { name: 'peak memory of ten times the rows', value: many / some, unit: 'x', target: { atMost: 1.3 } },
  ];
}

async function peakOf(store: ImportStore, rows: number): Promise<number> {
  const path = join(store.folder, `leads-${rows}.csv`);
  await writeLeadFile(path, rows, SEED);
  const child = [CHILD, await store.freshDatabase(), store.keyFolder, join(store.folder, 'uploads'), path];
  const { stdout } = await promisify(execFile)(process.execPath, child);
  const { rows: read, peak } = JSON.parse(stdout) as { rows: number; peak: number };
  if (read !== rows) throw new Error('an import did not come to its end');
  return peak;
}
