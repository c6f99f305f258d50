import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import { Client, type Pool } from 'pg';
import { to } from 'pg-copy-streams';
import { takeBackup } from '../activities/backup/backing-up.ts';
import { findBackup } from '../activities/backup/backup-folder.ts';
import { restoreBackup } from '../activities/backup/restoring.ts';
import { binaryArray } from '../db/binary-array.ts';
import { asBytes, asUuid } from '../db/binary.ts';
import { connect, createPool, type Db } from '../db/connection.ts';
import { readKeyFiles } from '../keys/key-files.ts';
import { listTables } from '../db/table-catalogue.ts';
import { seal, Vault } from '../db/vault.ts';
import { SigningKeys } from '../proof/signing-keys.ts';
import type { Comparison, Figure, Race } from './harness.ts';
import { openImportStore, SOURCE, type ImportStore } from './import-store.ts';

const LEADS = 300_000;
const GRANTS = 100_000;
const PORTION = 10_000;

/** A backup, compressed and encrypted, against COPY of the same tables into plain files. */
export const b1 = {
  id: 'B1',
  title: `backup of ${LEADS} leads with consents and sealed records against COPY of every table into plain files`,
  ratio: 'time',
  target: { atMost: 1.5 },
  stretch: { atMost: 1 },
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openImportStore();
  const url = await store.freshDatabase();
  const db = connect(url, { max: 2, statementTimeout: 0 });
  const pool = createPool(url, { max: 3, statementTimeout: 0 });
  await fill(db, new Vault(await readKeyFiles(store.keyFolder)));
  const [target, plain] = [join(store.folder, 'backups'), join(store.folder, 'plain')];
  const deps = {
    pool, key: randomBytes(32), signing: new SigningKeys(new Map([[1, { seed: Buffer.alloc(32, 1), createdAt: new Date() }]])),
    target: { folder: target, keyringFolder: null }, keepDays: 30, journalFolder: join(store.folder, 'journal'), now: () => new Date(),
  };
  return {
    async subject() {
      await takeBackup(deps, () => undefined, new AbortController().signal);
    },
    yardstick: () => copyPlain(db, url, plain),
    checks: async () => [...await timeOfRestore(store, deps, target), ...await costOfNoting(store)],
    async close() {
      await Promise.all([db.destroy(), pool.end()]);
      await rm(target, { recursive: true, force: true });
      await store.close();
    },
  };
}

/** Leads whose records open, as a restore tries some of them. */
async function fill(db: Db, vault: Vault): Promise<void> {
  await sql`insert into lead (id, token, jurisdictions, stage_since, source_id, created_at)
    select gen_random_uuid(), n, '{US,US-NY}', now(), ${SOURCE.id}, now() from generate_series(1, ${sql.lit(LEADS)}) n`.execute(db);
  await sql`insert into consent_event (id, lead_id, kind, channel, purpose, grade, effect, happened_at, received_at, confirmation)
    select gen_random_uuid(), id, 'granted', 'call', 'marketing', 'express', 'in_force', now(), now(), 'none' from lead`.execute(db);
  const ids = (await db.selectFrom('lead').select('id').execute()).map(({ id }) => id);
  for (let from = 0; from < ids.length; from += PORTION) await addRecords(db, vault, ids.slice(from, from + PORTION));
  await sql`analyze`.execute(db);
}

async function addRecords(db: Db, vault: Vault, ids: readonly string[]): Promise<void> {
  const wrapped: Buffer[] = [];
  const sealed = ids.map((id) => {
    const { key, stored } = vault.createKey(id);
    wrapped.push(stored.wrapped);
    return seal(key, { leadId: id, factId: id, tier: 2 }, randomBytes(80).toString('hex'));
  });
  const [leads, keys, records] = [binaryArray('uuid', asUuid, ids), binaryArray('bytea', asBytes, wrapped), binaryArray('bytea', asBytes, sealed)];
  await sql`insert into keyring.subject_key (lead_id, kek, wrapped)
    select id, ${vault.wrapsWith}, wrapped from unnest(${leads}::uuid[], ${keys}::bytea[]) row (id, wrapped)`.execute(db);
  await sql`insert into personal_data (lead_id, fact_id, tier, sealed)
    select id, id, 2, sealed from unnest(${leads}::uuid[], ${records}::bytea[]) row (id, sealed)`.execute(db);
}

async function copyPlain(db: Db, url: string, path: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const { schema, name } of await listTables(db)) {
    const rows = client.query(to(`copy ${schema}."${name}" to stdout (format binary)`));
    await pipeline(rows, createWriteStream(`${path}-${name}`, { flush: true }));
  }
  await client.end();
}

type Deps = Parameters<typeof takeBackup>[0];

async function timeOfRestore(store: ImportStore, { key, signing, journalFolder, now }: Deps, target: string): Promise<Figure[]> {
  const pool = createPool(await store.freshDatabase(), { max: 1, statementTimeout: 0 });
  await pool.query('truncate source cascade');
  const vault = new Vault(await readKeyFiles(store.keyFolder));
  const started = performance.now();
  const means = { pool, signing, backupKeys: [key], vault, journalFolder, removeObject: null, now };
  const { rows } = await restoreBackup(means, await findBackup(target, null), { onProgress: () => undefined });
  await pool.end();
  return [{ name: 'rows restored a second', value: Math.round(rows / ((performance.now() - started) / 1000)) }];
}

/** How much longer a copy of grants takes because withdrawals among them would be noted. */
async function costOfNoting(store: ImportStore): Promise<Figure[]> {
  const pool = createPool(await store.freshDatabase(), { max: 1, statementTimeout: 0 });
  await pool.query(`insert into lead (id, token, jurisdictions, stage_since, source_id, created_at) select gen_random_uuid(), 1, '{US}', now(), '${SOURCE.id}', now()`);
  const times = { noting: [] as number[], without: [] as number[] };
  for (let turn = 0; turn < 5; turn += 1) {
    for (const side of ['without', 'noting'] as const) {
      await pool.query(`alter table consent_event ${side === 'noting' ? 'enable' : 'disable'} trigger journal_withdrawals`);
      times[side].push(await insertGrants(pool));
    }
  }
  await pool.end();
  const value = Math.min(...times.noting) / Math.min(...times.without);
  return [{ name: `${GRANTS} grants, with the trigger`, value, unit: 'x', target: { atMost: 1.1 }, stretch: { atMost: 1.03 } }];
}

async function insertGrants(pool: Pool): Promise<number> {
  await pool.query('truncate consent_event cascade');
  const started = performance.now();
  await pool.query(`insert into consent_event (id, lead_id, kind, channel, purpose, grade, effect, happened_at, received_at, confirmation)
    select gen_random_uuid(), lead.id, 'granted', 'call', 'marketing', 'express', 'in_force', now(), now(), 'none' from lead, generate_series(1, ${GRANTS})`);
  return performance.now() - started;
}
