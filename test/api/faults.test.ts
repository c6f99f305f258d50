import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Announcer } from '../../api/announcer.ts';
import { refusalOf, traceOf } from '../../api/failures.ts';
import { routes } from '../../api/routes.ts';
import { connect, type Db } from '../../db/connection.ts';
import { createPipelinePool, type PipelinePool } from '../../db/pipeline.ts';
import { eventually } from '../setup/house.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

const NOBODY_LISTENS = 'postgres://someuser@127.0.0.1:1/nothing';
const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';
/** Answered without any fact, and without a caller to look up. */
const NEED_NO_STORE = new Set(['checkAlive', 'readSigningKeys']);

describe('while PostgreSQL is away', () => {
  let away: Db;
  let hotPool: PipelinePool;
  let api: RunningApi;
  beforeAll(async () => {
    away = connect(NOBODY_LISTENS);
    hotPool = createPipelinePool(NOBODY_LISTENS);
    api = await startApi({ db: away, hotPool });
  });
  afterAll(async () => {
    await api.stop();
    await Promise.all([away.destroy(), hotPool.end()]);
  });

  it.each(routes.filter(({ operation }) => !NEED_NO_STORE.has(operation)))('$operation says so, and when to try again [ASVS 16.5.2]', async (route) => {
    const values = { id: UNKNOWN, retrievalId: UNKNOWN, file: 'start.js', provider: 'standard', token: 'A'.repeat(22) };
    const path = Object.entries(values).reduce((found, [name, value]) => found.replace(`{${name}}`, value), route.path);
    const body = route.body ? { body: leadBody() } : {};
    const reply = await (route.person ? visit(route.method, path) : api.call(route.method.toUpperCase(), path, body));
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '2']);
    // A person is told so on a page, without a word of what it is that is away.
    const named = { code: 'dependency_unavailable', detail: expect.stringContaining('postgresql') as unknown };
    if (!route.person) expect(JSON.parse(reply.text)).toMatchObject(named);
    expect(reply.text).not.toMatch(/127\.0\.0\.1|ECONNREFUSED|someuser/);
  });

  async function visit(method: string, path: string) {
    const body = method === 'post' ? { body: new URLSearchParams({ action: 'confirm' }) } : {};
    const reply = await fetch(api.url + path, { method, ...body });
    return { status: reply.status, headers: reply.headers, text: await reply.text() };
  }

  it('is alive all the same', async () => {
    expect((await api.call('GET', '/healthz')).status).toBe(200);
  });
});

describe('while PostgreSQL is in trouble', () => {
  let api: RunningApi;
  let impatient: Db;
  beforeAll(async () => {
    api = await startApi();
    await api.call('POST', '/v1/sources', { body: SOURCE });
  });
  afterAll(async () => {
    await api.stop();
    await impatient?.destroy();
  });

  it('nothing that was acknowledged is lost, and nothing ends but well or as 503, whenever connections are cut', async () => {
    let cutting = true;
    const admin = connect(api.databaseUrl, { max: 1 });
    const cutter = (async () => {
      while (cutting) {
        await sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`.execute(admin);
        await pause(30);
      }
    })();
    const replies = await Promise.all(Array.from({ length: 120 }, async (_, index) => {
      await pause(index * 4);
      return api.call('POST', '/v1/leads', { body: leadBody() });
    }));
    cutting = false;
    await cutter;
    await admin.destroy();
    expect([...new Set(replies.map((reply) => reply.status))].filter((status) => ![200, 201, 503].includes(status))).toEqual([]);
    expect(replies.some((reply) => reply.status === 503)).toBe(true);
    for (const { status, json } of replies) if (status < 300) expect((await api.call('GET', `/v1/leads/${json.leadId}`)).status).toBe(200);
  });

  it('a statement that takes too long is given up', async () => {
    impatient = connect(api.databaseUrl, { statementTimeout: 200 });
    const hasty = await startApi({ db: impatient, hotPool: api.hotPool, vault: api.context.vault });
    const { json: key } = await api.call('POST', '/v1/api-keys', { body: { name: 'hasty', role: 'admin' } });
    const release = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = api.db.transaction().execute(async (tx) => {
      await sql`lock table lead in access exclusive mode`.execute(tx);
      locked.resolve();
      await release.promise;
    });
    await locked.promise;
    const reply = await hasty.call('GET', '/v1/leads', { as: null, headers: { authorization: `Bearer ${key.key}` } });
    release.resolve();
    await holding;
    await hasty.stop();
    expect([reply.status, reply.json.code]).toEqual([503, 'dependency_unavailable']);
  });
});

describe('while PostgreSQL neither answers nor fails', () => {
  it('who waits is told so in good time, what waits is left to its end, and all goes on as soon as it answers', async () => {
    const line = await startLine();
    const api = await startApi({ patienceMs: 400 });
    line.leadTo(api.databaseUrl);
    const [away, hotPool] = [connect(line.url, { max: 5 }), createPipelinePool(line.url)];
    const frozen = await startApi({ patienceMs: 400, db: away, hotPool, vault: api.context.vault });
    const { json: key } = await api.call('POST', '/v1/api-keys', { body: { name: 'frozen', role: 'admin' } });
    const headers = { authorization: `Bearer ${key.key}` };
    await api.call('POST', '/v1/sources', { body: SOURCE });
    const acquire = () => frozen.call('POST', '/v1/leads', { as: null, body: leadBody(), headers });
    const ask = () => frozen.call('POST', '/v1/clearances', { as: null, headers, body: { leadId: UNKNOWN, channel: 'sms', purpose: 'marketing' } });
    expect([(await acquire()).status, (await ask()).status]).toEqual([201, 422]);
    line.freeze();
    const replies = await Promise.all([acquire(), acquire(), ask(), ask(), frozen.call('GET', '/readyz')]);
    expect(replies.map(({ status, json }) => [status, json.code])).toEqual(replies.map(() => [503, 'dependency_unavailable']));
    expect(replies.map((reply) => reply.headers.get('retry-after'))).toEqual(replies.map(() => '2'));
    expect((await frozen.call('GET', '/healthz')).status).toBe(200);
    line.thaw();
    await eventually(async () => (await acquire()).status === 201);
    expect(frozen.logged.filter((entry) => /ERR_HTTP_HEADERS_SENT|internal_error/.test(entry))).toEqual([]);
    await Promise.all([frozen.stop(), api.stop()]);
    await Promise.all([away.destroy(), hotPool.end()]);
    await line.close();
  });
});

/** A line to PostgreSQL that can be frozen: it takes everything, and nothing arrives. */
async function startLine() {
  const pairs: Socket[] = [];
  let target = new URL('postgres://localhost');
  let isFrozen = false;
  const server = createServer((near) => {
    const far = createConnection(Number(target.port), target.hostname);
    for (const [from, to] of [[near, far], [far, near]] as const) {
      pairs.push(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      if (isFrozen) from.pause();
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const line = {
    url: '',
    leadTo(databaseUrl: string) {
      target = new URL(databaseUrl);
      const through = new URL(databaseUrl);
      through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      line.url = through.href;
    },
    freeze() {
      isFrozen = true;
      for (const socket of pairs) socket.pause();
    },
    thaw() {
      isFrozen = false;
      for (const socket of pairs) socket.resume();
    },
    close: () => new Promise<void>((resolve) => {
      for (const socket of pairs) socket.destroy();
      server.close(() => resolve());
    }),
  };
  return line;
}

describe('while Temporal is away', () => {
  it('everything is accepted at once, and left to the relay; files are tried all the same', async () => {
    const api = await startApi({ temporalAnswers: () => Promise.resolve(false) });
    let attempts = 0;
    api.context.announcer = new Announcer(() => {
      attempts += 1;
      return new Promise<never>(() => undefined);
    }, api.context.log);
    await api.call('POST', '/v1/sources', { body: SOURCE });
    for (let count = 0; count < 5; count += 1) expect((await api.call('POST', '/v1/leads', { body: leadBody() })).status).toBe(201);
    expect(attempts).toBe(1);
    const rows = { raw: 'Phone\n+12025550143\n', headers: { 'content-type': 'text/csv' } };
    const query = new URLSearchParams({ source: SOURCE.id, acquiredAt: '2026-01-01T00:00:00Z', mapping: '{"phone":"Phone"}' });
    expect((await api.call('POST', `/v1/imports?${query}`, rows)).status).toBe(202);
    expect(attempts).toBe(2);
    const ready = await api.call('GET', '/readyz', { as: null });
    expect([ready.status, ready.json]).toEqual([200, { status: 'degraded', dependencies: { postgresql: 'up', temporal: 'down' } }]);
    await api.stop();
  });
});

describe('an error', () => {
  const coded = (code: string) => Object.assign(new Error('Zyxwcanary'), { code });

  it.each([
    ['ECONNREFUSED', 'postgresql'], ['ECONNRESET', 'postgresql'], ['08006', 'postgresql'], ['57P01', 'postgresql'], ['57014', 'postgresql'],
    ['53300', 'postgresql'], ['55P03', 'postgresql'], ['40001', 'postgresql'], ['53100', 'disk'], ['ENOSPC', 'disk'], ['EROFS', 'disk'],
  ])('of code %s names %s', (code, dependency) => {
    const { code: refused, message } = refusalOf(coded(code));
    expect([refused, message.includes(dependency), message.includes('Zyxwcanary')]).toEqual(['dependency_unavailable', true, false]);
  });

  it.each(['Connection terminated unexpectedly', 'timeout exceeded when trying to connect'])('of the driver without a code is recognised: %s', (message) => {
    expect(refusalOf(new Error(message)).message).toContain('postgresql');
  });

  it('of any other kind says nothing about itself, and is written down without its message [ASVS 16.5.1]', () => {
    for (const error of [coded('23505'), coded('22P02'), new TypeError('Zyxwcanary'), 'Zyxwcanary', null, { code: 5 }]) {
      expect(refusalOf(error).code).toBe('internal_error');
      expect(refusalOf(error).message + JSON.stringify(traceOf(error))).not.toContain('Zyxwcanary');
    }
  });
});
