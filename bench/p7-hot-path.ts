import { openClearanceStore } from './clearance-store.ts';
import type { Comparison, Race } from './harness.ts';
import { medianOf, questions, sendLoad } from './load.ts';

const REQUESTS = 5_000;
const LEADS = 100_000;

/** The same route of the same server, ahead of Express and, because a query keeps it from that way, through it. */
export const p7 = {
  id: 'P7',
  title: `${REQUESTS} clearances answered ahead of Express against the same through it; 50 connections`,
  ratio: 'speed',
  target: { atLeast: 2 },
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openClearanceStore(LEADS);
  const p99: { subject: number[]; yardstick: number[] } = { subject: [], yardstick: [] };
  return {
    async subject() {
      p99.subject.push((await sendLoad(store.port, questions(store, REQUESTS), 201)).p99);
    },
    async yardstick() {
      p99.yardstick.push((await sendLoad(store.port, questions(store, REQUESTS, '/v1/clearances?by=express'), 201)).p99);
    },
    checks() {
      const value = medianOf(p99.subject.slice(1)) / medianOf(p99.yardstick.slice(1));
      return [{ name: 'p99 against the yardstick', value, unit: 'x', target: { atMost: 0.6 } }];
    },
    close: () => store.close(),
  };
}
