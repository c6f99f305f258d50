import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../db/ids.ts';
import { askForRotation, findOpenRotation, listRotations } from '../../db/key-rotations.ts';
import { Vault } from '../../db/vault.ts';
import { readKeyFiles } from '../../keys/key-files.ts';
import { KEY_ROTATION_WORKFLOW } from '../../workflows/messages.ts';
import { createHouse, eventually, type House } from '../setup/house.ts';
import { runFolder, temporalAddress, workflowBundlePath } from '../setup/suite.ts';

const WORKER = join(import.meta.dirname, '../../worker/main.ts');
const KILLS = 3;
const KEYS = 32_000;
const AT_ONCE = 4_000;

let house: House;
let connection: Connection;
beforeAll(async () => {
  [house, connection] = await Promise.all([createHouse(), Connection.connect({ address: temporalAddress() })]);
});
afterAll(() => Promise.all([house.close(), connection.close()]));

/** Asks for a rotation, or has the one under way taken up as the schedule does, which waits for no heartbeat of the dead. */
async function ask(taskQueue: string): Promise<void> {
  const { isNew } = await house.db.transaction().execute((tx) => askForRotation(tx, 'test', new Date()));
  const options = { taskQueue, workflowId: `taken-up-${taskQueue}`, args: [] };
  if (!isNew) await new Client({ connection }).workflow.start(KEY_ROTATION_WORKFLOW, options);
}

async function startWorker(taskQueue: string): Promise<ChildProcess> {
  const env = {
    ...process.env, LEADWARDEN_HOME: join(runFolder(), 'killed'), LEADWARDEN_KEYS: house.keyFolder, KEY_REFRESH_SECONDS: '0.2',
    DATABASE_URL: house.url, TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_TASK_QUEUE: taskQueue, WORKFLOW_BUNDLE: workflowBundlePath(), LOG_LEVEL: 'error',
  };
  const worker = fork(WORKER, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await once(worker, 'message');
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  worker.kill('SIGKILL');
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
}

const state = async () => JSON.stringify(await findOpenRotation(house.db), (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

describe('a rotation whose worker is killed again and again', () => {
  it('leaves every key open to those who have the key files, and loses none', async () => {
    const { db, vault } = house;
    const plain = new Map<string, Buffer>();
    for (let from = 0; from < KEYS; from += AT_ONCE) {
      const rows = Array.from({ length: AT_ONCE }, () => {
        const id = newId();
        const { key, stored } = vault.createKey(id);
        plain.set(id, key);
        return { lead_id: id, ...stored };
      });
      await db.insertInto('keyring.subject_key').values(rows).execute();
    }
    let caught = 0;
    for (let round = 0; round < KILLS; round += 1) {
      const taskQueue = `killed-${randomUUID()}`;
      await ask(taskQueue);
      const before = await state();
      const worker = await startWorker(taskQueue);
      await eventually(async () => (await state()) !== before);
      await sleep(Math.random() * 600);
      await kill(worker);
      if (await findOpenRotation(db)) caught += 1;
      const reader = new Vault(await readKeyFiles(house.keyFolder));
      const some = await db.selectFrom('keyring.subject_key').selectAll().limit(2_000).execute();
      for (const { lead_id: id, ...stored } of some) expect(reader.unwrapKey(id, stored)).toEqual(plain.get(id));
    }
    const taskQueue = `killed-${randomUUID()}`;
    await ask(taskQueue);
    const last = await startWorker(taskQueue);
    expect(await eventually(async () => (await findOpenRotation(db)) === null)).toBe(true);
    await kill(last);

    expect(caught).toBeGreaterThan(0);
    const rotations = await listRotations(db, null, 100);
    expect(rotations.filter(({ problem }) => problem !== null)).toEqual([]);
    const reader = new Vault(await readKeyFiles(house.keyFolder));
    const rows = await db.selectFrom('keyring.subject_key').selectAll().execute();
    expect(new Set(rows.map(({ kek }) => kek))).toEqual(new Set([rotations[0]?.kek]));
    expect(rows).toHaveLength(KEYS);
    for (const { lead_id: id, ...stored } of rows) expect(reader.unwrapKey(id, stored)).toEqual(plain.get(id));
  });
});
