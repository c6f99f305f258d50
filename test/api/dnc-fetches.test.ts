import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { putList } from './list-history.ts';
import { placesOf, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await putList(api.db, 'us-federal', 'US', []);
});
afterAll(() => api.stop());

const DOWNLOAD = {
  list: 'us-federal', kind: 'full', format: 'ftc_full', areaCodes: [202, 203], adapter: 'https', url: 'https://registry.example/full.zip?day=today',
  credentialsFile: 'registry.txt', cron: '15 4 * * 1-5',
};
const FOLDER = { list: 'us-federal', kind: 'change', format: 'lines', op: 'add', adapter: 'folder', folder: 'us-federal', every: 'PT6H' };

const create = (body: object, as: 'compliance' | 'operator' = 'compliance') => api.call('POST', '/v1/dnc/fetches', { body, as });

describe('a fetch of a list', () => {
  it('is kept as it was asked for, listed, and taken out of use again', async () => {
    const download = await create(DOWNLOAD);
    expect(download).toMatchObject({ status: 201, json: { ...DOWNLOAD, asOf: 'modified', folder: null, file: null, every: null, lastRun: null } });
    const folder = await create(FOLDER);
    expect(folder).toMatchObject({ status: 201, json: { ...FOLDER, file: '*', url: null, cron: null, areaCodes: null } });
    const listed = await api.call('GET', '/v1/dnc/fetches?limit=1', { as: 'compliance' });
    expect(listed.json.items).toEqual([folder.json]);
    const next = await api.call('GET', `/v1/dnc/fetches?after=${listed.json.next}`, { as: 'compliance' });
    expect(next.json).toEqual({ items: [download.json], next: null });
    const path = `/v1/dnc/fetches/${folder.json.fetchId}`;
    expect((await api.call('DELETE', path)).status).toBe(204);
    expect(await api.call('DELETE', path)).toMatchObject({ status: 404, json: { code: 'unknown_fetch' } });
    expect((await api.call('GET', '/v1/dnc/fetches')).json.items).toEqual([download.json]);
  });

  it('is made by those who answer for lists', async () => {
    expect((await create(DOWNLOAD, 'operator')).status).toBe(403);
  });

  it('is of a list that is registered', async () => {
    expect(await create({ ...DOWNLOAD, list: 'us-tx' })).toMatchObject({ status: 404, json: { code: 'unknown_list' } });
  });

  it.each<[object, string]>([
    [{ ...DOWNLOAD, url: 'http://registry.example/full.zip' }, '/url'],
    [{ ...DOWNLOAD, url: 'https://user:secret@registry.example/' }, '/url'],
    [{ ...DOWNLOAD, url: 'file:///etc/passwd' }, '/url'],
    [{ ...DOWNLOAD, url: 'registry' }, '/url'],
    [{ ...DOWNLOAD, credentialsFile: '../keys/token.key' }, '/credentialsFile'],
    [{ ...DOWNLOAD, cron: '@daily' }, '/cron'],
    [{ ...DOWNLOAD, cron: '61 4 * * *' }, '/cron'],
    [{ ...DOWNLOAD, cron: '*/0 4 * * *' }, '/cron'],
    [{ ...DOWNLOAD, cron: '* * * *' }, '/cron'],
    [{ ...DOWNLOAD, every: 'P1D' }, '/cron'],
    [{ ...FOLDER, every: 'PT1S' }, '/every'],
    [{ ...FOLDER, every: 'P1M' }, '/every'],
    [{ ...FOLDER, folder: '..' }, '/folder'],
    [{ ...FOLDER, folder: 'a/b' }, '/folder'],
    [{ ...FOLDER, file: '(a+)+' }, '/file'],
    [{ ...FOLDER, url: 'https://registry.example/' }, ''],
    [{ ...FOLDER, op: undefined }, '/op'],
    [{ ...FOLDER, format: 'ftc_full' }, '/kind'],
    [{ ...FOLDER, kind: 'full', op: undefined, areaCodes: [101] }, '/areaCodes'],
    [{ ...FOLDER, areaCodes: 'in-file' }, '/areaCodes'],
  ])('is refused as %j at %s', async (body, pointer) => {
    const reply = await create(body);
    expect([reply.status, placesOf(reply).map(([place]) => place.split('/').slice(0, 2).join('/'))]).toEqual([422, expect.arrayContaining([pointer])]);
  });

  it('is made once for an idempotency key', async () => {
    const headers = { 'idempotency-key': 'nightly' };
    const first = await api.call('POST', '/v1/dnc/fetches', { body: DOWNLOAD, headers });
    const again = await api.call('POST', '/v1/dnc/fetches', { body: DOWNLOAD, headers });
    expect(again.json).toEqual(first.json);
  });
});
