import { Readable } from 'node:stream';
import { createPool } from '../../db/connection.ts';
import { newId } from '../../db/ids.ts';
import { activateRelease } from '../../dnc/activate.ts';
import { prepareRelease } from '../../dnc/prepare.ts';
import { receiveRelease, storeListFile, type NewRelease } from '../../dnc/releases.ts';
import { tidyUp } from '../../dnc/tidying.ts';
import { takeTurn } from '../../dnc/turns.ts';
import type { House } from '../setup/house.ts';

/** Releases as the API receives them, into the list folder of a house. */
export interface Releasing {
  register(list: string, jurisdiction?: string): Promise<void>;
  /** Stores a file and puts its release on the books; answers its id. A full file of plain lines, unless said otherwise. */
  receive(list: string, content: string | Buffer, changes?: Partial<NewRelease>): Promise<string>;
}

export function releasesInto({ db, listFolder }: House): Releasing {
  return {
    async register(list, jurisdiction = 'US') {
      await db.insertInto('dnc_list').values({ id: list, jurisdiction, name: list, effect: 'block', created_at: new Date() }).execute();
    },
    async receive(list, content, changes = {}) {
      const id = newId();
      const stored = await storeListFile(listFolder, id, Readable.from([Buffer.from(content)]));
      const asked = { kind: 'full', format: 'lines', op: null, areaCodes: null, asOf: new Date(Date.UTC(2026, 0, 1)), dryRun: false } as const;
      const release = { id, list, ...asked, receivedAt: new Date(), receivedBy: 'key:test', ...stored, ...changes };
      return (await db.transaction().execute((tx) => receiveRelease(tx, release))).releaseId;
    },
  };
}

/** Brings a release to its end in this process, without Temporal. */
export async function bringToEnd(house: House, releaseId: string): Promise<void> {
  const pool = createPool(house.url, { max: 3 });
  const { db, vault, signing, listFolder } = house;
  const deps = { db, vault, signing, listFolder, pool, now: () => new Date() };
  const { signal } = new AbortController();
  try {
    while ((await takeTurn(deps, releaseId)) === 'go') {
      if ((await prepareRelease(deps, releaseId, () => undefined, signal)) === 'ready') await activateRelease(deps, releaseId, () => undefined, signal);
    }
    await tidyUp(deps, releaseId);
  } finally {
    await pool.end();
  }
}
