import { openClearanceStore } from './clearance-store.ts';
import type { Comparison, Race } from './harness.ts';
import { questions, raceOf, sendLoad, WARM_UPS } from './load.ts';

const REQUESTS = 5_000;
const LEADS = 100_000;

/** The same route of the same server, ahead of Express and, because a query keeps it from that way, through it. */
export const p7 = {
  id: 'P7',
  title: `${REQUESTS} clearances answered ahead of Express against the same through it; 50 connections`,
  ratio: 'speed',
  target: { atLeast: 2 },
  warmUps: WARM_UPS,
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openClearanceStore(LEADS);
  const ask = (path: string) => sendLoad(store.port, questions(store, REQUESTS, path), 201);
  return {
    ...raceOf({ subject: () => ask('/v1/clearances'), yardstick: () => ask('/v1/clearances?by=express') }, { target: { atMost: 0.6 } }),
    close: () => store.close(),
  };
}
