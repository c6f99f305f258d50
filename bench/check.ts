import { once } from 'node:events';
import { connect, type Db } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import { NumberSet } from '../dnc/number-set.ts';
import { countListed, encodeBlock } from '../proof/number-block.ts';
import { addCallers, startServer } from './clearance-store.ts';
import type { Figure, Measurement } from './harness.ts';
import { openImportStore } from './import-store.ts';
import { medianOf, post, sendLoad } from './load.ts';
import { Random } from './random.ts';

const NUMBERS = 10_000;
const REQUESTS = 60;
const CONNECTIONS = 4;
const REPEATS = 5;
/** Blocks of the list, and how many of the numbers in each are on it: as dense as the registry of the United States. */
const BLOCKS = 20_000;
const DENSITY = 0.09;
const FIRST = 12_010_000_000;
const BLOCK = 10_000;

/** How many numbers a second can be asked about, in bodies of ten thousand, when their blocks are kept. */
export const check = {
  id: 'CHECK',
  title: `POST /v1/dnc/check over loopback, ${NUMBERS} numbers at once from anywhere in ${BLOCKS} blocks; ${CONNECTIONS} connections`,
  measure,
} satisfies Measurement;

async function measure(): Promise<Figure[]> {
  const store = await openImportStore();
  const url = await store.freshDatabase();
  const db = connect(url, { max: 4 });
  await addList(db);
  const keys = await addCallers(db, new Date());
  const { child, port } = await startServer(store, url, 0);
  try {
    const numbers = Array.from({ length: REQUESTS }, (_, seed) => drawNumbers(seed));
    const send = async (bodies: unknown[]) => {
      const requests = bodies.map((body, nth) => post('/v1/dnc/check', keys[nth % keys.length] ?? '', body));
      await sendLoad(port, requests, 200, CONNECTIONS);
      const runs = [];
      for (let run = 0; run < REPEATS; run += 1) runs.push(await sendLoad(port, requests, 200, CONNECTIONS));
      const [seconds, p99] = [medianOf(runs.map((each) => each.seconds)), medianOf(runs.map((each) => each.p99))];
      return { pace: (NUMBERS * REQUESTS) / seconds, p99 };
    };
    const text = await send(numbers.map((each) => each.join('\n')));
    const json = await send(numbers.map((phones) => ({ phones })));
    return [
      { name: 'numbers a second as text', value: Math.round(text.pace), target: { atLeast: 1_000_000 } },
      { name: 'p99 of a request as text', value: text.p99, unit: 'ms' },
      { name: 'numbers a second as JSON', value: Math.round(json.pace) },
    ];
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    await db.destroy();
    await store.close();
  }
}

function drawNumbers(seed: number): string[] {
  const random = new Random(seed);
  return Array.from({ length: NUMBERS }, () => `+${FIRST + random.below(BLOCKS * BLOCK)}`);
}

async function addList(db: Db): Promise<void> {
  const random = new Random(1);
  const set = new NumberSet();
  for (let n = 0; n < BLOCKS * BLOCK * DENSITY; n += 1) set.add(FIRST + random.below(BLOCKS * BLOCK));
  const state = { release_id: newId(), release_as_of: new Date(), latest: 1 };
  await db.insertInto('dnc_list').values({
    id: 'us-federal', jurisdiction: 'US', name: 'Bench', effect: 'block_unless_consent', created_at: new Date(), ...state,
  }).execute();
  const prefixes = set.prefixes();
  for (let from = 0; from < prefixes.length; from += 1_000) {
    await db.insertInto('dnc_block').values(prefixes.slice(from, from + 1_000).map((prefix) => {
      const bits = set.bits(prefix) ?? new Uint8Array();
      const block = Buffer.from(encodeBlock(bits));
      return { list_id: 'us-federal', prefix: BigInt(prefix), begun: 1, numbers: countListed(bits), digest: Buffer.alloc(32), block };
    })).execute();
  }
}
