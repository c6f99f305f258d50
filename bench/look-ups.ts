import { join } from 'node:path';
import { createPool } from '../db/connection.ts';
import { currentlyListed } from '../dnc/look-up.ts';
import type { Figure, Measurement } from './harness.ts';
import { openImportStore, runStatement } from './import-store.ts';
import { LIST, openListStore } from './list-store.ts';
import { copyWithKey } from './p4-release.ts';
import { Random } from './random.ts';
import { fullFile } from './release-file.ts';

const LISTED = 1_000_000;
const LOOK_UPS = 2_000_000;
const AT_ONCE = 10_000;
const POINT_READS = 20_000;
const CONNECTIONS = 8;
const TURNS = 5;

/** Numbers looked up in the list in force, against prepared reads of one row each; blocks and rows are in memory. */
export const lookUps = {
  id: 'LOOKUP',
  title: 'look-ups in a list against prepared point reads, both cached',
  measure,
} satisfies Measurement;

async function measure(): Promise<Figure[]> {
  const store = await openImportStore();
  const url = await store.freshDatabase();
  const path = join(store.folder, 'registry.txt');
  const file = fullFile(LISTED);
  await file.write(path);
  const lists = await openListStore(url, store.keyFolder, store.folder);
  const pool = createPool(url, { max: CONNECTIONS });
  try {
    await lists.release(path, 'full');
    await copyWithKey(url, path);
    await runStatement(url, 'vacuum analyze number');
    const [random, all] = [new Random(4), [...file.numbers()]];
    const asked = Array.from({ length: LOOK_UPS }, () => random.pick(all) + random.below(2));
    const subject = async () => {
      for (let start = 0; start < LOOK_UPS; start += AT_ONCE) {
        await currentlyListed(lists.db, asked.slice(start, start + AT_ONCE), [LIST]);
      }
    };
    const yardstick = () => Promise.all(Array.from({ length: CONNECTIONS }, async (_, lane) => {
      for (let nth = lane; nth < POINT_READS; nth += CONNECTIONS) {
        await pool.query({ name: 'point', text: 'select 1 from number where number = $1', values: [asked[nth]] });
      }
    }));
    const rates: { subject: number; yardstick: number }[] = [];
    for (let turn = 0; turn <= TURNS; turn += 1) {
      rates.push({ subject: LOOK_UPS / await secondsOf(subject), yardstick: POINT_READS / await secondsOf(yardstick) });
    }
    return figuresOf(rates.slice(1));
  } finally {
    await Promise.all([pool.end(), lists.close()]);
    await store.close();
  }
}

function figuresOf(rates: readonly { subject: number; yardstick: number }[]): Figure[] {
  const middle = (values: number[]) => values.toSorted((one, other) => one - other)[TURNS >> 1] ?? NaN;
  return [
    { name: 'look-ups against point reads', value: middle(rates.map((rate) => rate.subject / rate.yardstick)), unit: 'x', target: { atLeast: 100 } },
    { name: 'look-ups', value: Math.round(middle(rates.map(({ subject }) => subject))), unit: '/s' },
    { name: 'point reads', value: Math.round(middle(rates.map(({ yardstick }) => yardstick))), unit: '/s' },
  ];
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
