import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Deference } from '../../../db/deference.ts';
import { createPipelinePool, type PipelinePool } from '../../../db/pipeline.ts';
import { Gate } from '../../../gate/gate.ts';
import type { ImportWork } from '../../../intake/import/import-file.ts';
import { createHouse, eventually, type House } from '../../setup/house.ts';
import { AT, HEADER, importInto, phoneOf, type Importing } from './importing.ts';

const ROWS = 12_000;

let house: House;
let imports: Importing;
let pool: PipelinePool;
let gate: Gate;
beforeAll(async () => {
  house = await createHouse();
  imports = importInto(house);
  pool = createPipelinePool(house.url, { max: 2 });
  gate = new Gate({ pool, db: house.db, vault: house.vault, now: () => new Date() });
});
afterAll(async () => {
  await pool.end();
  await house.close();
});

const ask = () => gate.ask({
  person: { phone: phoneOf(1) }, agent: null, askedBy: 'dialer',
  question: { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: null },
});

/** How many rows each batch had of a file that is imported. */
async function batchesOf(firstRow: number): Promise<number[]> {
  const rows = Array.from({ length: ROWS }, (_, nth) => `${phoneOf(firstRow + nth)},${AT}`);
  const done: number[] = [0];
  const importId = await imports.receive([HEADER, ...rows].join('\n'));
  const onProgress: ImportWork['onProgress'] = (progress) => {
    if (progress) done.push(progress.records);
  };
  const ended = await imports.run(importId, { onProgress });
  expect(ended).toMatchObject({ state: 'completed', rows: { read: ROWS, created: ROWS } });
  return done.slice(1).map((records, nth) => records - (done[nth] ?? 0));
}

describe('an import beside the gate', () => {
  it('takes large batches while nobody asks, whatever was asked before', async () => {
    await ask();
    expect(await batchesOf(100_000)).toEqual([5_000, 5_000, 2_000]);
  });

  it('takes small ones while somebody asks, and still writes every row', async () => {
    let isOver = false;
    const asking = (async () => {
      while (!isOver) await ask();
    })();
    const batches = await batchesOf(200_000).finally(() => void (isOver = true));
    await asking;
    // The first is read before anybody was seen, and the second while the first is written.
    expect(batches.slice(2)).toContain(500);
  });

  it('rests after its work only while somebody is there', async () => {
    const deference = new Deference(house.db);
    const passed = { rest: false };
    await deference.giveWay(60_000);
    await ask();
    const resting = deference.giveWay(60_000).then(() => { passed.rest = true; });
    await deference.look();
    expect(passed.rest).toBe(false);
    await resting;
  });

  it('gives way until nobody has asked for some seconds', async () => {
    const deference = new Deference(house.db);
    await deference.look();
    expect(deference.givesWay).toBe(false);
    await ask();
    await deference.look();
    expect(deference.givesWay).toBe(true);
    expect(await eventually(async () => {
      await deference.look();
      return !deference.givesWay;
    })).toBe(true);
  });
});
