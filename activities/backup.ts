import { ApplicationFailure, Context } from '@temporalio/activity';
import { recordBackupWatch } from '../db/backup-watch.ts';
import { createPool, type Db } from '../db/connection.ts';
import type { Vault } from '../db/vault.ts';
import type { BackupProgress, BackupReport, ExpiryReport, VerificationReport } from '../domain/backup-card.ts';
import type { SigningKeys } from '../proof/signing-keys.ts';
import { findBackup, type BackupTarget } from './backup/backup-folder.ts';
import { takeBackup, tidyBackups } from './backup/backing-up.ts';
import { BrokenBackup } from './backup/broken-backup.ts';
import { verifyBackup } from './backup/verifying.ts';
import { interrupted, stopAttempt } from './interruption.ts';
import { releaseReporter } from './release-reporter.ts';

/** Where backups go, and the keys that they are and were encrypted with, the one in use first. */
export interface BackupSettings {
  target: BackupTarget;
  keys: readonly Uint8Array[];
}

export interface BackupDependencies {
  db: Db;
  databaseUrl: string;
  vault: Vault;
  signing: SigningKeys | null;
  /** Null where this worker makes no backups. */
  backup: BackupSettings | null;
  backupKeepDays: number;
  journalFolder: string;
  now: () => Date;
  /** Aborted when the worker is to stop. */
  stopping?: AbortSignal | undefined;
}

const CONNECTIONS = 3;
const NO_TARGET = 'BACKUP_TARGET is not set for this worker, or it has no signing key.';

/** What every job needs, and has once it is known to be there. */
interface Means extends BackupSettings {
  signing: SigningKeys;
  onProgress: (progress: BackupProgress) => void;
  signal: AbortSignal;
}

/** The activities behind backups. An attempt that is broken off leaves nothing behind that counts, and is made again. */
export function createBackupActivities(
  { db, databaseUrl, vault, signing, backup, backupKeepDays, journalFolder, now, stopping }: BackupDependencies,
) {
  async function work<Result>(job: (means: Means) => Promise<Result>): Promise<Result> {
    if (!backup || !signing) throw ApplicationFailure.nonRetryable(NO_TARGET, 'no_backup_target');
    const context = Context.current();
    const signal = AbortSignal.any([context.cancellationSignal, ...(stopping ? [stopping] : [])]);
    const reporter = releaseReporter(context);
    try {
      return await job({ ...backup, signing, onProgress: (progress) => reporter.report(progress), signal });
    } catch (error) {
      if (signal.aborted) return await stopAttempt(context, 'backup');
      throw error instanceof BrokenBackup ? brokenFailure(error) : interrupted(error, 'backup');
    } finally {
      reporter.end();
    }
  }

  return {
    /** Takes a backup, and removes those that are past their time. */
    async takeBackup(): Promise<BackupReport> {
      return work(async ({ target, keys: [key], onProgress, signal, ...means }) => {
        if (!key) throw ApplicationFailure.nonRetryable('There is no backup key.', 'no_backup_key');
        const pool = createPool(databaseUrl, { max: CONNECTIONS, statementTimeout: 0 });
        try {
          const deps = { pool, signing: means.signing, key, target, keepDays: backupKeepDays, journalFolder, now };
          return await takeBackup(deps, onProgress, signal);
        } finally {
          await pool.end();
        }
      });
    },

    /**
     * Removes the backups that are past their time, looks whether they are gone, and puts that down for the metrics. Fails,
     * and is tried again, where one is still there.
     */
    async expireBackups(): Promise<ExpiryReport> {
      if (!backup) throw ApplicationFailure.nonRetryable(NO_TARGET, 'no_backup_target');
      const means = { target: backup.target, keepDays: backupKeepDays, journalFolder, now };
      const { dropped, overdue, oldestAt, newestAt } = await tidyBackups(means, backupKeepDays === 0);
      await recordBackupWatch(db, { checkedAt: now(), overdue, oldestAt, newestAt });
      if (overdue > 0) throw ApplicationFailure.retryable(`${overdue} backups past their time are still there.`, 'backups_overdue');
      return { dropped, overdue, oldestAt: oldestAt?.toISOString() ?? null, newestAt: newestAt?.toISOString() ?? null };
    },

    /** Restores the newest backup into a database made for that. Fails for good when it cannot be restored. */
    async verifyBackup(): Promise<VerificationReport> {
      return work(async ({ target, keys, onProgress, ...means }) => {
        const place = await findBackup(target.folder, target.keyringFolder);
        const deps = { databaseUrl, vault, signing: means.signing, backupKeys: keys, journalFolder, now };
        return verifyBackup(deps, place, onProgress);
      });
    },
  };
}

function brokenFailure({ message }: BrokenBackup): ApplicationFailure {
  return ApplicationFailure.nonRetryable(`It cannot be restored: ${message}.`, 'broken_backup');
}
