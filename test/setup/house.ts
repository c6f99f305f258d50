import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, type Worker } from '@temporalio/worker';
import { pino, type Logger } from 'pino';
import type { BackupSettings } from '../../activities/backup.ts';
import type { CertifyingSettings } from '../../activities/certifying/adapters.ts';
import type { FetchSettings } from '../../activities/fetching/fetchers.ts';
import type { MessagingSettings } from '../../activities/messaging/senders.ts';
import type { ReassignedSettings } from '../../activities/questioning/reassigned-databases.ts';
import { connect, type Db } from '../../db/connection.ts';
import { createKeyFiles, readBackupKeys, readKeyFiles, readSigningSeeds } from '../../keys/key-files.ts';
import { insertSource } from '../../db/sources.ts';
import { Vault } from '../../db/vault.ts';
import type { Source } from '../../domain/source.ts';
import { acquireLead } from '../../intake/acquire.ts';
import type { Acquisition } from '../../intake/acquisition.ts';
import type { Planned } from '../../intake/acquisition-plan.ts';
import { FolderStore } from '../../activities/archiving/folder-store.ts';
import type { ArchiveStore } from '../../endings/archive/archive-store.ts';
import { FolderJournal } from '../../endings/journal/folder-journal.ts';
import { KeyRing } from '../../keys/key-ring.ts';
import { fileStore } from '../../keys/file-store.ts';
import { SigningKeys } from '../../proof/signing-keys.ts';
import { createLeadWorker } from '../../worker/lead-worker.ts';
import { createQuestionWorker } from '../../worker/question-worker.ts';
import { createWebhookWorker } from '../../worker/webhook-worker.ts';
import { createDatabase, runFolder, temporalAddress, workflowBundlePath } from './suite.ts';

export const SOURCE: Source = {
  id: 'spring-fair',
  name: 'Spring fair',
  kind: 'event',
  legalBasis: 'consent',
  confirmation: 'none',
  defaultRegion: 'US',
  consentTexts: [],
};

/** A store of its own with one source, and what it takes to bring leads into it. */
export interface House {
  db: Db;
  url: string;
  vault: Vault;
  keys: KeyRing;
  keyFolder: string;
  uploadFolder: string;
  listFolder: string;
  archiveFolder: string;
  signing: SigningKeys;
  fetching: FetchSettings;
  webhooks: { allowsPrivate: boolean; isRehearsal: boolean };
  messaging: MessagingSettings;
  certifying: CertifyingSettings;
  reassigned: ReassignedSettings;
  archive: ArchiveStore;
  backup: BackupSettings | null;
  journalFolder: string;
  log: Logger;
  /** Every line that a worker over this house has logged so far. */
  logged: string[];
  acquire(changes?: Partial<Acquisition>): Promise<Planned>;
  close(): Promise<void>;
}

export async function createHouse(): Promise<House> {
  const database = await createDatabase();
  const keyFolder = join(runFolder(), `keys-${randomUUID()}`);
  await createKeyFiles(keyFolder);
  const vault = new Vault(await readKeyFiles(keyFolder));
  const db = connect(database.url, { max: 8 });
  const logged: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  const archiveFolder = join(runFolder(), `archive-${randomUUID()}`);
  await db.transaction().execute((tx) => insertSource(tx, SOURCE, new Date()));
  return {
    db,
    url: database.url,
    vault,
    keys: new KeyRing({ db, vault, folder: keyFolder, store: fileStore, process: 'test', log, everyMs: 1_000 }),
    keyFolder,
    uploadFolder: join(runFolder(), `uploads-${randomUUID()}`),
    listFolder: join(runFolder(), `lists-${randomUUID()}`),
    archiveFolder,
    signing: new SigningKeys(await readSigningSeeds(keyFolder)),
    fetching: {
      inboxFolder: join(runFolder(), `inbox-${randomUUID()}`),
      credentialsFolder: join(runFolder(), `credentials-${randomUUID()}`),
      allowsPrivate: true,
      maxBytes: 10_000_000,
      settleMs: 50,
    },
    webhooks: { allowsPrivate: true, isRehearsal: false },
    messaging: { adapter: 'log' },
    certifying: {
      credentialsFolder: join(runFolder(), `certificate-keys-${randomUUID()}`),
      trustedFormUrl: 'http://127.0.0.1:9',
      verifies: true,
      jornayaUrl: 'http://127.0.0.1:9',
      jornayaProvider: undefined,
      allowsPrivate: true,
      timeoutMs: 2_000,
    },
    reassigned: {
      url: null,
      credentialsFolder: join(runFolder(), `reassigned-${randomUUID()}`),
      allowsPrivate: true,
      timeoutMs: 2_000,
      perSecond: 1_000,
    },
    archive: new FolderStore(archiveFolder),
    backup: {
      target: { folder: join(runFolder(), `backups-${randomUUID()}`), keyringFolder: null },
      keys: await readBackupKeys(keyFolder),
    },
    journalFolder: join(runFolder(), `journal-${randomUUID()}`),
    log,
    logged,
    acquire: (changes) => db.transaction().execute((tx) => acquireLead(tx, vault, acquisition(changes))),
    async close() {
      await db.destroy();
      await database.drop();
    },
  };
}

let next = 0;

/** An acquisition as it arrives from a form, of a number that no other test uses, changed as a situation needs it. */
export function acquisition(changes: Partial<Acquisition> = {}): Acquisition {
  next += 1;
  return {
    phone: `+1202555${String(next).padStart(4, '0')}`,
    country: 'US',
    source: SOURCE,
    acquiredAt: new Date(Date.now() - 86_400_000),
    receivedAt: new Date(),
    method: 'form',
    campaign: null,
    subject: {},
    attributes: {},
    reference: null,
    consents: [],
    ...changes,
  };
}

export interface RunningWorker {
  client: Client;
  taskQueue: string;
  worker: Worker;
  stop(): Promise<void>;
}

/** For a house where no database of reassigned numbers is asked. */
export const NOBODY_TO_ASK: ReassignedSettings = { url: null, credentialsFolder: '/nowhere', allowsPrivate: false, timeoutMs: 1_000, perSecond: 1 };

/** A Temporal worker over a house, on a task queue of its own unless one is named, in this process. */
export async function runWorker(
  house: House, now: () => Date = () => new Date(), taskQueue = `test-${randomUUID()}`,
): Promise<RunningWorker> {
  quietRuntime();
  const address = temporalAddress();
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const worker = await createLeadWorker({
    connection: native,
    namespace: 'default',
    taskQueue,
    bundlePath: workflowBundlePath(),
    databaseUrl: house.url,
    db: house.db,
    vault: house.vault,
    keys: house.keys,
    keyRotationDays: 90,
    uploadFolder: house.uploadFolder,
    listFolder: house.listFolder,
    signing: house.signing,
    fetching: house.fetching,
    messaging: house.messaging,
    certifying: house.certifying,
    reassigned: house.reassigned,
    archive: house.archive,
    journal: new FolderJournal(house.journalFolder, taskQueue),
    backup: house.backup,
    journalFolder: house.journalFolder,
    backupKeepDays: 30,
    listWarningDays: 7,
    now,
    log: house.log,
  });
  const webhooks = await createWebhookWorker({
    connection: native, namespace: 'default', taskQueue, db: house.db, vault: house.vault, now, outsideNow: () => new Date(), chance: Math.random,
    ...house.webhooks,
  });
  const { db, vault, reassigned, log } = house;
  const questions = await createQuestionWorker({ connection: native, namespace: 'default', taskQueue, db, vault, reassigned, now, log });
  const workers = [worker, webhooks, questions];
  const running = Promise.all(workers.map((each) => each.run()));
  return {
    client: new Client({ connection }),
    taskQueue,
    worker,
    async stop() {
      for (const each of workers) each.shutdown();
      await running;
      await connection.close();
      await native.close();
    },
  };
}

let quiet = false;

function quietRuntime(): void {
  if (!quiet) Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  quiet = true;
}

/** Asks until there is an answer; undefined when there is none in time. */
export async function eventually<T>(ask: () => Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T | undefined> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
