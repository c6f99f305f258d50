import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import { Client } from 'pg';
import { from } from 'pg-copy-streams';
import type { Comparison, Figure, Race } from './harness.ts';
import { openImportStore } from './import-store.ts';
import { openListStore, type ListStore } from './list-store.ts';
import { fullFile } from './release-file.ts';

/** `--full` takes a whole registry, and an hour. */
const FULL = process.argv.includes('--full');
const NUMBERS = FULL ? 250_000_000 : 10_000_000;

/** A full release from the first byte to the list in force, against the same numbers as rows with a primary key. */
export const p4 = {
  id: 'P4',
  title: `full release of ${NUMBERS} numbers against COPY and PRIMARY KEY of the same`,
  ratio: 'time',
  target: { atMost: 0.3 },
  stretch: { atMost: 0.2 },
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openImportStore();
  const path = join(store.folder, 'registry.txt');
  await fullFile(NUMBERS).write(path);
  let url = await store.freshDatabase();
  let lists: ListStore | undefined;
  const figures: Figure[] = [];
  return {
    async subject() {
      lists = await openListStore(url, store.keyFolder, store.folder);
      const { numbers, timings } = await lists.release(path, 'full');
      if (numbers !== NUMBERS) throw new Error('not all numbers came into force');
      figures.splice(0, figures.length, ...Object.entries(timings).map(([phase, value]) => ({ name: phase, value, unit: 'ms' })));
      figures.push(await sizeOf(lists));
    },
    yardstick: () => copyWithKey(url, path),
    async reset() {
      await lists?.close();
      lists = undefined;
      url = await store.freshDatabase();
    },
    checks: async () => figures,
    async close() {
      await lists?.close();
      await store.close();
    },
  };
}

/** Numbers of a file as rows of a table, one each. */
export async function copyWithKey(url: string, path: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('create table number (number bigint not null)');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), client.query(from('copy number from stdin')));
  await client.query('alter table number add primary key (number)');
  await client.end();
}

async function sizeOf({ db }: ListStore): Promise<Figure> {
  const { rows: [row] } = await sql<{ bytes: bigint }>`
    select pg_total_relation_size('dnc_block') + pg_total_relation_size('dnc_flip') as bytes`.execute(db);
  return { name: 'bytes for each number', value: Number(row?.bytes ?? 0n) / NUMBERS, target: { atMost: 1.4 } };
}
