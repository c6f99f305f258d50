import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { connect, createPool, type Db } from '../db/connection.ts';
import { findRelease, type Release } from '../db/dnc-releases.ts';
import { newId } from '../db/ids.ts';
import { readKeyFiles } from '../keys/key-files.ts';
import { Vault } from '../db/vault.ts';
import { activateRelease } from '../dnc/activate.ts';
import { prepareRelease } from '../dnc/prepare.ts';
import { receiveRelease, storeListFile, type ReleaseDeps } from '../dnc/releases.ts';
import { SigningKeys } from '../proof/signing-keys.ts';

export const LIST = 'us-federal';
const NEVER = new AbortController().signal;
const HOUR_MS = 3_600_000;

/** A database with one do-not-call list. */
export interface ListStore {
  db: Db;
  vault: Vault;
  deps: ReleaseDeps;
  /** From the first byte of a file to the release in force. */
  release(path: string, kind: 'full' | 'change', op?: 'add' | 'remove'): Promise<Release>;
  close(): Promise<void>;
}

export async function openListStore(url: string, keyFolder: string, folder: string): Promise<ListStore> {
  const [db, pool] = [connect(url, { max: 4, statementTimeout: 0 }), createPool(url, { max: 4, statementTimeout: 0 })];
  const vault = new Vault(await readKeyFiles(keyFolder));
  const signing = new SigningKeys(new Map([[1, { seed: Buffer.alloc(32, 1), createdAt: new Date() }]]));
  const deps: ReleaseDeps = { db, pool, vault, signing, listFolder: join(folder, 'lists'), now: () => new Date() };
  await db.insertInto('dnc_list').values({
    id: LIST, jurisdiction: 'US', name: 'Registry', effect: 'block_unless_consent', created_at: new Date(),
  }).onConflict((conflict) => conflict.doNothing()).execute();
  return {
    db, vault, deps,
    async release(path, kind, op) {
      const id = newId();
      const stored = await storeListFile(deps.listFolder, id, createReadStream(path, { highWaterMark: 2 ** 20 }));
      await db.transaction().execute((tx) => receiveRelease(tx, {
        id, list: LIST, kind, format: 'lines', op: op ?? null, areaCodes: null, asOf: new Date(Date.now() - HOUR_MS), dryRun: false,
        receivedAt: new Date(), receivedBy: 'bench', ...stored,
      }));
      const prepared = await prepareRelease(deps, id, () => undefined, NEVER);
      const activated = prepared === 'ready' ? await activateRelease(deps, id, () => undefined, NEVER) : prepared;
      const release = await findRelease(db, id);
      if (activated !== 'in_force' || !release) throw new Error(`the release did not come into force: ${release?.problem?.code ?? activated}`);
      return release;
    },
    async close() {
      await Promise.all([db.destroy(), pool.end()]);
    },
  };
}
