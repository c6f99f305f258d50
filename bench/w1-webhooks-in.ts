import { fork } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { sql } from 'kysely';
import { newId } from '../db/ids.ts';
import { addWebhookSecret, insertWebhookSource } from '../db/webhook-sources.ts';
import { standard } from '../intake/webhook/standard.ts';
import { openClearanceStore, type ClearanceStore } from './clearance-store.ts';
import type { Comparison, Race } from './harness.ts';
import { SOURCE } from './import-store.ts';
import { raceOf, sendLoad, WARM_UPS } from './load.ts';

const REQUESTS = 5_000;
const LEADS = 40_000;
const PORTION = 5_000;

/** Signed webhooks about known people, with their facts and words for the workflows, against one insert a request. */
export const w1 = {
  id: 'W1',
  title: `${REQUESTS} webhooks, verified, with their facts, against bare Express with one insert; 50 connections`,
  ratio: 'speed',
  target: { atLeast: 0.8 },
  stretch: { atLeast: 1 },
  warmUps: WARM_UPS,
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openClearanceStore(LEADS);
  await addKeys(store);
  const secret = await addSender(store);
  const yardstick = fork(join(import.meta.dirname, 'insert-child.ts'), [store.url], { execArgv: [] });
  const [{ port }] = await once(yardstick, 'message') as [{ port: number }];
  const strangers = bodies(Array.from({ length: REQUESTS }, (_, nth) => `+1212${2_000_000 + nth}`)).map((body) => request('/events', body, []));
  const race = raceOf({
    subject: () => sendLoad(store.port, bodies(store.takePhones(REQUESTS)).map((body) => {
      return request('/v1/webhooks/bench', body, signed(secret, body, store.now()));
    }), 200),
    yardstick: () => sendLoad(port, strangers, 200),
  }, { target: { atMost: 1.5 }, stretch: { atMost: 1 } });
  return {
    ...race,
    async checks() {
      const { rows } = await sql<{ result: string; count: bigint }>`select result, count(*) from webhook_event group by 1`.execute(store.db);
      return [...race.checks(), ...rows.map(({ result, count }) => ({ name: `on record as ${result}`, value: Number(count) }))];
    },
    async close() {
      yardstick.kill();
      await store.close();
    },
  };
}

/** Personal words are sealed under the key of their lead. */
async function addKeys({ db, vault, leadIds }: ClearanceStore): Promise<void> {
  for (let start = 0; start < leadIds.length; start += PORTION) {
    const keys = leadIds.slice(start, start + PORTION).map((id) => ({ lead_id: id, ...vault.createKey(id).stored }));
    await db.insertInto('keyring.subject_key').values(keys).execute();
  }
  await sql`analyze`.execute(db);
}

async function addSender({ db, vault, now }: ClearanceStore): Promise<string> {
  const [secret, id, at] = [standard.createSecret(), newId(), now()];
  await db.transaction().execute(async (tx) => {
    await insertWebhookSource(tx, { id: 'bench', provider: 'standard', source_id: SOURCE.id, mapping: '{}', created_at: at });
    await addWebhookSecret(tx, { id, webhook_source_id: 'bench', sealed: vault.sealSecret(id, secret), created_at: at }, at);
  });
  return secret;
}

/** Every other one is an opt-out, in the person's own words. */
function bodies(phones: readonly string[]): string[] {
  return phones.map((phone, nth) => {
    const data = { phone, channel: 'sms', purpose: 'marketing' };
    return JSON.stringify(nth % 2 === 0
      ? { type: 'consent.revoked', timestamp: '2026-03-01T00:00:00Z', data: { ...data, statement: 'No more of this, please.' } }
      : { type: 'consent.granted', timestamp: '2026-03-01T00:00:00Z', data: { ...data, grade: 'express', method: 'web_form' } });
  });
}

function signed(secret: string, body: string, at: Date): string[] {
  const [id, timestamp] = [`msg_${randomUUID()}`, String(Math.floor(at.getTime() / 1_000))];
  const signature = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64')).update(`${id}.${timestamp}.${body}`).digest('base64');
  return [`webhook-id: ${id}`, `webhook-timestamp: ${timestamp}`, `webhook-signature: v1,${signature}`];
}

function request(path: string, body: string, headers: readonly string[]): string {
  const head = ['Host: bench', 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
  return `POST ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n${body}`;
}
