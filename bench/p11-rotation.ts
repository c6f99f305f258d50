import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { connect, type Db } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import { finishRotation, openRotation } from '../db/key-rotations.ts';
import { Vault } from '../db/vault.ts';
import { readKeyFiles } from '../keys/key-files.ts';
import { rewrapAll } from '../keys/rewrapping.ts';
import { ASKED_ABOUT, p99Beside } from './beside.ts';
import { openClearanceStore } from './clearance-store.ts';
import type { Comparison, Measurement, Race } from './harness.ts';
import { openImportStore } from './import-store.ts';
import { medianOf } from './load.ts';

/** `--full` takes the million. */
const KEYS = process.argv.includes('--full') ? 1_000_000 : 100_000;
const PORTION = 10_000;
const OLD = 1;
const NEW = 2;

/** Wrapping the keys of all leads anew, in small transactions with pauses, against one statement that touches the same rows. */
export const p11Rotation = {
  id: 'P11R',
  title: `rotation of ${KEYS} wrapped keys against one UPDATE of as many rows`,
  ratio: 'speed',
  target: { atLeast: 0.1 },
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openImportStore();
  const db = connect(await store.freshDatabase(), { max: 2, statementTimeout: 0 });
  const vault = await vaultWithTwo(store.keyFolder);
  const keysPerSecond: number[] = [];
  return {
    async subject() {
      const start = performance.now();
      await rotateAll(db, vault);
      keysPerSecond.push(KEYS / ((performance.now() - start) / 1000));
      if ((await countOld(db)) > 0) throw new Error('keys were left under the older key');
    },
    async yardstick() {
      await sql`update keyring.subject_key set kek = ${NEW}, wrapped = wrapped || ''::bytea`.execute(db);
    },
    reset: () => fill(db, vault, KEYS),
    checks: () => [{ name: 'keys a second, pauses and the check afterwards included', value: Math.round(medianOf(keysPerSecond.slice(1))), target: { atLeast: 20_000 } }],
    async close() {
      await db.destroy();
      await store.close();
    },
  };
}

/** How long the slowest clearances take while a rotation runs, against the same without one. */
export const p11Gate: Measurement = {
  id: 'P11G',
  title: 'p99 of clearances while keys are wrapped anew, against the same in peace',
  async measure() {
    const store = await openClearanceStore(ASKED_ABOUT);
    const { db, vault } = store;
    vault.adopt(new Map([[NEW, randomBytes(32)]]));
    try {
      return await p99Beside(store, {
        name: 'rotation',
        prepare: () => fill(db, vault, 200_000),
        run: (signal) => rotateAll(db, vault, signal).catch(() => undefined),
      });
    } finally {
      await store.close();
    }
  },
};

async function vaultWithTwo(keyFolder: string): Promise<Vault> {
  const vault = new Vault(await readKeyFiles(keyFolder));
  vault.adopt(new Map([[NEW, randomBytes(32)]]));
  return vault;
}

/** So many keys that are wrapped under the older key, and nothing else. */
async function fill(db: Db, vault: Vault, count: number): Promise<void> {
  vault.wrapWith(OLD);
  await sql`truncate keyring.subject_key`.execute(db);
  for (let start = 0; start < count; start += PORTION) {
    const ids = Array.from({ length: PORTION }, () => newId());
    await sql`insert into keyring.subject_key (lead_id, kek, wrapped)
      select lead_id, ${OLD}, wrapped from unnest(${ids}::uuid[], ${ids.map((id) => vault.createKey(id).stored.wrapped)}::bytea[]) as row (lead_id, wrapped)`.execute(db);
  }
  await sql`vacuum analyze keyring.subject_key`.execute(db);
  await sql`checkpoint`.execute(db);
}

async function rotateAll(db: Db, vault: Vault, signal: AbortSignal = new AbortController().signal): Promise<void> {
  vault.wrapWith(NEW);
  const { rotation } = await db.transaction().execute((tx) => openRotation(tx, 'bench', new Date()));
  try {
    await rewrapAll({ db, vault, onProgress: () => undefined, signal }, rotation);
  } finally {
    await finishRotation(db, { id: rotation.id, kek: null }, null, new Date());
  }
}

async function countOld(db: Db): Promise<number> {
  const { rows: [row] } = await sql<{ old: number }>`select count(*)::int as old from keyring.subject_key where kek = ${OLD}`.execute(db);
  return row?.old ?? 0;
}
