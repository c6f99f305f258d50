import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SOURCE, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const FULL = {
  ...SOURCE, id: 'full', confirmation: 'double_opt_in', defaultRegion: 'GB',
  consentTexts: [{ version: '2026-03', language: 'en', text: 'I agree that Acme may call me.', names: ['acme'] }],
};

describe('a source', () => {
  it('is registered with all that it is, and defaults for the rest', async () => {
    const full = await api.call('POST', '/v1/sources', { body: FULL });
    expect([full.status, full.json]).toEqual([201, FULL]);
    const { defaultRegion: _, ...least } = SOURCE;
    const plain = await api.call('POST', '/v1/sources', { body: least });
    expect(plain.json).toEqual({ ...least, confirmation: 'none', defaultRegion: null, consentTexts: [] });
  });

  it('cannot be registered twice, nor at once by many', async () => {
    const replies = await Promise.all(Array.from({ length: 8 }, () => api.call('POST', '/v1/sources', { body: { ...SOURCE, id: 'once' } })));
    expect(replies.filter((reply) => reply.status === 201)).toHaveLength(1);
    for (const reply of replies) if (reply.status !== 201) expect([reply.status, reply.json.code]).toEqual([409, 'source_exists']);
  });

  it.each([
    ['id', 'Spring Fair', 'wrong_format'], ['id', '-x', 'wrong_format'], ['id', 'x'.repeat(65), 'too_long'], ['kind', 'rumour', 'not_allowed'],
    ['legalBasis', 'hope', 'not_allowed'], ['defaultRegion', 'USA', 'wrong_format'], ['defaultRegion', 'ZZ', 'unknown_country'], ['name', '', 'too_short'],
    ['name', undefined, 'required'],
  ])('is refused with %s %p', async (field, value, code) => {
    const { status, json } = await api.call('POST', '/v1/sources', { body: { ...SOURCE, [field]: value } });
    expect([status, json.errors[0].pointer, json.errors[0].code]).toEqual([422, `/${field}`, code]);
  });
});

describe('the list of sources', () => {
  it('is ordered by id, in pages', async () => {
    const { json } = await api.call('GET', '/v1/sources');
    const ids = json.items.map((source: { id: string }) => source.id);
    expect(ids).toEqual([...ids].sort());
    const first = await api.call('GET', '/v1/sources?limit=1');
    const second = await api.call('GET', `/v1/sources?limit=1&after=${first.json.next}`);
    expect([...first.json.items, ...second.json.items]).toEqual(json.items.slice(0, 2));
  });

  it('is sent again only when it has changed', async () => {
    const first = await api.call('GET', '/v1/sources');
    const etag = first.headers.get('etag') ?? '';
    const same = await api.call('GET', '/v1/sources', { headers: { 'if-none-match': etag } });
    expect([same.status, same.text]).toEqual([304, '']);
    await api.call('POST', '/v1/sources', { body: { ...SOURCE, id: 'another' } });
    const changed = await api.call('GET', '/v1/sources', { headers: { 'if-none-match': etag } });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });
});

describe('a source that is suspended', () => {
  const suspend = (id: string, body: object = { reason: 'Numbers were sold without consent' }) =>
    api.call('POST', `/v1/sources/${id}/suspension`, { body, as: 'compliance' });
  const resume = (id: string) => api.call('DELETE', `/v1/sources/${id}/suspension`, { as: 'compliance' });
  const listed = async (id: string) => (await api.call('GET', '/v1/sources')).json.items.find((source: { id: string }) => source.id === id)?.suspendedAt;

  it('says since when, until it is taken back into use', async () => {
    await api.call('POST', '/v1/sources', { body: { ...SOURCE, id: 'sold' } });
    expect(await listed('sold')).toBeNull();
    const { status, json } = await suspend('sold');
    expect([status, json]).toEqual([200, { source: 'sold', suspendedAt: expect.any(String), reason: 'Numbers were sold without consent' }]);
    expect((await suspend('sold', { reason: 'Once more' })).json).toEqual(json);
    expect(await listed('sold')).toBe(json.suspendedAt);
    expect([(await resume('sold')).status, (await resume('sold')).status]).toEqual([204, 204]);
    expect(await listed('sold')).toBeNull();
  });

  it('has to be registered, and to be suspended for a reason', async () => {
    for (const id of ['nobody-knows', 'Rubbish%20']) {
      const replies = [await suspend(id), await resume(id)];
      expect(replies.map((reply) => [reply.status, reply.json.code])).toEqual([[404, 'source_not_found'], [404, 'source_not_found']]);
    }
    const { status, json } = await suspend('full', {});
    expect([status, json.errors[0].pointer, json.errors[0].code]).toEqual([422, '/reason', 'required']);
  });
});
