import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { serveMetrics } from '../../api/metrics-server.ts';
import { listen } from '../../api/server.ts';
import { measureWebhooks } from '../../api/webhook-metrics.ts';
import { forgetDeliveries } from '../../db/webhook-deliveries.ts';
import { leadBody, placesOf, SOURCE, startApi, type RunningApi } from './running-api.ts';

const URL_ = 'https://crm.example.com/hooks?tenant=4711';
const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());
beforeEach(async () => {
  for (const table of ['webhook_delivery', 'webhook_endpoint', 'outbox'] as const) await api.db.deleteFrom(table).execute();
});

const create = async (body: object = {}) => (await api.call('POST', '/v1/webhook-endpoints', { body: { url: URL_, ...body } })).json;
const at = (id: string, rest = '') => `/v1/webhook-endpoints/${id}${rest}`;
const acquire = () => api.call('POST', '/v1/leads', { body: leadBody() });
const settle = (state: 'delivered' | 'given_up') =>
  api.db.updateTable('webhook_delivery').set({ state, settled_at: new Date(), tried: 1, attempts: 1, last_status: 200 }).execute();

describe('an endpoint', () => {
  it('is made with a secret that is shown once and kept sealed', async () => {
    const { status, json } = await api.call('POST', '/v1/webhook-endpoints', { body: { url: URL_, events: ['lead.acquired'], description: 'CRM' } });
    expect(status).toBe(201);
    expect(json).toMatchObject({ url: URL_, events: ['lead.acquired'], description: 'CRM', state: 'active', delivered: 0, failingSince: null });
    expect(Buffer.from(json.secret.replace('whsec_', ''), 'base64')).toHaveLength(32);
    expect(json.links.temporal).toContain(encodeURIComponent(`webhook-endpoint/${json.id}`));
    const { secret, ...shown } = json;
    const read = await api.call('GET', at(json.id));
    expect([read.status, read.json]).toEqual([200, shown]);
    expect((await api.call('GET', '/v1/webhook-endpoints')).json).toEqual({ items: [shown], next: null });
    const row = await api.db.selectFrom('webhook_endpoint').selectAll().executeTakeFirstOrThrow();
    expect(row.secret.toString('latin1')).not.toContain(secret.slice(6, 20));
    expect(api.context.vault.openSecret(json.id, row.secret)).toBe(secret);
    expect(() => api.context.vault.openSecret(UNKNOWN, row.secret)).toThrow();
    expect(api.logged.join('')).not.toContain(secret.slice(6));
  });

  it('takes a secret of the receiver’s own', async () => {
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    expect((await create({ secret })).secret).toBe(secret);
  });

  it.each([
    ['no address', { url: 'crm' }, '/url', 'invalid_url'],
    ['a fragment', { url: `${URL_}#top` }, '/url', 'invalid_url'],
    ['a password', { url: 'https://me:secret@crm.example.com/' }, '/url', 'address_refused'],
    ['no TLS', { url: 'http://crm.example.com/' }, '/url', 'address_refused'],
    ['another protocol', { url: 'ftp://crm.example.com/' }, '/url', 'address_refused'],
    ['the address of a cloud’s secrets', { url: 'https://169.254.169.254/' }, '/url', 'address_refused'],
    ['an event that there is not', { events: ['lead.sold'] }, '/events/0', 'not_allowed'],
    ['no event', { events: [] }, '/events', 'too_short'],
    ['an event twice', { events: ['lead.acquired', 'lead.acquired'] }, '/events', 'repeated'],
    ['a short secret', { secret: 'whsec_c2hvcnQ=' }, '/secret', 'invalid_secret'],
  ])('is refused with %s', async (_title, changes, pointer, code) => {
    const reply = await api.call('POST', '/v1/webhook-endpoints', { body: { url: URL_, ...changes } });
    expect([reply.status, placesOf(reply)]).toEqual([422, [[pointer, code]]]);
  });

  it('is refused at a private address, unless that is allowed', async () => {
    for (const url of ['https://10.0.0.1/', 'http://127.0.0.1:8080/', 'https://[::ffff:127.0.0.1]/', 'https://192.168.1.1/']) {
      api.context.webhooksPrivate = false;
      expect(placesOf(await api.call('POST', '/v1/webhook-endpoints', { body: { url } }))).toEqual([['/url', 'address_refused']]);
      api.context.webhooksPrivate = true;
      expect((await api.call('POST', '/v1/webhook-endpoints', { body: { url } })).status).toBe(201);
    }
    expect((await api.call('POST', '/v1/webhook-endpoints', { body: { url: 'http://10.0.0.1/' } })).status).toBe(422);
  });

  it('is changed as a whole, by whoever knows its last version', async () => {
    const { id } = await create({ events: ['lead.acquired'] });
    const { headers } = await api.call('GET', at(id));
    const edit = { url: 'https://new.example.com/', events: ['lead.disposed'] };
    const changed = await api.call('PUT', at(id), { body: edit, headers: { 'if-match': headers.get('etag')! } });
    expect([changed.status, changed.json]).toMatchObject([200, { ...edit, description: null }]);
    expect((await api.call('PUT', at(id), { body: edit, headers: { 'if-match': headers.get('etag')! } })).json.code).toBe('precondition_failed');
    expect((await api.call('PUT', at(id), { body: edit })).status).toBe(200);
  });

  it('gets a new secret, beside which the old one is good for a while', async () => {
    const { id, secret } = await create();
    const { status, json } = await api.call('POST', at(id, '/rotate'), { body: { overlap: 'PT2H' } });
    expect(status).toBe(200);
    expect(json.secret).not.toBe(secret);
    expect(Date.parse(json.oldSecretUntil) - Date.now()).toBeGreaterThan(7_100_000);
    const row = await api.db.selectFrom('webhook_endpoint').selectAll().executeTakeFirstOrThrow();
    const kept = [row.secret, row.old_secret!].map((sealed) => api.context.vault.openSecret(id, sealed));
    expect(kept).toEqual([json.secret, secret]);
    expect(placesOf(await api.call('POST', at(id, '/rotate'), { body: { overlap: 'P2M' } }))).toEqual([['/overlap', 'out_of_range']]);
  });

  it('is paused, resumed and tested, and its workflow is told', async () => {
    const { id } = await create({ events: ['lead.disposed'] });
    expect((await api.call('POST', at(id, '/pause'))).json.state).toBe('paused');
    expect((await api.call('POST', at(id, '/pause'))).json.state).toBe('paused');
    expect((await api.call('POST', at(id, '/resume'))).json.state).toBe('active');
    const test = await api.call('POST', at(id, '/test'));
    expect([test.status, test.json]).toMatchObject([202, { type: 'leadwarden.test', state: 'pending', leadId: null, attempts: 0 }]);
    expect(api.announced.filter((subject) => subject === id).length).toBeGreaterThanOrEqual(3);
  });

  it('is ended for good, and its log stays', async () => {
    const { id } = await create();
    await acquire();
    expect((await api.call('DELETE', at(id))).status).toBe(204);
    expect((await api.call('DELETE', at(id))).status).toBe(204);
    expect((await api.call('GET', at(id))).json.state).toBe('ended');
    expect((await api.call('GET', at(id, '/deliveries'))).json.items).toHaveLength(1);
    expect((await api.call('GET', '/v1/webhook-endpoints')).json.items).toEqual([]);
    for (const step of ['/pause', '/resume', '/test']) expect((await api.call('POST', at(id, step))).json.code).toBe('endpoint_ended');
    expect((await api.call('PUT', at(id), { body: { url: URL_ } })).json.code).toBe('endpoint_ended');
    await acquire();
    expect((await api.call('GET', at(id, '/deliveries'))).json.items).toHaveLength(1);
  });

  it('that is not there is nowhere', async () => {
    expect((await api.call('GET', at(UNKNOWN))).json.code).toBe('unknown_endpoint');
    expect((await api.call('GET', at(UNKNOWN, '/deliveries'))).json.code).toBe('unknown_endpoint');
    expect((await api.call('DELETE', at(UNKNOWN))).json.code).toBe('unknown_endpoint');
    expect((await api.call('POST', at('x', '/test'))).json.code).toBe('unknown_endpoint');
  });
});

describe('the log of an endpoint', () => {
  it('has what happened, the newest first, page by page and by state', async () => {
    const { id } = await create({ events: ['lead.acquired'] });
    const leadIds: string[] = [];
    for (let nth = 0; nth < 3; nth += 1) leadIds.unshift((await acquire()).json.leadId);
    const first = await api.call('GET', at(id, '/deliveries?limit=2'));
    expect(first.json.items.map((item: { leadId: string }) => item.leadId)).toEqual(leadIds.slice(0, 2));
    expect(first.json.items[0]).toMatchObject({ type: 'lead.acquired', state: 'pending', attempts: 0, lastStatus: null, settledAt: null });
    expect(first.json.items[0].id).toBe(first.json.items[0].eventId);
    const second = await api.call('GET', at(id, `/deliveries?limit=2&after=${first.json.next}`));
    expect(second.json).toMatchObject({ items: [{ leadId: leadIds[2] }], next: null });
    await api.db.updateTable('webhook_delivery').set({ tried: 2, attempts: 2, last_failure: 'timed_out' }).where('lead_id', '=', leadIds[0]!).execute();
    const counts = await Promise.all(['pending', 'failed', 'delivered', 'given_up'].map(async (state) =>
      (await api.call('GET', at(id, `/deliveries?state=${state}`))).json.items.length));
    expect(counts).toEqual([2, 1, 0, 0]);
  });

  it('is where an event is sent from once more', async () => {
    const { id } = await create({ events: ['lead.acquired'] });
    await acquire();
    await settle('delivered');
    const [item] = (await api.call('GET', at(id, '/deliveries'))).json.items;
    const again = await api.call('POST', at(id, `/deliveries/${item.id}/redeliver`));
    expect([again.status, again.json]).toMatchObject([202, { id: item.id, state: 'pending', attempts: 1, settledAt: null }]);
    expect((await api.call('POST', at(id, `/deliveries/${UNKNOWN}/redeliver`))).json.code).toBe('unknown_delivery');
    expect((await api.call('POST', at(UNKNOWN, `/deliveries/${item.id}/redeliver`))).json.code).toBe('unknown_endpoint');
  });

  it('and all events from a moment on, or those alone that were given up', async () => {
    const { id } = await create({ events: ['lead.acquired'] });
    const before = new Date().toISOString();
    for (let nth = 0; nth < 3; nth += 1) await acquire();
    await settle('given_up');
    await api.db.updateTable('webhook_delivery').set({ state: 'delivered' }).where('event_id', 'in', (query) =>
      query.selectFrom('webhook_delivery').select('event_id').orderBy('event_id').limit(1)).execute();
    const redeliver = (body: object) => api.call('POST', at(id, '/redeliver'), { body });
    expect((await redeliver({ from: '2100-01-01T00:00:00Z' })).json).toEqual({ redelivered: 0, next: null });
    expect((await redeliver({ from: before, only: 'given_up' })).json).toEqual({ redelivered: 2, next: null });
    expect((await redeliver({ from: before })).json).toEqual({ redelivered: 1, next: null });
    expect((await redeliver({ from: before })).json).toEqual({ redelivered: 0, next: null });
  });

  it('forgets what was settled long ago, a bounded number at a time', async () => {
    const { id } = await create({ events: ['lead.acquired'] });
    for (let nth = 0; nth < 3; nth += 1) await acquire();
    await settle('delivered');
    await acquire();
    const later = new Date(Date.now() + 1_000);
    expect(await forgetDeliveries(api.db, new Date(0), 10)).toBe(0);
    expect([await forgetDeliveries(api.db, later, 2), await forgetDeliveries(api.db, later, 2)]).toEqual([2, 1]);
    expect((await api.call('GET', at(id, '/deliveries'))).json.items).toHaveLength(1);
  });
});

describe('the metrics', () => {
  it('say how many were delivered, how many wait, and for how long the oldest has', async () => {
    const { id } = await create({ events: ['lead.acquired'] });
    await acquire();
    await api.db.updateTable('webhook_endpoint').set({ delivered: 7n, failed: 2n, given_up: 1n, failing_since: new Date() }).where('id', '=', id).execute();
    await api.db.updateTable('webhook_delivery').set({ queued_at: new Date(Date.now() - 60_000) }).execute();
    const server = await listen(serveMetrics(api.metrics, measureWebhooks(api.metrics, api.db, () => new Date())), '127.0.0.1', 0);
    for (let nth = 0; nth < 2; nth += 1) {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      expect(text).toContain('leadwarden_webhook_deliveries_total{result="delivered"} 7');
      expect(text).toContain('leadwarden_webhook_deliveries_total{result="given_up"} 1');
      expect(text).toContain('leadwarden_webhook_endpoints{state="failing"} 1');
      expect(text).toContain('leadwarden_webhook_deliveries_waiting 1');
      expect(Number(/leadwarden_webhook_oldest_waiting_seconds ([\d.]+)/.exec(text)?.[1])).toBeGreaterThan(59);
    }
    await server.stop();
  });
});
