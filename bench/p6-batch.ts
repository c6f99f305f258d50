import { openClearanceStore } from './clearance-store.ts';
import type { Comparison, Race } from './harness.ts';
import { post, question, questions, sendLoad, WARM_UPS } from './load.ts';

const QUESTIONS = 5_000;
const IN_BATCH = 1_000;
const LEADS = 100_000;

/** As many clearances in batches as one by one. */
export const p6Batch = {
  id: 'P6B',
  title: `${QUESTIONS} clearances in batches of ${IN_BATCH} against the same one by one over 50 connections`,
  ratio: 'speed',
  target: { atLeast: 3 },
  warmUps: WARM_UPS,
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openClearanceStore(LEADS);
  return {
    async subject() {
      const batches = Array.from({ length: QUESTIONS / IN_BATCH }, (_, nth) => {
        return post('/v1/clearances/batch', store.keys[nth] ?? '', { items: store.takePhones(IN_BATCH).map(question) });
      });
      return (await sendLoad(store.port, batches, 200, 2)).seconds;
    },
    async yardstick() {
      return (await sendLoad(store.port, questions(store, QUESTIONS), 201)).seconds;
    },
    close: () => store.close(),
  };
}
