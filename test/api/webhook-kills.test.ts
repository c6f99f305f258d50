import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect, type Db } from '../../db/connection.ts';
import { newId } from '../../db/ids.ts';
import { createKeyFiles, readKeyFiles } from '../../keys/key-files.ts';
import { insertSource } from '../../db/sources.ts';
import { Vault } from '../../db/vault.ts';
import { addWebhookSecret, insertWebhookSource } from '../../db/webhook-sources.ts';
import { acquireLead } from '../../intake/acquire.ts';
import { acquisition, SOURCE } from '../setup/house.ts';
import { createDatabase, runFolder, type SuiteDatabase } from '../setup/suite.ts';
import { signStandard } from './webhook-sending.ts';

const MAIN = fileURLToPath(new URL('../../api/main.ts', import.meta.url));
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
/** All 10,000 take a minute on two cores that others use as well: LEADWARDEN_TEST_WEBHOOKS asks for them. */
const EVENTS = Number(process.env.LEADWARDEN_TEST_WEBHOOKS ?? 2_500);
const LEADS = 500;
const SENDERS = 40;
const KILLS = 4;

let database: SuiteDatabase;
let db: Db;
let folder: string;
let phones: string[];
let child: ChildProcess | undefined;

beforeAll(async () => {
  database = await createDatabase();
  db = connect(database.url, { max: 4, onIdleError: () => undefined });
  folder = join(runFolder(), `kills-${randomUUID()}`);
  await createKeyFiles(join(folder, 'keys'));
  const vault = new Vault(await readKeyFiles(join(folder, 'keys')));
  const [id, at] = [newId(), new Date()];
  await db.transaction().execute(async (tx) => {
    await insertSource(tx, SOURCE, at);
    await insertWebhookSource(tx, { id: 'crm', provider: 'standard', source_id: SOURCE.id, mapping: '{}', created_at: at });
    await addWebhookSecret(tx, { id, webhook_source_id: 'crm', sealed: vault.sealSecret(id, SECRET), created_at: at }, at);
  });
  const leads = Array.from({ length: LEADS }, () => acquisition());
  for (const lead of leads) await db.transaction().execute((tx) => acquireLead(tx, vault, lead));
  phones = leads.map(({ phone }) => phone);
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await db.destroy();
  await database.drop();
});

/** Starts the API, without Temporal. */
async function start(): Promise<string> {
  const env = {
    PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, DATABASE_URL: database.url, LEADWARDEN_HOME: folder, PORT: '0', METRICS_PORT: '0', TEMPORAL_ADDRESS: '127.0.0.1:1', LOG_LEVEL: 'fatal',
  };
  child = fork(MAIN, { env, execArgv: [], silent: true });
  const [message] = await once(child, 'message') as [{ urls: { api: string } }];
  return message.urls.api;
}

describe(`${EVENTS} webhooks with 5 % repetitions`, () => {
  it('are each on record exactly once, with Temporal away and the process that takes them killed again and again', async () => {
    const events = Array.from({ length: EVENTS }, (_, nth) => ({
      id: `msg_${nth}`,
      body: JSON.stringify({ type: nth % 3 === 0 ? 'consent.revoked' : 'consent.granted', timestamp: '2026-03-01T00:00:00Z', data: { phone: phones[nth % LEADS], channel: 'sms', purpose: 'marketing' } }),
    }));
    const queue = events.flatMap((event, nth) => (nth % 20 === 0 ? [event, event] : [event]));
    let url = await start();
    let [next, kills, isDone] = [0, 0, false];
    const send = async () => {
      for (let event = queue[next++]; event; event = queue[next++]) {
        // However fast they are taken: the last of them come when it was killed often enough.
        while (next > queue.length * 0.9 && kills < KILLS) await pause(20);
        // As a provider does: again, until it is told yes.
        while (!(await accepted(url, event))) await pause(20);
      }
    };
    const sending = Promise.all(Array.from({ length: SENDERS }, send)).then(() => void (isDone = true));
    while (!isDone && kills < KILLS) {
      await Promise.race([sending, pause(1_000)]);
      if (isDone) break;
      const ended = once(child as ChildProcess, 'exit');
      child?.kill('SIGKILL');
      await ended;
      kills += 1;
      url = await start();
    }
    await sending;
    expect(kills).toBeGreaterThanOrEqual(KILLS);
    const taken = await db.selectFrom('webhook_event').select(['event_id', 'result', 'fact_ids']).where('result', '<>', 'duplicate').execute();
    expect(taken.map(({ event_id }) => event_id).sort()).toEqual(events.map(({ id }) => id).sort());
    expect(new Set(taken.map(({ result }) => result))).toEqual(new Set(['applied']));
    const facts = await db.selectFrom('consent_event').select('id').execute();
    expect(facts.map(({ id }) => id).sort()).toEqual(taken.flatMap(({ fact_ids }) => fact_ids).sort());
    const told = await db.selectFrom('outbox').select('fact_id').where('said', 'is not', null).execute();
    expect(told.map(({ fact_id }) => fact_id).sort()).toEqual(facts.map(({ id }) => id).sort());
  });
});

async function accepted(url: string, { id, body }: { id: string; body: string }): Promise<boolean> {
  const sent = fetch(`${url}/v1/webhooks/crm`, { method: 'POST', body, headers: signStandard(SECRET, body, { id }) });
  return sent.then(async (reply) => (await reply.text()) !== '' && reply.status === 200, () => false);
}
