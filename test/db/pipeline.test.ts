import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Tx } from '../../db/connection.ts';
import { askTogether, createPipelinePool, inPipeline, type PipelinePool } from '../../db/pipeline.ts';
import { createHouse, type House } from '../setup/house.ts';

let house: House;
let pool: PipelinePool;
beforeAll(async () => {
  house = await createHouse();
  pool = createPipelinePool(house.url, { max: 1 });
});
afterAll(async () => {
  await pool.end();
  await house.close();
});

/** Asks three things of a transaction; answers what came and how many were asked at most before an answer. */
async function askThree(tx: Tx) {
  let [open, most] = [0, 0];
  const ask = (nth: number) => async () => {
    most = Math.max(most, open += 1);
    const { rows } = await sql<{ nth: number }>`select ${nth}::int as nth`.execute(tx);
    open -= 1;
    return rows[0]?.nth;
  };
  return { answers: await askTogether(tx, ask(1), ask(2), ask(3)), most };
}

describe('several questions at once', () => {
  it('leave in one breath over a connection that takes that', async () => {
    const asked = await inPipeline(pool, async (tx) => ({ result: await askThree(tx), sent: Promise.resolve() }));
    expect(asked).toEqual({ answers: [1, 2, 3], most: 3 });
  });

  it('wait for each other over any other: a client of pg is to be asked one thing at a time', async () => {
    expect(await house.db.transaction().execute(askThree)).toEqual({ answers: [1, 2, 3], most: 1 });
  });
});
