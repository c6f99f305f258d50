import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAdminKeyFile, readAdminKey, registerAdminKey } from '../../api/admin-key.ts';
import { createApiKey, keyIdOf } from '../../api/key-format.ts';
import { runFolder } from '../setup/suite.ts';
import { startApi, type Reply, type RunningApi } from './running-api.ts';

let now = () => new Date();
let api: RunningApi;
beforeAll(async () => {
  api = await startApi({ now: () => now() });
});
afterAll(() => api.stop());

function listWith(key: string): Promise<Reply> {
  return api.call('GET', '/v1/leads', { as: null, headers: { authorization: `Bearer ${key}` } });
}

async function make(body: object = {}): Promise<{ id: string; key: string }> {
  return (await api.call('POST', '/v1/api-keys', { body: { name: 'dialer', role: 'agent', ...body } })).json;
}

describe('an API key', () => {
  it('is shown once, works at once, and only its digest is kept [API2:2023]', async () => {
    const { status, json } = await api.call('POST', '/v1/api-keys', { body: { name: 'dialer', role: 'agent' } });
    expect([status, json.role, json.expiresAt]).toEqual([201, 'agent', null]);
    expect(json.key).toMatch(/^lw_[a-z2-7]{16}_[a-z2-7]{52}_[0-9a-f]{8}$/);
    expect((await listWith(json.key)).status).toBe(200);
    const listed = await api.call('GET', '/v1/api-keys?limit=200');
    const made = { createdAt: json.createdAt, createdBy: `key:${keyIdOf(api.keys.admin)}` };
    expect(listed.json.items).toContainEqual({ id: json.id, name: 'dialer', role: 'agent', ...made, expiresAt: null, revokedAt: null, revokedBy: null });
    expect(listed.text).not.toContain(json.key.split('_')[2]);
    const rows = JSON.stringify(await api.db.selectFrom('api_key').selectAll().execute());
    expect(rows).not.toContain(json.key.split('_')[2]);
  });

  it('is refused from the moment it is revoked on, also when it is revoked again [ASVS 7.4.1]', async () => {
    const { id, key } = await make();
    for (let time = 0; time < 2; time += 1) expect((await api.call('DELETE', `/v1/api-keys/${id}`)).status).toBe(204);
    expect((await listWith(key)).status).toBe(401);
  });

  it('says by whom it was made and revoked, the first time', async () => {
    const second = await make({ role: 'admin' });
    const { id } = await make();
    const revoke = (key: string) => api.call('DELETE', `/v1/api-keys/${id}`, { as: null, headers: { authorization: `Bearer ${key}` } });
    await revoke(second.key);
    await revoke(api.keys.admin);
    const { items } = (await api.call('GET', '/v1/api-keys?limit=200')).json;
    const [admin, own] = [`key:${keyIdOf(api.keys.admin)}`, `key:${second.id}`];
    expect(items.find((item: { id: string }) => item.id === id)).toMatchObject({ createdBy: admin, revokedBy: own });
  });

  it('is refused from its expiry on', async () => {
    const { key } = await make({ expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
    expect((await listWith(key)).status).toBe(200);
    now = () => new Date(Date.now() + 3_600_000);
    expect((await listWith(key)).status).toBe(401);
    now = () => new Date();
  });

  it('cannot be made with an expiry in the past or a role that does not exist', async () => {
    const past = await api.call('POST', '/v1/api-keys', { body: { name: 'x', role: 'agent', expiresAt: '2020-01-01T00:00:00Z' } });
    expect([past.status, past.json.errors[0]]).toEqual([422, { pointer: '/expiresAt', code: 'in_past', detail: 'must be later than now' }]);
    const role = await api.call('POST', '/v1/api-keys', { body: { name: 'x', role: 'root' } });
    expect([role.status, role.json.errors[0].pointer]).toEqual([422, '/role']);
  });

  it('is one of ours or it is refused without a query', () => {
    fc.assert(fc.property(fc.string(), (text) => keyIdOf(text) === null));
    const key = createApiKey();
    expect(keyIdOf(key)).toBe(key.split('_')[1]);
    fc.assert(fc.property(fc.nat(key.length - 1), fc.constantFrom('a', 'b', 'c', '2', '3', '4'), (place, letter) => {
      const typo = key.slice(0, place) + letter + key.slice(place + 1);
      return typo === key || keyIdOf(typo) === null;
    }));
  });

  it.each(['', 'Bearer', 'Bearer  ', 'Bearer a b', 'Token x', 'Basic !!!', 'Bearer lw_x_y_z', `Bearer ${createApiKey()}`, 'bearer\tx'])(
    'is not to be seen in the header %p', async (authorization) => {
      const reply = await api.call('GET', '/v1/leads', { as: null, headers: { authorization } });
      expect([reply.status, reply.json.code]).toEqual([401, 'unauthenticated']);
    });

  it('does not work with the id of one key and the secret of another', async () => {
    const [one, two] = [await make(), await make()];
    const mixed = `lw_${one.id}_${two.key.split('_')[2]}_00000000`;
    expect((await listWith(mixed)).status).toBe(401);
  });

  it('is not known by any other id', async () => {
    for (const id of ['x', 'a'.repeat(16), '%00', randomUUID()]) {
      const reply = await api.call('DELETE', `/v1/api-keys/${id}`);
      expect([reply.status, reply.json.code]).toEqual([404, 'unknown_api_key']);
    }
  });

  it('is listed page by page', async () => {
    const whole = (await api.call('GET', '/v1/api-keys?limit=200')).json.items;
    const first = await api.call('GET', '/v1/api-keys?limit=3');
    const rest = await api.call('GET', `/v1/api-keys?limit=200&after=${first.json.next}`);
    expect([...first.json.items, ...rest.json.items]).toEqual(whole);
  });
});

describe('the admin key file', () => {
  it('is made once, for its owner alone, and lets its holder in', async () => {
    const path = join(runFolder(), `admin-${randomUUID()}.key`);
    await Promise.all([createAdminKeyFile(path), createAdminKeyFile(path), createAdminKeyFile(path)]);
    const key = await readAdminKey(path);
    await createAdminKeyFile(path);
    expect(await readAdminKey(path)).toBe(key);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toBe(`${key}\n`);
    for (let time = 0; time < 2; time += 1) await registerAdminKey(api.db, key, new Date());
    expect((await listWith(key)).status).toBe(200);
  });

  it('is refused by its name when it holds something else', async () => {
    const path = join(runFolder(), `admin-${randomUUID()}.key`);
    await writeFile(path, 'Zyxwcanary');
    await expect(readAdminKey(path)).rejects.toThrow(path);
    await expect(readAdminKey(path)).rejects.not.toThrow('Zyxwcanary');
  });

  it('does not bring a revoked key back', async () => {
    const { id, key } = await make({ role: 'admin' });
    await api.call('DELETE', `/v1/api-keys/${id}`);
    await registerAdminKey(api.db, key, new Date());
    expect((await listWith(key)).status).toBe(401);
  });
});
