import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { pino } from 'pino';
import { createArchiveActivities } from '../activities/archive.ts';
import { FolderStore } from '../activities/archiving/folder-store.ts';
import { connect, type Db } from '../db/connection.ts';
import { readKeyFiles } from '../keys/key-files.ts';
import { Vault } from '../db/vault.ts';
import { plus } from '../domain/civil-time.ts';
import { acquireLead } from '../intake/acquire.ts';
import type { Comparison, Race } from './harness.ts';
import { openImportStore, SOURCE } from './import-store.ts';

const LEADS = 4_000;
/** As many as the archive puts at once. */
const AT_ONCE = 256;

/** Leads into the archive, from their rows to their rows gone, against nothing but writing the same files as durably. */
export const p11Archive = {
  id: 'P11A',
  title: `archive ${LEADS} leads to a folder against writing, syncing and renaming the same files`,
  ratio: 'time',
  target: { atMost: 2.5 },
  prepare,
} satisfies Comparison;

async function prepare(): Promise<Race> {
  const store = await openImportStore();
  const db = connect(await store.freshDatabase(), { max: 8 });
  const vault = new Vault(await readKeyFiles(store.keyFolder));
  const leadIds = await bringLeads(db, vault);
  const archiveFolder = join(store.folder, 'archive');
  let clock = Date.now();
  const { archiveLead, bringBackLead } = createArchiveActivities({
    db, vault, archive: new FolderStore(archiveFolder), now: () => new Date(clock), log: pino({ level: 'silent' }),
  });
  const seconds: number[] = [];
  let isYardsticksTurn = true;
  return {
    async subject() {
      const start = performance.now();
      const steps = await Promise.all(leadIds.map((id) => archiveLead(id)));
      seconds.push((performance.now() - start) / 1_000);
      if (!steps.every(({ isDone }) => isDone)) throw new Error('not all leads were archived');
    },
    yardstick: async () => writeFiles(join(store.folder, 'files'), await sizesIn(archiveFolder)),
    async reset() {
      await rm(join(store.folder, 'files'), { recursive: true, force: true });
      // The yardstick has its turn while the leads are archived; before the next one they come back.
      isYardsticksTurn = !isYardsticksTurn;
      if (isYardsticksTurn || seconds.length === 0) return;
      await sql`update lead set retrieved_until = ${new Date(clock + 1_000)}`.execute(db);
      await Promise.all(leadIds.map((id) => bringBackLead(id)));
      // As if they had never been away: the few who have are looked at more closely before they go again.
      await sql`update lead set retrieved_until = null`.execute(db);
      clock += 2_000;
    },
    checks: async () => {
      const median = seconds.slice(1).toSorted((a, b) => a - b)[Math.floor((seconds.length - 1) / 2)] ?? NaN;
      return [{ name: 'leads archived', value: LEADS / median, unit: '/s', target: { atLeast: 1_000 } }];
    },
    async close() {
      await db.destroy();
      await store.close();
    },
  };
}

/** People who were called once, long ago. */
async function bringLeads(db: Db, vault: Vault): Promise<string[]> {
  const at = plus(new Date(), 'P13M', -1);
  const leadIds: string[] = [];
  for (let from = 0; from < LEADS; from += 100) {
    leadIds.push(...await db.transaction().execute(async (tx) => {
      const ids: string[] = [];
      for (let nth = from; nth < from + 100; nth += 1) {
        const subject = { name: `Ada Lovelace ${nth}`, email: `ada.${nth}@example.com` };
        const { leadId } = await acquireLead(tx, vault, {
          phone: `+1201${5_550_000 + nth}`, country: 'US', source: SOURCE, acquiredAt: at, receivedAt: at, method: 'form', campaign: null, subject,
          attributes: {}, reference: null, consents: [],
        });
        ids.push(leadId);
      }
      return ids;
    }));
  }
  await sql`
    insert into contact (id, lead_id, channel, purpose, outcome, started_at, ended_at, received_at)
    select gen_random_uuid(), id, 'call', 'marketing', 'no_answer', ${at}, ${at}, ${at} from lead`.execute(db);
  await sql`analyze`.execute(db);
  return leadIds;
}

async function sizesIn(folder: string): Promise<number[]> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  return Promise.all(entries.slice(0, LEADS).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size));
}

/** Each file whole on disk before it has its name, and the folder written after every few hundred. */
async function writeFiles(folder: string, sizes: readonly number[]): Promise<void> {
  await mkdir(folder);
  for (let from = 0; from < sizes.length; from += AT_ONCE) {
    await Promise.all(sizes.slice(from, from + AT_ONCE).map(async (size, nth) => {
      const path = join(folder, String(from + nth));
      const file = await open(`${path}.half`, 'w', 0o600);
      await file.writeFile(Buffer.alloc(size, 1));
      await file.sync();
      await file.close();
      await rename(`${path}.half`, path);
    }));
    const handle = await open(folder);
    await handle.sync();
    await handle.close();
  }
}
