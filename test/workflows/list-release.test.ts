import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { abandonRelease, approveRelease, findRelease, type Release } from '../../db/dnc-releases.ts';
import { deliverSubject } from '../../db/outbox.ts';
import { createSender } from '../../workflows/delivery.ts';
import { releaseProgressQuery, releaseWorkflowId } from '../../workflows/messages.ts';
import { releasesInto, type Releasing } from '../dnc/releasing.ts';
import { createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';

let house: House;
let running: RunningWorker;
let releases: Releasing;

beforeAll(async () => {
  house = await createHouse();
  running = await runWorker(house);
  releases = releasesInto(house);
});

afterAll(async () => {
  await running.stop();
  await house.close();
});

const handleOf = (id: string) => running.client.workflow.getHandle(releaseWorkflowId(id));
const deliver = (id: string) => {
  return deliverSubject(house.db, id, new Date(), createSender(running.client.workflow, running.taskQueue));
};
const cardOf = async (id: string) =>
  (await handleOf(id).query<{ currentDetails?: string }>('__temporal_workflow_metadata')).currentDetails ?? '';

async function send(list: string, content: string, changes: Parameters<Releasing['receive']>[2] = {}): Promise<string> {
  const id = await releases.receive(list, content, changes);
  await deliver(id);
  return id;
}

async function untilState(id: string, state: Release['state']): Promise<Release | undefined> {
  return eventually(async () => {
    const release = await findRelease(house.db, id);
    return release?.state === state ? release : undefined;
  });
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `+1202${5_550_000 + from + n}`).join('\n');
const day = (n: number) => new Date(Date.UTC(2026, 0, n));

async function record(id: string, file: string): Promise<void> {
  if (!process.env.RECORD_HISTORIES) return;
  await writeFile(join(import.meta.dirname, 'histories', file), `${historyToJSON(await handleOf(id).fetchHistory())}\n`);
}

describe('a release of a list as a workflow', () => {
  it('comes into force, and reads like a report', async () => {
    await releases.register('force');
    const first = await send('force', numbers(1_000), { asOf: day(1) });
    await handleOf(first).result();
    const second = await send('force', `${numbers(1_010, 3)}\nnobody\n`, { asOf: day(2) });
    await handleOf(second).result();
    expect(await findRelease(house.db, second)).toMatchObject({ state: 'in_force', numbers: 1_010, added: 13, removed: 3, refused: 1 });
    expect(await findRelease(house.db, first)).toMatchObject({ state: 'superseded' });
    const card = await cardOf(second);
    expect(card).toContain('### in_force');
    expect(card).toContain('**force** (force), full release as of **2026-01-02 00:00 UTC**');
    expect(card).toContain('- 1,011 lines\n- **1** of them could not be read');
    expect(card).toContain('- compared with the release as of 2026-01-01 00:00 UTC\n- **13** numbers came onto the list, **3** left it');
    expect(await handleOf(second).query(releaseProgressQuery)).toMatchObject({ phase: expect.any(String) });
    expect(await readdir(house.listFolder)).toEqual([]);
    await record(second, 'release.json');
  });

  it('waits for a person when it takes too much off the list, and goes on when it is approved', async () => {
    await releases.register('approved');
    await handleOf(await send('approved', numbers(1_000), { asOf: day(1) })).result();
    const id = await send('approved', numbers(500), { asOf: day(2) });
    expect(await untilState(id, 'awaiting_approval')).toMatchObject({ removed: 500 });
    expect(await eventually(async () => (await cardOf(id)).includes('### awaiting_approval'))).toBe(true);
    await house.db.transaction().execute((tx) => approveRelease(tx, id, 'key:test', new Date(), 'The registry was cleaned up'));
    await deliver(id);
    await handleOf(id).result();
    expect(await findRelease(house.db, id)).toMatchObject({ state: 'in_force', numbers: 500, approvedBy: 'key:test' });
    await record(id, 'release-approved.json');
  });

  it('that is given up has changed nothing, and is no failure of its workflow', async () => {
    await releases.register('abandoned');
    await handleOf(await send('abandoned', numbers(1_000), { asOf: day(1) })).result();
    const id = await send('abandoned', numbers(10), { asOf: day(2) });
    await untilState(id, 'awaiting_approval');
    await house.db.transaction().execute((tx) => abandonRelease(tx, id, 'key:test', new Date()));
    await deliver(id);
    await handleOf(id).result();
    expect(await findRelease(house.db, id)).toMatchObject({ state: 'failed', problem: { code: 'abandoned' } });
    expect(await cardOf(id)).toContain('abandoned: ');
    expect(await readdir(house.listFolder)).toEqual([]);
  });

  it('that waits for approval gives way to a newer one, and its workflow ends', async () => {
    await releases.register('overtaken');
    await handleOf(await send('overtaken', numbers(1_000), { asOf: day(1) })).result();
    const waiting = await send('overtaken', numbers(10), { asOf: day(2) });
    await untilState(waiting, 'awaiting_approval');
    const newer = await send('overtaken', numbers(1_001), { asOf: day(3) });
    await handleOf(newer).result();
    await deliver(waiting);
    await handleOf(waiting).result();
    expect(await findRelease(house.db, waiting)).toMatchObject({ state: 'superseded' });
  });

  it('that cannot be used fails, says why, and quotes nothing of the file', async () => {
    await releases.register('unusable');
    const id = await send('unusable', 'Ada Lovelace, 12 Example Street 44\n'.repeat(50));
    await expect(handleOf(id).result()).rejects.toMatchObject({ cause: { type: 'release_failed' } });
    expect(await findRelease(house.db, id)).toMatchObject({ state: 'failed', problem: { code: expect.any(String) } });
    expect(JSON.stringify(await handleOf(id).fetchHistory())).not.toContain('Lovelace');
    await record(id, 'release-failed.json');
  });

  it('waits for an older one of its list, and both come into force in their order', async () => {
    await releases.register('queued');
    const older = await releases.receive('queued', numbers(1_000), { asOf: day(1) });
    const newer = await send('queued', numbers(1_200), { asOf: day(2) });
    expect(await eventually(async () => (await cardOf(newer)).includes('once older releases of the list are done with'))).toBe(true);
    await deliver(older);
    await handleOf(older).result();
    await deliver(newer);
    await handleOf(newer).result();
    expect(await findRelease(house.db, newer)).toMatchObject({ state: 'in_force', added: 200, removed: 0 });
  });

  it('that was a dry run has counted, and changed nothing', async () => {
    await releases.register('tried');
    const id = await send('tried', numbers(20), { dryRun: true });
    await handleOf(id).result();
    expect(await findRelease(house.db, id)).toMatchObject({ state: 'superseded', dryRun: true, added: 20, numbers: 20 });
    expect(await house.db.selectFrom('dnc_block').select('prefix').where('list_id', '=', 'tried').execute()).toEqual([]);
    expect(await cardOf(id)).toContain('### dry run: done');
  });

  it('that has ended hears of nothing any more, and keeps nobody from being told', async () => {
    await releases.register('late');
    const id = await send('late', numbers(5));
    await handleOf(id).result();
    await house.db.insertInto('outbox').values({ subject: id, workflow: 'release', signal: 'received', fact_id: id, lane: 0, due_at: new Date() }).execute();
    expect(await deliver(id)).toBe(1);
    expect((await handleOf(id).describe()).status.name).toBe('COMPLETED');
  });
});
