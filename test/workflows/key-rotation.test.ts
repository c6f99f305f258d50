import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { announceReader, dismissReader } from '../../db/key-epochs.ts';
import { newId } from '../../db/ids.ts';
import { askForRotation, findRotation, listRotations } from '../../db/key-rotations.ts';
import { deliverSubject } from '../../db/outbox.ts';
import { openPersonRecords } from '../../db/person-records.ts';
import { fileStore } from '../../keys/file-store.ts';
import { KeyRing } from '../../keys/key-ring.ts';
import { createSender } from '../../workflows/delivery.ts';
import { KEY_ROTATION_WORKFLOW, keyRotationWorkflowId, rotationProgressQuery } from '../../workflows/messages.ts';
import { createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';

const KEYS = 12_000;

let house: House;
let running: RunningWorker;
beforeAll(async () => {
  house = await createHouse();
  running = await runWorker(house);
});
afterAll(async () => {
  await running.stop();
  await house.close();
});

const handleOf = (id: string) => running.client.workflow.getHandle(id);
const cardOf = async (id: string) => (await handleOf(id).query<{ currentDetails?: string }>('__temporal_workflow_metadata')).currentDetails ?? '';

async function ask(): Promise<string> {
  const { rotation } = await house.db.transaction().execute((tx) => askForRotation(tx, 'key:test', new Date()));
  await deliverSubject(house.db, rotation.id, new Date(), createSender(running.client.workflow, running.taskQueue));
  return rotation.id;
}

async function bySchedule(): Promise<string> {
  const workflowId = `scheduled-${randomUUID()}`;
  await running.client.workflow.start(KEY_ROTATION_WORKFLOW, { workflowId, taskQueue: running.taskQueue, args: [] });
  return workflowId;
}

async function nameOf(leadId: string): Promise<string> {
  return JSON.stringify((await openPersonRecords(house.db, house.vault, [leadId])).get(leadId) ?? null);
}

describe('a rotation of the key-encryption key as a workflow', () => {
  it('wraps everything anew while leads are acquired, opened and disposed of, and reads like a report', async () => {
    const { db, vault } = house;
    const ids = Array.from({ length: KEYS }, () => newId());
    for (let from = 0; from < KEYS; from += 3_000) {
      const rows = ids.slice(from, from + 3_000).map((id) => ({ lead_id: id, ...vault.createKey(id).stored }));
      await db.insertInto('keyring.subject_key').values(rows).execute();
    }
    const id = await ask();
    const handle = handleOf(keyRotationWorkflowId(id));
    let isOver = false;
    const ended = handle.result().finally(() => {
      isOver = true;
    });
    const names = new Map<string, string>();
    let destroyed = 0;
    while (!isOver) {
      const { leadId } = await house.acquire();
      names.set(leadId, await nameOf(leadId));
      for (const [known, name] of [...names].slice(-20)) expect(await nameOf(known)).toBe(name);
      const gone = ids.slice(destroyed, destroyed += 50);
      await db.transaction().execute(async (tx) => {
        await tx.updateTable('keyring.subject_key').set({ wrapped: Buffer.alloc(60) }).where('lead_id', 'in', gone).execute();
        await tx.deleteFrom('keyring.subject_key').where('lead_id', 'in', gone).execute();
      });
    }
    await ended;
    const rows = await db.selectFrom('keyring.subject_key').selectAll().execute();
    expect(new Set(rows.map(({ kek }) => kek))).toEqual(new Set([2]));
    expect(rows).toHaveLength(KEYS - destroyed + names.size);
    for (const { lead_id: leadId, ...stored } of rows) expect(vault.unwrapKey(leadId, stored)).toHaveLength(32);
    for (const [leadId, name] of names) expect(await nameOf(leadId)).toBe(name);
    const card = await cardOf(keyRotationWorkflowId(id));
    expect(card).toContain('### completed');
    expect(card).toContain('to key-encryption key **2**, asked for by key:test');
    expect(await handle.query(rotationProgressQuery)).toMatchObject({ phase: expect.any(String) });
    expect(await findRotation(db, id)).toMatchObject({ kek: 2, problem: null, waits_for: 0 });
    if (process.env.RECORD_HISTORIES) {
      await writeFile(join(import.meta.dirname, 'histories', 'key-rotation.json'), `${historyToJSON(await handle.fetchHistory())}\n`);
    }
  });

  it('waits for a process that has not read the new key, says so, and goes on when it has', async () => {
    const { db } = house;
    const straggler = { id: randomUUID(), process: 'api', goodForMs: 60_000 };
    await announceReader(db, { ...straggler, keks: [1, 2], wrapsWith: 2 });
    const id = await ask();
    expect(await eventually(async () => (await cardOf(keyRotationWorkflowId(id))).includes('Waiting for processes'))).toBe(true);
    expect(await eventually(async () => (await findRotation(db, id))?.waits_for === 1)).toBe(true);
    expect((await findRotation(db, id))?.activated_at).toBeNull();
    await announceReader(db, { ...straggler, keks: [1, 2, 3], wrapsWith: 2 });
    expect(await eventually(async () => (await findRotation(db, id))?.activated_at !== null)).toBe(true);
    expect((await findRotation(db, id))?.finished_at).toBeNull();
    await announceReader(db, { ...straggler, keks: [1, 2, 3], wrapsWith: 3 });
    await handleOf(keyRotationWorkflowId(id)).result();
    expect(await findRotation(db, id)).toMatchObject({ kek: 3, problem: null });
    await dismissReader(db, straggler.id);
  });

  it('takes the key that somebody has put into the folder already', async () => {
    const kek = await house.keys.addKek();
    const id = await ask();
    await handleOf(keyRotationWorkflowId(id)).result();
    expect((await findRotation(house.db, id))?.kek).toBe(kek);
    expect(house.vault.wrapsWith).toBe(kek);
  });

  it('comes by itself when the key in use is old enough, and not before', async () => {
    const { db, vault } = house;
    const early = await bySchedule();
    await handleOf(early).result();
    expect(await cardOf(early)).toContain('### not_due');
    const before = await listRotations(db, null, 10);
    await db.updateTable('keyring.epoch').set({ activated_at: new Date(Date.now() - 91 * 86_400_000) }).where('kek', '=', vault.wrapsWith).execute();
    const due = await bySchedule();
    await handleOf(due).result();
    const [latest, ...others] = await listRotations(db, null, 10);
    expect([latest?.asked_by, latest?.problem, others.length]).toEqual(['schedule', null, before.length]);
    expect(vault.wrapsWith).toBe(latest?.kek);
  });

  it('fails where the worker cannot write the key, says what to do, and has changed nothing', async () => {
    class ReadOnlyRing extends KeyRing {
      override addKek(): Promise<number> {
        return Promise.reject(Object.assign(new Error('read-only file system'), { code: 'EROFS' }));
      }
    }
    const { db, vault, keyFolder: folder, log } = house;
    const keys = new ReadOnlyRing({ db, vault, folder, store: fileStore, process: 'worker', log, everyMs: 1_000 });
    const other = await runWorker({ ...house, keys });
    const before = vault.wrapsWith;
    const { rotation } = await db.transaction().execute((tx) => askForRotation(tx, 'key:test', new Date()));
    await deliverSubject(db, rotation.id, new Date(), createSender(other.client.workflow, other.taskQueue));
    const handle = other.client.workflow.getHandle(keyRotationWorkflowId(rotation.id));
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'rotation_failed' } });
    expect(await findRotation(db, rotation.id)).toMatchObject({ problem: 'key_folder_read_only', kek: null });
    expect(await cardOf(keyRotationWorkflowId(rotation.id))).toContain('npm run keys -- rotate');
    expect(vault.wrapsWith).toBe(before);
    await other.stop();
  });
});
