import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { sql } from 'kysely';
import { createApiKey, digestOf, keyIdOf } from '../api/key-format.ts';
import { registerApiKey } from '../db/api-keys.ts';
import { connect, type Db } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import { readKeyFiles } from '../keys/key-files.ts';
import { Vault } from '../db/vault.ts';
import { openImportStore, SOURCE, type ImportStore } from './import-store.ts';

/** Every caller has an allowance a minute; the load is that of many callers. */
const CALLERS = 60;
const PORTION = 5_000;
const HOUR_MS = 3_600_000;
/** An hour of UTC at which people can be called in New York. */
const CALLING_HOUR = 18;

/** A store with leads who may be called now, and a server over it. */
export interface ClearanceStore {
  url: string;
  db: Db;
  vault: Vault;
  /** Where it keeps its keys and files. */
  places: Pick<ImportStore, 'folder' | 'keyFolder'>;
  /** The server's clock, which is moved into calling hours. */
  now: () => Date;
  leadIds: string[];
  keys: string[];
  port: number;
  /** The next so many numbers, none of them twice. */
  takePhones(count: number): string[];
  close(): Promise<void>;
}

export async function openClearanceStore(leads: number): Promise<ClearanceStore> {
  const store = await openImportStore();
  const url = await store.freshDatabase();
  const db = connect(url, { max: 4 });
  const vault = new Vault(await readKeyFiles(store.keyFolder));
  const hours = (CALLING_HOUR - new Date().getUTCHours() + 24) % 24;
  const now = new Date(Date.now() + hours * HOUR_MS);
  const phones = Array.from({ length: leads }, (_, nth) => `+1212${5_000_000 + nth}`);
  const leadIds: string[] = [];
  for (let start = 0; start < leads; start += PORTION) {
    leadIds.push(...await addLeads(db, vault, phones.slice(start, start + PORTION), now));
  }
  await db.insertInto('dnc_list').values({
    id: 'us-federal', jurisdiction: 'US', name: 'National Do Not Call Registry', effect: 'block_unless_consent', created_at: now,
    release_id: newId(), release_as_of: new Date(now.getTime() - 24 * HOUR_MS),
  }).execute();
  // As PostgreSQL would have done by itself a minute later.
  await sql`analyze`.execute(db);
  const keys = await addCallers(db, now);
  const { child, port } = await startServer(store, url, hours);
  let taken = 0;
  return {
    url, db, vault, places: store, leadIds, keys, port,
    now: () => new Date(Date.now() + hours * HOUR_MS),
    takePhones: (count) => phones.slice(taken, taken += count),
    async close() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await db.destroy();
      await store.close();
    },
  };
}

async function addLeads(db: Db, vault: Vault, phones: readonly string[], now: Date): Promise<string[]> {
  const tokens = vault.phoneTokens(phones);
  const [earlier, ids] = [new Date(now.getTime() - 240 * HOUR_MS), phones.map(() => newId())];
  await db.insertInto('lead').values(ids.map((id, nth) => ({
    id, token: tokens[nth] ?? 0n, jurisdictions: ['US', 'US-NY'], zones: ['America/New_York'], stage_since: earlier, source_id: SOURCE.id,
    created_at: earlier, next_review_at: null,
  }))).execute();
  await db.insertInto('acquisition').values(ids.map((id) => ({
    id, lead_id: id, source_id: SOURCE.id, acquired_at: earlier, received_at: earlier, method: 'import', campaign: null, import_id: null,
  }))).execute();
  for (const part of [ids.slice(0, PORTION / 2), ids.slice(PORTION / 2)]) {
    await db.insertInto('consent_event').values(part.map((id) => ({
      id: newId(), lead_id: id, acquisition_id: id, kind: 'granted' as const, channel: 'call' as const, purpose: 'marketing' as const,
      grade: 'express_written' as const, effect: 'in_force' as const, happened_at: earlier, received_at: earlier, expires_at: null,
      confirmation: 'none' as const, text_version: null,
    }))).execute();
  }
  return ids;
}

/** Keys of as many callers as it takes for the load. */
export async function addCallers(db: Db, now: Date): Promise<string[]> {
  const keys = Array.from({ length: CALLERS }, createApiKey);
  for (const key of keys) {
    await registerApiKey(db, { id: keyIdOf(key) ?? '', name: 'bench', role: 'agent', digest: digestOf(key), createdAt: now, expiresAt: null });
  }
  return keys;
}

/** The API over a store, as a process of its own, its clock moved by some hours. */
export async function startServer(
  store: ImportStore, url: string, hours: number,
): Promise<{ child: ChildProcess; port: number }> {
  const env = {
    ...process.env, LEADWARDEN_HOME: store.folder, LEADWARDEN_KEYS: store.keyFolder, DATABASE_URL: url, PORT: '0', METRICS_PORT: '0',
    LEADWARDEN_TIME_SHIFT: hours === 0 ? '' : `PT${hours}H`, TEMPORAL_ADDRESS: '127.0.0.1:1',
  };
  const main = join(import.meta.dirname, '../api/main.ts');
  // The log is written as it always is, and thrown away.
  const child = fork(main, { env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ urls }] = await once(child, 'message') as [{ urls: { api: string } }];
  return { child, port: Number(new URL(urls.api).port) };
}
