import { Worker, type NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { BackupSettings } from '../activities/backup.ts';
import { createActivities } from '../activities/index.ts';
import type { CertifyingSettings } from '../activities/certifying/adapters.ts';
import type { FetchSettings } from '../activities/fetching/fetchers.ts';
import type { MessagingSettings } from '../activities/messaging/senders.ts';
import type { ReassignedSettings } from '../activities/questioning/reassigned-databases.ts';
import type { Db } from '../db/connection.ts';
import type { Vault } from '../db/vault.ts';
import type { ArchiveStore } from '../endings/archive/archive-store.ts';
import type { Journal } from '../endings/journal/journal.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { SigningKeys } from '../proof/signing-keys.ts';

export interface LeadWorkerOptions {
  connection: NativeConnection;
  namespace: string;
  taskQueue: string;
  bundlePath: string;
  databaseUrl: string;
  db: Db;
  vault: Vault;
  keys: KeyRing;
  /** How old the key-encryption key in use may become, in days; 0: as old as it likes. */
  keyRotationDays: number;
  uploadFolder: string;
  listFolder: string;
  /** Where bundles of archived leads lie. */
  archive: ArchiveStore;
  signing: SigningKeys | null;
  fetching: FetchSettings;
  messaging: MessagingSettings;
  certifying: CertifyingSettings;
  reassigned: ReassignedSettings;
  journal: Journal;
  /** Where backups go; null where this worker makes none. */
  backup: BackupSettings | null;
  journalFolder: string;
  /** How many days a backup is kept. */
  backupKeepDays: number;
  /** How long before a do-not-call list goes stale it is said, in days. */
  listWarningDays: number;
  now: () => Date;
  log: Logger;
  /** Runs workflows on the main thread, where a debugger and a heap measurement can see them. */
  debugMode?: boolean;
}

/** The Temporal worker: the workflow bundle, the activities over their dependencies, and how much of each at once. */
export function createLeadWorker(options: LeadWorkerOptions): Promise<Worker> {
  const { connection, namespace, taskQueue, bundlePath, debugMode = false, ...dependencies } = options;
  return Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: { codePath: bundlePath },
    debugMode,
    activities: createActivities(dependencies),
    maxConcurrentActivityTaskExecutions: 4,
    // Reviews take milliseconds; disposals that are due together share one transaction.
    maxConcurrentLocalActivityExecutions: 32,
    // Long enough for a batch of an import to commit; reviews take milliseconds.
    shutdownGraceTime: '10s',
    shutdownForceTime: '20s',
  });
}
