import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createPool } from '../../db/connection.ts';
import { findRelease, type Release } from '../../db/dnc-releases.ts';
import { newId } from '../../db/ids.ts';
import { activateRelease } from '../../dnc/activate.ts';
import { prepareRelease, takeTurn } from '../../dnc/prepare.ts';
import { receiveRelease, storeListFile, type NewRelease, type Received, type ReleaseDeps } from '../../dnc/releases.ts';
import { SigningKeys } from '../../proof/signing-keys.ts';
import { createHouse, type House } from '../setup/house.ts';
import { runFolder } from '../setup/suite.ts';

/** A house with do-not-call lists, and what it takes to bring releases into force without Temporal. */
export interface Registry extends House {
  deps: ReleaseDeps;
  signing: SigningKeys;
  addList(id: string, changes?: { jurisdiction?: string; effect?: 'block' | 'block_unless_consent' | 'annul_consent' }): Promise<void>;
  receive(list: string, file: string | Buffer, changes?: Partial<NewRelease>): Promise<Received>;
  /** Works on a release until it is in force, waits or has ended. */
  work(releaseId: string): Promise<Release>;
  /** Receives a release of numbers, one a line, and works on it. */
  release(list: string, numbers: readonly number[], changes?: Partial<NewRelease>): Promise<Release>;
  /** The leads that are on a list now. */
  listed(list: string): Promise<string[]>;
}

export const NEVER = new AbortController().signal;

export async function createRegistry(): Promise<Registry> {
  const house = await createHouse();
  const pool = createPool(house.url, { max: 6 });
  const signing = new SigningKeys(new Map([[1, { seed: Buffer.alloc(32, 7), createdAt: new Date() }]]));
  const deps: ReleaseDeps = {
    db: house.db, pool, vault: house.vault, signing, listFolder: join(runFolder(), `lists-${randomUUID()}`), now: () => new Date(),
  };
  const registry: Registry = {
    ...house,
    deps,
    signing,
    async addList(id, { jurisdiction = 'US', effect = 'block_unless_consent' } = {}) {
      await house.db.insertInto('dnc_list').values({ id, jurisdiction, name: id, effect, created_at: new Date() }).execute();
    },
    async receive(list, file, changes = {}) {
      const id = newId();
      const stored = await storeListFile(deps.listFolder, id, Readable.from([Buffer.from(file)]));
      const release: NewRelease = {
        id, list, kind: 'full', format: 'lines', op: null, areaCodes: null, asOf: new Date(Date.now() - 3_600_000), dryRun: false,
        receivedAt: new Date(), receivedBy: 'officer', ...stored, ...changes,
      };
      return house.db.transaction().execute((tx) => receiveRelease(tx, release));
    },
    work: (releaseId) => work(deps, releaseId),
    async release(list, numbers, changes = {}) {
      const { releaseId } = await registry.receive(list, numbers.map((number) => `+${number}\n`).join(''), changes);
      return work(deps, releaseId);
    },
    async listed(list) {
      const rows = await house.db.selectFrom('dnc_hit').select('lead_id').where('list_id', '=', list).where('freed_by', 'is', null).execute();
      return rows.map(({ lead_id }) => lead_id).sort();
    },
    async close() {
      await pool.end();
      await house.close();
    },
  };
  return registry;
}

/** What the workflow of a release does. */
export async function work(deps: ReleaseDeps, releaseId: string): Promise<Release> {
  for (;;) {
    const turn = await takeTurn(deps, releaseId);
    const known = await findRelease(deps.db, releaseId);
    if (!known) throw new Error('there is no such release');
    if (turn === 'ended' || known.state === 'awaiting_approval') return known;
    if (turn === 'go' && (await prepareRelease(deps, releaseId, () => undefined, NEVER)) === 'ready') {
      await activateRelease(deps, releaseId, () => undefined, NEVER);
    }
    if (turn === 'wait') await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
