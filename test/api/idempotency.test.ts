import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createApp } from '../../api/app.ts';
import { Metrics } from '../../api/metrics.ts';
import { routes } from '../../api/routes.ts';
import { listen } from '../../api/server.ts';
import { call, leadBody, SOURCE, startApi, type Reply, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

function acquire(body: unknown, key: string, as: 'admin' | 'operator' = 'admin'): Promise<Reply> {
  return api.call('POST', '/v1/leads', { body, as, headers: { 'idempotency-key': key } });
}

async function acquisitionsOf(leadId: string): Promise<number> {
  const rows = await api.db.selectFrom('acquisition').select('id').where('lead_id', '=', leadId).execute();
  return rows.length;
}

describe('a request with an idempotency key', () => {
  it('is carried out once and answered alike, whenever it is repeated', async () => {
    const [key, body] = [randomUUID(), leadBody()];
    const first = await acquire(body, key);
    const again = await acquire(body, key);
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.json).toEqual(first.json);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect([first.headers.get('idempotency-replayed'), again.headers.get('idempotency-replayed')]).toEqual([null, 'true']);
    expect(await acquisitionsOf(first.json.leadId)).toBe(1);
  });

  it('is refused when the same key comes with another body, path or query', async () => {
    const key = randomUUID();
    await acquire(leadBody(), key);
    const other = await acquire(leadBody(), key);
    const elsewhere = await api.call('POST', '/v1/sources', { body: { ...SOURCE, id: 'other' }, headers: { 'idempotency-key': key } });
    for (const reply of [other, elsewhere]) expect([reply.status, reply.json.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('is told so while the first one is still running', async () => {
    const [key, body] = [randomUUID(), leadBody()];
    const replies = await Promise.all(Array.from({ length: 20 }, () => acquire(body, key)));
    const statuses = new Set(replies.map((reply) => reply.status));
    expect([...statuses].every((status) => status === 201 || status === 409)).toBe(true);
    for (const reply of replies) if (reply.status === 409) expect(reply.json.code).toBe('idempotency_key_in_use');
    const done = replies.filter((reply) => reply.status === 201);
    expect(done.length).toBeGreaterThan(0);
    expect(new Set(done.map((reply) => reply.json.acquisitionId)).size).toBe(1);
    expect(await acquisitionsOf(done[0]?.json.leadId)).toBe(1);
  });

  it('belongs to its caller: another one may use the same key', async () => {
    const [key, body] = [randomUUID(), leadBody()];
    const mine = await acquire(body, key);
    const theirs = await acquire(body, key, 'operator');
    expect([mine.status, theirs.status]).toEqual([201, 200]);
    expect(theirs.json.acquisitionId).not.toBe(mine.json.acquisitionId);
  });

  it('gives the same answer when the process died before it could answer', async () => {
    const [key, body] = [randomUUID(), leadBody()];
    const gone = new AbortController();
    // The announcement comes after the commit and before the answer: the caller's connection breaks there.
    const breaking = { announce: () => Promise.resolve(gone.abort()) } as unknown as RunningApi['context']['announcer'];
    const dying = await listen(createApp({ ...api.context, announcer: breaking }, new Metrics(), routes), '127.0.0.1', 0);
    const options = { method: 'POST', body: JSON.stringify(body), signal: gone.signal };
    const headers = { authorization: `Bearer ${api.keys.admin}`, 'content-type': 'application/json', 'idempotency-key': key };
    await expect(fetch(`${dying.url}/v1/leads`, { ...options, headers })).rejects.toThrow();
    await dying.stop();
    const answer = await acquire(body, key);
    expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    expect(await acquisitionsOf(answer.json.leadId)).toBe(1);
  });

  it('leaves nothing behind when it was refused', async () => {
    const key = randomUUID();
    const body = leadBody({ source: 'late-source' });
    expect((await acquire(body, key)).json.code).toBe('unknown_source');
    await api.call('POST', '/v1/sources', { body: { ...SOURCE, id: 'late-source' } });
    expect((await acquire(body, key)).status).toBe(201);
  });

  it('never keeps a secret or a number that could be read or guessed from the store', async () => {
    const key = randomUUID();
    const body = { name: 'dialer', role: 'agent' };
    const options = { body, headers: { 'idempotency-key': key } };
    const made = await api.call('POST', '/v1/api-keys', options);
    expect((await api.call('POST', '/v1/api-keys', options)).json).toEqual(made.json);
    const rows = await api.db.selectFrom('idempotency').selectAll().execute();
    const kept = JSON.stringify(rows.map((row) => ({ ...row, request_digest: row.request_digest.toString('hex') })));
    expect(kept).not.toContain(made.json.key);
    // Masked numbers have stars; what is sealed, in base 64, never has.
    expect(kept).not.toContain('*');
  });

  it('never keeps the key itself, which may be the number or the address of somebody', async () => {
    for (const key of ['+12025550143', 'zyxwcanary@example.com']) {
      const body = leadBody();
      expect([(await acquire(body, key)).status, (await acquire(body, key)).headers.get('idempotency-replayed')]).toEqual([201, 'true']);
    }
    const keys = await api.db.selectFrom('idempotency').select('key').execute();
    expect(keys.filter(({ key }) => !/^[\w-]{43}$/.test(key))).toEqual([]);
  });

  it.each(['with space', 'ü', 'x'.repeat(256)])('takes visible ASCII of at most 255 characters only', async (key) => {
    const refused = await call(api.url, api.keys, 'POST', '/v1/leads', { body: leadBody(), headers: { 'idempotency-key': key } });
    expect([refused.status, refused.json.errors[0].pointer]).toEqual([422, 'header:Idempotency-Key']);
  });
});
