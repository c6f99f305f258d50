import type { ClearanceStore } from './clearance-store.ts';
import type { Figure } from './harness.ts';
import { medianOf, questions, sendLoad } from './load.ts';

const ROUNDS = 5;
const QUESTIONS = 1_500;
/** As many callers at a time as leave the machine room: what is asked is whether the gate has to wait for the other work. */
const CONNECTIONS = 2;

/** How many persons are asked about for each kind of work that goes on beside. */
export const ASKED_ABOUT = 2 * (ROUNDS + 1) * QUESTIONS;

/** Other work: made ready while nobody asks, then going on until it is told to stop. */
export interface Work {
  name: string;
  prepare: () => Promise<void>;
  run: (signal: AbortSignal) => Promise<void>;
}

/** How long the slowest clearances take while other work goes on, against the same in peace just before. */
export async function p99Beside(store: ClearanceStore, { name, prepare, run }: Work): Promise<Figure[]> {
  const p99: { during: number[]; inPeace: number[] } = { during: [], inPeace: [] };
  for (let round = 0; round <= ROUNDS; round += 1) {
    await prepare();
    p99.inPeace.push((await ask(store)).p99);
    const asked = new AbortController();
    let ended = false;
    const working = run(asked.signal).finally(() => { ended = true; });
    const { p99: slowest } = await ask(store);
    if (ended && !asked.signal.aborted) throw new Error(`the ${name} was over before the questions were`);
    p99.during.push(slowest);
    asked.abort();
    await working;
  }
  const [during, inPeace] = [medianOf(p99.during.slice(1)), medianOf(p99.inPeace.slice(1))];
  return [
    { name: `p99 beside the ${name} against in peace`, value: during / inPeace, unit: 'x', target: { atMost: 1.5 } },
    { name: `p99 beside the ${name}`, value: during, unit: 'ms' },
    { name: 'p99 in peace', value: inPeace, unit: 'ms' },
  ];
}

function ask(store: ClearanceStore): Promise<{ p99: number }> {
  return sendLoad(store.port, questions(store, QUESTIONS), 201, CONNECTIONS);
}
