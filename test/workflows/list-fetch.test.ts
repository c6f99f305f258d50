import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ActivityFailure, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { findFetch, insertFetch, removeFetch, type Fetch } from '../../db/dnc-fetches.ts';
import { newId } from '../../db/ids.ts';
import { deliverSubject } from '../../db/outbox.ts';
import { currentlyListed } from '../../dnc/look-up.ts';
import { reconcileFetchSchedules } from '../../worker/fetch-schedules.ts';
import { createSender } from '../../workflows/delivery.ts';
import { LIST_FETCH_WORKFLOW } from '../../workflows/messages.ts';
import { file, lying, startRegistry, status, type RegistryServer } from '../activities/registry-server.ts';
import { putList } from '../api/list-history.ts';
import { createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';

const MODIFIED = new Date('2026-11-23T04:00:00Z');
const BODY = '2025550100\n2025550101\n'.repeat(5_000);
const TAGGED = { etag: '"one"', 'last-modified': MODIFIED.toUTCString() };
const SECRET = 'canary-secret-4711';

let house: House;
let running: RunningWorker;
let registry: RegistryServer;

beforeAll(async () => {
  house = await createHouse();
  running = await runWorker(house);
  registry = await startRegistry();
  await putList(house.db, 'us-federal', 'US', []);
  await mkdir(join(house.fetching.inboxFolder, 'us-federal'), { recursive: true });
  await mkdir(house.fetching.credentialsFolder, { recursive: true });
  await writeFile(join(house.fetching.credentialsFolder, 'registry.txt'), `bearer ${SECRET}\n`);
});

afterAll(async () => {
  await running.stop();
  await registry.close();
  await house.close();
});

async function keep(from?: Fetch['from']): Promise<string> {
  const download = { adapter: 'https' as const, url: registry.url.href, credentialsFile: 'registry.txt', asOf: 'modified' as const };
  const fetch: Fetch = {
    id: newId(), list: 'us-federal', kind: 'full', format: 'lines', op: null, areaCodes: null, from: from ?? download, when: { every: 'P1D' },
  };
  await house.db.transaction().execute((tx) => insertFetch(tx, fetch, 'key:test', new Date()));
  return fetch.id;
}

let nth = 0;

function typeOf(error: unknown): string {
  const cause = error instanceof WorkflowFailedError && error.cause instanceof ActivityFailure ? error.cause.cause : undefined;
  return cause instanceof ApplicationFailure ? cause.type ?? 'none' : 'unknown';
}

/** One run of a fetch: why it failed, what its workflow shows, and its history. */
async function run(fetchId: string, record = '') {
  const workflowId = `list-fetch/${fetchId}/${++nth}`;
  const { client, taskQueue } = running;
  const handle = await client.workflow.start(LIST_FETCH_WORKFLOW, { taskQueue, workflowId, args: [fetchId] });
  const failure = await handle.result().then(() => null, typeOf);
  const { currentDetails = '' } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  const history = historyToJSON(await handle.fetchHistory());
  if (process.env.RECORD_HISTORIES && record !== '') await writeFile(join(import.meta.dirname, `histories/${record}.json`), `${history}\n`);
  return { failure, currentDetails, history };
}

const releasesOf = (fetchId: string) =>
  house.db.selectFrom('dnc_release').select(['id', 'as_of', 'state', 'size_bytes']).where('received_by', '=', `fetch/${fetchId}`).orderBy('id').execute();

/** Files that were not there before. Those of earlier releases go by themselves, at any moment. */
async function addedSince(before: readonly string[]): Promise<string[]> {
  return (await readdir(house.listFolder)).filter((name) => !before.includes(name));
}

describe('a scheduled download', () => {
  it('is received as if somebody had sent it, also when the server is away for a moment', async () => {
    registry.answer(status(500), file(BODY, TAGGED));
    const id = await keep();
    const { failure, currentDetails, history } = await run(id, 'list-fetch');
    const [release] = await releasesOf(id);
    expect([failure, release]).toMatchObject([null, { as_of: MODIFIED, state: 'receiving', size_bytes: BigInt(BODY.length) }]);
    expect(currentDetails).toBe([
      '### received', '', 'What was there has been received, and is brought into force by a workflow of its own.', '', 'List **us-federal**',
      `- release ${release?.id} as of **2026-11-23 04:00 UTC**, 110000 bytes`,
    ].join('\n'));
    expect(await house.db.selectFrom('outbox').select(['subject', 'workflow']).execute()).toEqual([{ subject: release?.id, workflow: 'release' }]);
    expect((await findFetch(house.db, id))?.lastRun).toMatchObject({ outcome: 'received', releases: [release?.id], problem: null });
    for (const word of [SECRET, '127.0.0.1', '2025550100']) expect(history).not.toContain(word);
    expect(registry.asked.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${SECRET}`, `Bearer ${SECRET}`]);
  });

  it('comes into force by the workflow of its release', async () => {
    registry.answer(file('2025550107\n', { 'last-modified': new Date('2026-11-22T04:00:00Z').toUTCString() }));
    await house.db.insertInto('dnc_list').values({ id: 'us-in', jurisdiction: 'US-IN', name: 'Indiana', effect: 'block', created_at: new Date() }).execute();
    const id = await keep();
    await house.db.updateTable('dnc_fetch').set({ list_id: 'us-in' }).where('id', '=', id).execute();
    await run(id);
    const [release] = await releasesOf(id);
    await deliverSubject(house.db, release!.id, new Date(), createSender(running.client.workflow, running.taskQueue));
    expect(await eventually(async () => (await releasesOf(id))[0]?.state === 'in_force')).toBe(true);
    expect(await currentlyListed(house.db, [12025550107])).toMatchObject([[{ list: 'us-in', releaseId: release!.id }]]);
  });

  it('asks only for what is new, and is one release for the same file', async () => {
    registry.answer(file(BODY, TAGGED), status(304));
    const before = await readdir(house.listFolder);
    const id = await keep();
    await run(id);
    const { currentDetails } = await run(id);
    expect(currentDetails).toContain('### nothing');
    expect(registry.asked[1]?.headers['if-none-match']).toBe('"one"');
    expect((await findFetch(house.db, id))?.lastRun).toMatchObject({ outcome: 'nothing', releases: [] });
    // It was received by the fetch of the test before.
    expect(await releasesOf(id)).toEqual([]);
    expect(await addedSince(before)).toEqual([]);
  });

  it('is whole when it is received, however often it was cut off', async () => {
    const tagged = { ...TAGGED, 'last-modified': new Date('2026-11-24T04:00:00Z').toUTCString() };
    registry.answer(lying(BODY.length, BODY.slice(0, 1_000), 'hangs up', tagged), file(BODY, tagged));
    const id = await keep();
    await run(id);
    expect(await releasesOf(id)).toMatchObject([{ size_bytes: BigInt(BODY.length) }]);
  });

  it.each([
    ['credentials_refused', [status(401)]],
    ['redirect_refused', [status(302, { location: 'https://elsewhere.example/' })]],
  ])('fails with %s at once, and says so', async (code, replies) => {
    registry.answer(...replies);
    const before = await readdir(house.listFolder);
    const id = await keep();
    const { failure, currentDetails } = await run(id);
    expect(failure).toBe(code);
    expect(currentDetails).toMatch(/^### failed\n\nThe server .+\n\nNothing has changed/);
    expect((await findFetch(house.db, id))?.lastRun).toMatchObject({ outcome: 'failed', problem: { code } });
    expect([await releasesOf(id), await readdir(house.listFolder)]).toEqual([[], before]);
  });

  it('of what can be no release says why', async () => {
    registry.answer(file(BODY));
    const id = await keep();
    await house.db.updateTable('dnc_fetch').set({ kind: 'change', op: 'add' }).where('id', '=', id).execute();
    await putList(house.db, 'us-tx', 'US-TX', []);
    await house.db.updateTable('dnc_fetch').set({ list_id: 'us-tx' }).where('id', '=', id).execute();
    expect((await run(id)).failure).toBe('change_without_base');
  });
});

describe('a watched folder', () => {
  it('gives its files to the list, and keeps them in "done"', async () => {
    const folder = join(house.fetching.inboxFolder, 'us-federal');
    await writeFile(join(folder, 'full-20261125.txt'), BODY);
    const id = await keep({ adapter: 'folder', folder: 'us-federal', file: 'full-{YYYY}{MM}{DD}.txt' });
    expect((await run(id)).currentDetails).toContain('### received');
    expect(await releasesOf(id)).toMatchObject([{ as_of: new Date('2026-11-25T00:00:00Z') }]);
    expect(await readdir(join(folder, 'done'))).toEqual(['full-20261125.txt']);
    expect((await run(id)).currentDetails).toContain('### nothing');
  });
});

describe('the schedules of fetches', () => {
  it('are what the database says, and run once right away', async () => {
    registry.answer(status(304));
    const [kept, removed] = [await keep(), await keep()];
    const dependencies = { client: running.client, db: house.db, taskQueue: running.taskQueue };
    const scheduleOf = (id: string) => running.client.schedule.getHandle(`listFetch/${running.taskQueue}/${id}`);
    await reconcileFetchSchedules(dependencies);
    expect(await eventually(async () => (await findFetch(house.db, kept))?.lastRun?.outcome === 'nothing')).toBe(true);
    expect((await scheduleOf(kept).describe()).spec.intervals).toMatchObject([{ every: 86_400_000 }]);
    await scheduleOf(kept).pause('by its operator');

    await house.db.transaction().execute((tx) => removeFetch(tx, removed, 'key:test', new Date()));
    const gone = await eventually(async () => {
      await reconcileFetchSchedules(dependencies);
      return scheduleOf(removed).describe().then(() => false, () => true);
    });
    expect(gone).toBe(true);
    expect((await scheduleOf(kept).describe()).state.paused).toBe(true);
    expect((await run(removed)).currentDetails).toContain('### removed');

    await house.db.updateTable('dnc_fetch').set({ removed_at: new Date() }).execute();
    await reconcileFetchSchedules(dependencies);
  });
});
