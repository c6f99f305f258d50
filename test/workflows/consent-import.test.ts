import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { findConsentImport } from '../../db/consent-imports.ts';
import { deliverSubject } from '../../db/outbox.ts';
import { createSender } from '../../workflows/delivery.ts';
import { consentImportWorkflowId } from '../../workflows/messages.ts';
import { csvOf, receive } from '../intake/moving/moving.ts';
import { createHouse, runWorker, type House, type RunningWorker } from '../setup/house.ts';

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

async function run(importId: string, record = '') {
  await deliverSubject(house.db, importId, new Date(), createSender(running.client.workflow, running.taskQueue));
  const handle = running.client.workflow.getHandle(consentImportWorkflowId(importId));
  const failure = await handle.result().then(() => null, () => 'failed');
  const { currentDetails = '' } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  const history = historyToJSON(await handle.fetchHistory());
  if (process.env.RECORD_HISTORIES && record !== '') await writeFile(join(import.meta.dirname, `histories/${record}.json`), `${history}\n`);
  return { failure, currentDetails, history };
}

describe('the workflow of a file of consents', () => {
  it('takes the file in, shows how far it is, and holds nothing of it', async () => {
    const { phone } = { phone: '+12125557711' };
    await house.acquire({ phone });
    const id = await receive(house, csvOf([{ phone, kind: 'granted', channel: 'call', purpose: 'marketing', at: '2026-03-01T00:00:00Z', statement: 'Canarystatement' }]));
    const { failure, currentDetails, history } = await run(id, 'consent-import');
    expect([failure, (await findConsentImport(house.db, id))?.rows_recorded]).toEqual([null, 1n]);
    expect(currentDetails).toContain('### completed');
    for (const personal of ['2125557711', 'Canarystatement']) expect(history).not.toContain(personal);
  });

  it('of one that cannot be read fails, and says why', async () => {
    const id = await receive(house, 'Canarycolumn\r\n');
    const { failure, currentDetails, history } = await run(id);
    expect([failure, currentDetails.includes('mapping_incomplete')]).toEqual(['failed', true]);
    expect(history).not.toContain('Canarycolumn');
  });
});
