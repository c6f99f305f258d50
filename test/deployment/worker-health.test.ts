import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHouse, runWorker, type House, type RunningWorker } from '../setup/house.ts';
import { temporalAddress } from '../setup/suite.ts';

let house: House;
let worker: RunningWorker;

beforeAll(async () => {
  house = await createHouse();
  worker = await runWorker(house);
});

afterAll(async () => {
  await worker.stop();
  await house.close();
});

function askHealth(taskQueue: string, address = temporalAddress()): number | null {
  const env = { ...process.env, TEMPORAL_ADDRESS: address, TEMPORAL_TASK_QUEUE: taskQueue };
  return spawnSync(process.execPath, [join(import.meta.dirname, '../../worker/health-main.ts')], { env }).status;
}

describe('the health check of a worker', () => {
  it('is content with a worker of this machine that asks for work', () => {
    expect(askHealth(worker.taskQueue)).toBe(0);
  });

  it('is not content where nobody asks for work', () => {
    expect(askHealth('nobody-works-here')).toBe(1);
  });

  it('is not content when Temporal cannot be reached', () => {
    expect(askHealth(worker.taskQueue, '127.0.0.1:1')).toBe(1);
  });
});
