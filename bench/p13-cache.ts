import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { FolderStore } from '../activities/archiving/folder-store.ts';
import { connect, type Db } from '../db/connection.ts';
import { createKeyFiles, readKeyFiles } from '../keys/key-files.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { deliverLane } from '../db/outbox.ts';
import { insertSource } from '../db/sources.ts';
import { Vault } from '../db/vault.ts';
import { fileStore } from '../keys/file-store.ts';
import { KeyRing } from '../keys/key-ring.ts';
import type { Source } from '../domain/source.ts';
import { acquireLead } from '../intake/acquire.ts';
import { startTestServers } from '../local/test-servers.ts';
import { cachedWorkflowBundle } from '../worker/bundle.ts';
import { createLeadWorker } from '../worker/lead-worker.ts';
import { createSender } from '../workflows/delivery.ts';
import type { Measurement } from './harness.ts';

const WARM = 200;
const LEADS = 1_000;

const source: Source = {
  id: 'bench', name: 'Bench', kind: 'event', legalBasis: 'consent', confirmation: 'none', defaultRegion: 'US', consentTexts: [],
};

/** How much a worker's memory grows with every open lead that it holds in its cache, everything in the process counted. */
export const p13: Measurement = {
  id: 'P13',
  title: `memory of a worker per cached lead, over ${LEADS} leads`,
  async measure() {
    const servers = await startTestServers(() => undefined);
    try {
      return await measureIn(servers.folder, servers.postgres.url, servers.temporal.address);
    } finally {
      await servers.stop();
    }
  },
};

async function measureIn(folder: string, url: string, address: string) {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  await migrateToLatest(url);
  await createKeyFiles(`${folder}/keys`);
  const db = connect(url);
  const vault = new Vault(await readKeyFiles(`${folder}/keys`));
  await db.transaction().execute((tx) => insertSource(tx, source, new Date()));
  const taskQueue = `bench-${randomUUID()}`;
  const [native, connection] = await Promise.all([NativeConnection.connect({ address }), Connection.connect({ address })]);
  const worker = await createLeadWorker({
    connection: native, namespace: 'default', taskQueue, bundlePath: await cachedWorkflowBundle(`${folder}/cache`), databaseUrl: url,
    db, vault, signing: null, uploadFolder: `${folder}/uploads`, listFolder: `${folder}/lists`, now: () => new Date(),
    log: pino({ level: 'silent' }), keyRotationDays: 0,
    keys: new KeyRing({ db, vault, folder: `${folder}/keys`, store: fileStore, process: 'bench', log: console, everyMs: 60_000 }),
    certifying: {
      credentialsFolder: folder, trustedFormUrl: '', verifies: false, jornayaUrl: '', jornayaProvider: undefined, allowsPrivate: false, timeoutMs: 1,
    },
    reassigned: { url: null, credentialsFolder: folder, allowsPrivate: false, timeoutMs: 1, perSecond: 1 },
    fetching: { inboxFolder: folder, credentialsFolder: folder, allowsPrivate: false, maxBytes: 1, settleMs: 1 },
    messaging: { adapter: 'log' },
    archive: new FolderStore(`${folder}/archive`), journal: { append: () => Promise.resolve() },
    backup: null, journalFolder: `${folder}/journal`, backupKeepDays: 30,
    listWarningDays: 7,
    debugMode: true,
  });
  const running = worker.run();
  const send = createSender(new Client({ connection }).workflow, taskQueue);
  const live = async (first: number, count: number) => {
    await bringLeads(db, vault, first, count);
    while ((await deliverLane(db, 0, 50, new Date(), send)) > 0);
    await reviewed(db, first + count);
    return memoryAfterGc();
  };
  const before = await live(0, WARM);
  const after = await live(WARM, LEADS);
  worker.shutdown();
  await running;
  await Promise.all([native.close(), connection.close(), db.destroy()]);
  const perLead = (one: keyof typeof after) => (after[one] - before[one]) / LEADS / 1024;
  return [
    { name: 'live heap per cached lead', value: perLead('heap'), unit: 'KB', target: { atMost: 50 } },
    { name: 'resident memory per cached lead, garbage included', value: perLead('resident'), unit: 'KB' },
  ];
}

async function bringLeads(db: Db, vault: Vault, first: number, count: number): Promise<void> {
  for (let n = first; n < first + count; n += 1) {
    const receivedAt = new Date();
    await db.transaction().execute((tx) =>
      acquireLead(tx, vault, {
        phone: `+1202555${String(n).padStart(4, '0')}`, country: 'US', source, acquiredAt: receivedAt, receivedAt, method: 'form',
        campaign: null, subject: {}, attributes: {}, reference: null, consents: [],
      }),
    );
  }
}

async function reviewed(db: Db, wanted: number): Promise<void> {
  for (;;) {
    const rows = await db.selectFrom('lead').select('id').where('reviewed_at', 'is not', null).execute();
    if (rows.length >= wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function memoryAfterGc(): Promise<{ heap: number; resident: number }> {
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  (globalThis.gc as ((options: object) => void) | undefined)?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, resident: rss };
}
