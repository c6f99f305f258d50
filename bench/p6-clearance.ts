import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openClearanceStore } from './clearance-store.ts';
import type { Comparison, Race } from './harness.ts';
import { questions, raceOf, sendLoad, WARM_UPS } from './load.ts';

const REQUESTS = 5_000;
const LEADS = 100_000;

/** A clearance with everything that belongs to it, against what a server does at the least that looks something up. */
export const p6 = {
  id: 'P6',
  title: `${REQUESTS} clearances, recorded and reserved, against bare Express with one named point select; 50 connections`,
  ratio: 'speed',
  target: { atLeast: 1 },
  stretch: { atLeast: 1.2 },
  warmUps: WARM_UPS,
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openClearanceStore(LEADS);
  const yardstick = fork(join(import.meta.dirname, 'express-child.ts'), [store.url], { execArgv: [] });
  const [{ port }] = await once(yardstick, 'message') as [{ port: number }];
  const points = store.leadIds.slice(0, REQUESTS).map((id) => `GET /leads/${id} HTTP/1.1\r\nHost: bench\r\n\r\n`);
  const race = raceOf({
    subject: () => sendLoad(store.port, questions(store, REQUESTS), 201),
    yardstick: () => sendLoad(port, points, 200),
  }, { target: { atMost: 1.3 }, stretch: { atMost: 1 } });
  return {
    ...race,
    async checks() {
      const { rows } = await sql<{ decision: string; count: bigint }>`select decision, count(*) from clearance group by 1`.execute(store.db);
      return [...race.checks(), ...rows.map(({ decision, count }) => ({ name: `on record as ${decision}`, value: Number(count) }))];
    },
    async close() {
      yardstick.kill();
      await store.close();
    },
  };
}
