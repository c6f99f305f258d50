import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { measureStore, serveMetrics } from '../../api/metrics-server.ts';
import { listen } from '../../api/server.ts';
import { createPool, overPool } from '../../db/connection.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

describe('every answer', () => {
  it('carries the request id of the caller, or one of ours [ASVS 16.2.1]', async () => {
    for (const good of ['my.request-1', '7']) {
      const given = await api.call('GET', '/healthz', { headers: { 'x-request-id': good } });
      expect(given.headers.get('x-request-id')).toBe(good);
    }
    for (const bad of ['', 'x'.repeat(65), 'with space 1', 'a;b;c;d;e;f']) {
      const reply = await api.call('GET', '/v1/nothing', { headers: { 'x-request-id': bad } });
      expect(reply.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
      expect(reply.json.requestId).toBe(reply.headers.get('x-request-id'));
    }
  });

  it('says nothing about what answers it, and cannot be framed, sniffed or kept [ASVS 3.4.3] [API8:2023]', async () => {
    const { headers } = await api.call('GET', '/v1/leads');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  it('says how much the caller may still ask for', async () => {
    const { headers } = await api.call('GET', '/v1/leads');
    expect(headers.get('ratelimit-policy')).toMatch(/^"requests"; q=60000; w=60/);
    expect(headers.get('ratelimit')).toMatch(/^"requests"; r=\d+; t=\d+$/);
  });

  it('is the same for HEAD, without its body', async () => {
    const reply = await api.call('HEAD', '/v1/leads');
    expect([reply.status, reply.text, reply.headers.get('content-type')]).toEqual([200, '', 'application/json; charset=utf-8']);
  });

  it('is written down as one line, with the template for its path', async () => {
    const { json } = await api.call('POST', '/v1/leads', { body: leadBody() });
    const reply = await api.call('GET', `/v1/leads/${json.leadId}`, { as: 'agent' });
    const requestId = reply.headers.get('x-request-id') ?? '';
    const lines = api.logged.filter((line) => line.includes(requestId)).map((line) => JSON.parse(line));
    expect(lines).toEqual([expect.objectContaining({
      requestId, operation: 'readLead', method: 'GET', route: '/v1/leads/{id}', status: 200, keyId: api.keys.agent.split('_')[1], msg: 'request',
    })]);
  });
});

describe('a caller who asks for too much', () => {
  it('is told when to go on, while others go on [ASVS 2.4.1] [API4:2023]', async () => {
    const tight = await startApi({ requestsPerMinute: 3 });
    for (let count = 0; count < 3; count += 1) expect((await tight.call('GET', '/v1/leads', { as: 'agent' })).status).toBe(200);
    const refused = await tight.call('GET', '/v1/leads', { as: 'agent' });
    expect([refused.status, refused.json.code]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await tight.call('GET', '/v1/leads', { as: 'auditor' })).status).toBe(200);
    await tight.stop();
  });
});

describe('the documentation', () => {
  it('is a page without any script of its own, whose files are served from here', async () => {
    const page = await api.call('GET', '/docs', { as: 'auditor' });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(files).toHaveLength(5);
    for (const file of files) {
      const reply = await api.call('GET', file, { as: 'auditor' });
      expect([file, reply.status, reply.headers.get('etag')]).toEqual([file, 200, expect.stringMatching(/^"/)]);
      expect((await api.call('GET', file, { as: 'auditor', headers: { 'if-none-match': reply.headers.get('etag') ?? '' } })).status).toBe(304);
    }
    expect(page.text).not.toMatch(/<script>|\son\w+=|https?:/);
  });

  it('asks a browser to log in', async () => {
    const reply = await api.call('GET', '/docs', { as: null });
    expect([reply.status, reply.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('Basic realm="leadwarden"')]);
  });

  it('has the description beside it, asked for again cheaply', async () => {
    const first = await api.call('GET', '/openapi.json');
    expect(first.json.openapi).toBe('3.1.0');
    expect((await api.call('GET', '/openapi.json', { headers: { 'if-none-match': first.headers.get('etag') ?? '' } })).status).toBe(304);
  });
});

describe('the metrics', () => {
  it('count requests by operation and status, and what waits in the outbox, on an address of their own', async () => {
    const pool = createPool(api.databaseUrl, { max: 2 });
    const measure = measureStore(api.metrics, overPool(pool), pool, () => new Date());
    const server = await listen(serveMetrics(api.metrics, measure), '127.0.0.1', 0);
    await api.call('POST', '/v1/leads', { body: leadBody() });
    await api.call('GET', '/v1/leads/x');
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(/leadwarden_request_duration_seconds_count\{operation="acquireLead",status="201"\} \d+/);
    expect(text).toMatch(/leadwarden_request_duration_seconds_count\{operation="readLead",status="404"\} 1/);
    expect(text).toContain('leadwarden_refusals_total{code="unknown_lead"} 1');
    const waiting = await api.db.selectFrom('outbox').select('id').execute();
    expect(text).toContain(`leadwarden_outbox_messages{lane="urgent"} ${waiting.length}`);
    expect(text).toContain('leadwarden_postgresql_up 1');
    expect(text).toContain('process_resident_memory_bytes');
    expect((await fetch(`${server.url}/v1/leads`)).status).toBe(404);
    await pool.end();
    expect(await (await fetch(`${server.url}/metrics`)).text()).toContain('leadwarden_postgresql_up 0');
    await server.stop();
    expect((await fetch(`${api.url}/metrics`)).status).toBe(404);
  });
});
