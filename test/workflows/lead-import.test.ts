import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { newId } from '../../db/ids.ts';
import { findImport, insertImport } from '../../db/imports.ts';
import { deliverSubject } from '../../db/outbox.ts';
import { storeUpload } from '../../intake/import/upload.ts';
import { createSender } from '../../workflows/delivery.ts';
import { importWorkflowId, progressQuery } from '../../workflows/messages.ts';
import { SOURCE, createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';

const MAPPING = { phone: 'Phone', acquiredAt: 'When', 'subject.name': 'Name' };

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

async function upload(csv: string, mapping: object = MAPPING): Promise<string> {
  const id = newId();
  const stored = await storeUpload({ folder: house.uploadFolder, vault: house.vault }, id, Readable.from([Buffer.from(csv)]));
  const file = { id, sourceId: SOURCE.id, format: 'csv' as const, parameters: { mapping }, receivedAt: new Date(), ...stored };
  await house.db.transaction().execute((tx) => insertImport(tx, file));
  await deliverSubject(house.db, id, new Date(), createSender(running.client.workflow, running.taskQueue));
  return id;
}

const handleOf = (importId: string) => running.client.workflow.getHandle(importWorkflowId(importId));
const rowsOf = (count: number) =>
  Array.from({ length: count }, (_, n) => `+1415555${String(n).padStart(4, '0')},2026-11-01T00:00:00Z,"Person, ${n}"`).join('\n');

describe('an import as a workflow', () => {
  it('ends with every row accounted for, and tells how far it has come', async () => {
    const id = await upload(`Phone,When,Name\n${rowsOf(6000)}\nnobody,2026-11-01T00:00:00Z,X\n`);
    await handleOf(id).result();
    expect((await findImport(house.db, id))?.rows).toMatchObject({ total: 6001, read: 6001, created: 6000, refused: 1 });
    const progress = await eventually(async () => (await handleOf(id).query(progressQuery)) ?? undefined);
    expect(progress).toMatchObject({ total: 6001 });
    const metadata = await handleOf(id).query<{ currentDetails?: string }>('__temporal_workflow_metadata');
    expect(metadata.currentDetails).toMatch(/### completed\n\n\*\*6001\*\* of 6001 \(100 %\) records/);
    const history = await handleOf(id).fetchHistory();
    if (process.env.RECORD_HISTORIES) {
      await writeFile(join(import.meta.dirname, 'histories/import.json'), `${historyToJSON(history)}\n`);
    }
  });

  it('that cannot be read fails, says why, and quotes nothing of the file', async () => {
    const id = await upload(`Telefon,When,Name\n${rowsOf(2)}\n`);
    await expect(handleOf(id).result()).rejects.toMatchObject({ cause: { type: 'import_failed' } });
    const found = await findImport(house.db, id);
    expect(found).toMatchObject({ state: 'failed', rows: { read: 0 } });
    const history = JSON.stringify(await handleOf(id).fetchHistory());
    expect(history).toContain(Buffer.from(found?.problem?.code ?? '-').toString());
    for (const word of ['Telefon', 'Person', '1415555']) expect(history).not.toContain(word);
  });

  it('of the same file twice is one import', async () => {
    const csv = `Phone,When,Name\n${rowsOf(10)}\n`;
    const first = await upload(csv);
    await handleOf(first).result();
    const second = await upload(csv);
    expect(await findImport(house.db, second)).toMatchObject({ state: 'completed', duplicateOf: first, rows: { read: 0 } });
  });
});
