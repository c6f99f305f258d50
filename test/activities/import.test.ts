import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createImportActivities } from '../../activities/import.ts';
import { findImport } from '../../db/imports.ts';
import { deliverSubject } from '../../db/outbox.ts';
import { createSender } from '../../workflows/delivery.ts';
import { importWorkflowId } from '../../workflows/messages.ts';
import { AT, HEADER, importInto, phoneOf, type Importing } from '../intake/import/importing.ts';
import { createHouse, eventually, type House } from '../setup/house.ts';
import { temporalAddress, workflowBundlePath } from '../setup/suite.ts';

const ROWS = 30_000;

let house: House;
let imports: Importing;
let connection: Connection;
let native: NativeConnection;
beforeAll(async () => {
  house = await createHouse();
  imports = importInto(house);
  const address = temporalAddress();
  [connection, native] = await Promise.all([Connection.connect({ address }), NativeConnection.connect({ address })]);
});
afterAll(async () => {
  await Promise.all([connection.close(), native.close()]);
  await house.close();
});

/** A worker that runs until it is told to stop, as a process does that gets SIGTERM. */
async function startWorker(taskQueue: string): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController();
  const { db, url: databaseUrl, vault } = house;
  const activities = createImportActivities({
    db, databaseUrl, vault, uploadFolder: imports.uploadFolder, now: () => new Date(), stopping: stopping.signal,
  });
  const worker = await Worker.create({ connection: native, taskQueue, workflowBundle: { codePath: workflowBundlePath() }, activities, shutdownGraceTime: '10s' });
  const running = worker.run();
  return {
    async stop() {
      stopping.abort();
      worker.shutdown();
      await running;
    },
  };
}

describe('a worker that stops in the middle of an import', () => {
  it('finishes the batch in hand, and the next worker goes on behind it', async () => {
    const taskQueue = `test-${randomUUID()}`;
    const first = await startWorker(taskQueue);
    const rows = Array.from({ length: ROWS }, (_, row) => `${phoneOf(row)},${AT}`);
    const id = await imports.receive([HEADER, ...rows].join('\n'));
    const { workflow } = new Client({ connection });
    await deliverSubject(house.db, id, new Date(), createSender(workflow, taskQueue));
    await eventually(async () => ((await findImport(house.db, id))?.rows.read ?? 0) > 0);
    await first.stop();

    const stopped = await findImport(house.db, id);
    expect(stopped?.state).toBe('running');
    expect(stopped?.rows.read).toBe(stopped?.rows.created);
    const second = await startWorker(taskQueue);
    await workflow.getHandle(importWorkflowId(id)).result();
    await second.stop();
    expect(await findImport(house.db, id)).toMatchObject({ state: 'completed', rows: { read: ROWS, created: ROWS, merged: 0, refused: 0 } });
    expect(await readdir(imports.uploadFolder)).toEqual([]);
    expect(JSON.stringify(await workflow.getHandle(importWorkflowId(id)).fetchHistory())).not.toContain(phoneOf(0).slice(2));
  });
});
