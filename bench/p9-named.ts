import { connect, createPool } from '../db/connection.ts';
import { tokensOfLeads } from '../db/gate-facts.ts';
import type { Comparison, Race } from './harness.ts';
import { openImportStore } from './import-store.ts';

const QUERIES = 20_000;
const AT_ONCE = 8;
const IDS = Array.from({ length: 4 }, (_, nth) => `019a0000-0000-7000-8000-00000000000${nth}`);

/** A statement of the hot path through kysely, against the same one given to the driver by name. */
export const p9 = {
  id: 'P9',
  title: `${QUERIES} named statements through kysely against the driver alone`,
  ratio: 'speed',
  target: { atLeast: 0.9 },
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openImportStore();
  const url = await store.freshDatabase();
  const db = connect(url, { max: AT_ONCE });
  const pool = createPool(url, { max: AT_ONCE });
  const text = 'select id, token from lead where id = any($1::uuid[])';
  return {
    subject: () => inTurns(() => tokensOfLeads(db, { leadIds: IDS })),
    yardstick: () => inTurns(() => pool.query({ name: 'yardstick', text, values: [IDS] })),
    async close() {
      await Promise.all([db.destroy(), pool.end()]);
      await store.close();
    },
  };
}

async function inTurns(query: () => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let nth = 0; nth < QUERIES / AT_ONCE; nth += 1) await query();
  }));
}
