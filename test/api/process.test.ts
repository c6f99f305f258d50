import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Connection, WorkflowClient } from '@temporalio/client';
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createAdminKeyFile, readAdminKey } from '../../api/admin-key.ts';
import { connect as connectStore } from '../../db/connection.ts';
import { createKeyFiles } from '../../keys/key-files.ts';
import { insertSource } from '../../db/sources.ts';
import { SOURCE as FAIR } from '../setup/house.ts';
import { createDatabase, runFolder, temporalAddress, type SuiteDatabase } from '../setup/suite.ts';
import { leadBody as anyLead, SOURCE } from './running-api.ts';

const leadBody = () => anyLead({ source: FAIR.id });
const MAIN = fileURLToPath(new URL('../../api/main.ts', import.meta.url));

let database: SuiteDatabase;
let folder: string;
let key: string;
const started: ChildProcess[] = [];

beforeAll(async () => {
  database = await createDatabase();
  folder = join(runFolder(), `process-${randomUUID()}`);
  await createKeyFiles(join(folder, 'keys'));
  await createAdminKeyFile(join(folder, 'admin.key'));
  key = await readAdminKey(join(folder, 'admin.key'));
  const db = connectStore(database.url, { max: 1 });
  await db.transaction().execute((tx) => insertSource(tx, FAIR, new Date()));
  await db.destroy();
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await database.drop();
});

interface Process {
  child: ChildProcess;
  api: string;
  metrics: string;
  output: string[];
  ended: Promise<unknown[]>;
  post: (path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
}

async function start(changes: Record<string, string> = {}): Promise<Process> {
  const env = {
    PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, DATABASE_URL: database.url, LEADWARDEN_HOME: folder, LEADWARDEN_ADMIN_KEY_FILE: join(folder, 'admin.key'),
    PORT: '0', METRICS_PORT: '0', TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_TASK_QUEUE: `api-${randomUUID()}`, ...changes,
  };
  const child = fork(MAIN, { env, execArgv: [], silent: true });
  started.push(child);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const ended = once(child, 'exit');
  const [message] = (await Promise.race([once(child, 'message'), ended.then(() => [null])])) as [{ urls: { api: string; metrics: string } } | null];
  if (!message) throw new Error(`the API did not start: ${output.join('')}`);
  const { api, metrics } = message.urls;
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(api + path, { method: 'POST', body: JSON.stringify(body), headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers } });
  return { child, api, metrics, output, ended, post };
}

describe('the API as a process', () => {
  it('says when it is ready, lets the admin in, and shows leads to Temporal before it answers', async () => {
    const { child, api, metrics, ended, post } = await start();
    expect((await post('/v1/sources', SOURCE)).status).toBe(201);
    const lead = (await (await post('/v1/leads', leadBody())).json()) as { workflowId: string };
    const connection = await Connection.connect({ address: temporalAddress() });
    const found = await new WorkflowClient({ connection }).getHandle(lead.workflowId).describe();
    expect([found.type, found.status.name]).toEqual(['leadLifecycle', 'RUNNING']);
    await new WorkflowClient({ connection }).getHandle(lead.workflowId).terminate();
    await connection.close();
    expect(await (await fetch(`${api}/readyz`)).json()).toEqual({ status: 'ready', dependencies: { postgresql: 'up', temporal: 'up' } });
    expect(await (await fetch(metrics)).text()).toContain('leadwarden_outbox_messages');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('goes on without Temporal, and stops all the same', async () => {
    const { child, api, ended, post } = await start({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect((await post('/v1/leads', leadBody())).status).toBe(201);
    expect(await (await fetch(`${api}/readyz`)).json()).toMatchObject({ status: 'degraded' });
    child.kill('SIGINT');
    expect(await ended).toEqual([0, null]);
  });

  it('finishes what it has in hand when whoever started it goes away, and does not wait for silent connections', async () => {
    const { child, api, ended } = await start({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const silent = connect(Number(new URL(api).port), '127.0.0.1');
    const slow = connect(Number(new URL(api).port), '127.0.0.1');
    await Promise.all([once(silent, 'connect'), once(slow, 'connect')]);
    const body = JSON.stringify(leadBody());
    slow.write(`POST /v1/leads HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nexpect: 100-continue\r\n\r\n`);
    expect(String((await once(slow, 'data'))[0])).toContain('100 Continue');
    child.disconnect();
    await once(silent, 'close');
    slow.write(body);
    const chunks: Buffer[] = [];
    slow.on('data', (chunk: Buffer) => chunks.push(chunk));
    expect(await ended).toEqual([0, null]);
    expect(Buffer.concat(chunks).toString()).toContain('HTTP/1.1 201 Created');
  });

  it('answers alike after it was killed with a request in hand', async () => {
    const body = leadBody();
    const headers = { 'idempotency-key': randomUUID() };
    const first = await start({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const asked = Array.from({ length: 4 }, () => first.post('/v1/leads', body, headers).then((reply) => reply.json(), () => null));
    await Promise.race(asked);
    first.child.kill('SIGKILL');
    const replies = (await Promise.all(asked)) as ({ acquisitionId?: string } | null)[];
    const answers = replies.flatMap((answer) => answer?.acquisitionId ?? []);
    const second = await start({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const after = (await (await second.post('/v1/leads', body, headers)).json()) as { acquisitionId: string };
    expect(new Set([...answers, after.acquisitionId]).size).toBe(1);
    second.child.kill('SIGTERM');
    await second.ended;
  });

  it('has every answer on record that it gave, and reserved nobody without one, whenever it is killed', async () => {
    const { child: helping, post: bring } = await start({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const phones = Array.from({ length: 30 }, () => String(leadBody().phone));
    for (const phone of phones) await bring('/v1/leads', { ...leadBody(), phone, acquiredAt: new Date(Date.now() - 86_400_000) });
    helping.kill('SIGTERM');
    // E-mail has no calling hours, so that the hour at which tests run does not matter.
    const asking = (phone: string) => ({ phone, channel: 'email', purpose: 'marketing', campaign: 'spring', seller: 'acme' });
    const answered: string[] = [];
    for (const [round, pauseMs] of [15, 40, 90].entries()) {
      const { child, post, ended } = await start({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
      const asked = phones.slice(round * 10, round * 10 + 10).map((phone) => post('/v1/clearances', asking(phone)).then((reply) => reply.json(), () => null));
      await pause(pauseMs);
      child.kill('SIGKILL');
      await ended;
      const answers = (await Promise.all(asked)) as ({ clearanceId: string; decision: string } | null)[];
      answered.push(...answers.flatMap((answer) => (answer?.decision === 'allow' ? [answer.clearanceId] : [])));
    }
    const db = connectStore(database.url, { max: 1 });
    const kept = await db.selectFrom('clearance').select(['id', 'lead_id']).where('decision', '=', 'allow').where('channel', '=', 'email').execute();
    const reserved = await db.selectFrom('reservation').select(['clearance_id']).execute();
    await db.destroy();
    const ids = kept.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(answered));
    expect(new Set(kept.map(({ lead_id }) => lead_id)).size).toBe(ids.length);
    expect(reserved.map(({ clearance_id }) => clearance_id).sort()).toEqual([...ids].sort());
    const { child, post, ended } = await start({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    const again = await Promise.all(phones.map(async (phone) => (await (await post('/v1/clearances', asking(phone))).json()) as { decision: string }));
    expect(again.filter(({ decision }) => decision === 'allow')).toHaveLength(phones.length - ids.length);
    child.kill('SIGTERM');
    await ended;
  });

  it('says clearly that its port is taken, or that its keys are not those of the store', async () => {
    const { child, api, ended } = await start({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    await expect(start({ PORT: new URL(api).port })).rejects.toThrow(/EADDRINUSE/);
    await createKeyFiles(join(folder, 'other-keys'));
    await expect(start({ LEADWARDEN_KEYS: join(folder, 'other-keys') })).rejects.toThrow(/is not the one this database was written with/);
    child.kill('SIGTERM');
    await ended;
  });
});
