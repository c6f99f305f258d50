import { ApplicationFailure, Context } from '@temporalio/activity';
import { createPool } from '../db/connection.ts';
import type { Vault } from '../db/vault.ts';
import type { BackupProgress, BackupReport, VerificationReport } from '../domain/backup-card.ts';
import type { SigningKeys } from '../proof/signing-keys.ts';
import { findBackup, type BackupTarget } from './backup/backup-folder.ts';
import { takeBackup } from './backup/backing-up.ts';
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

type Work<Result> = (settings: BackupSettings, signing: SigningKeys, onProgress: (progress: BackupProgress) => void, signal: AbortSignal) => Promise<Result>;

/** The activities behind backups. An attempt that is broken off leaves nothing behind that counts, and is made again from the beginning. */
export function createBackupActivities({ databaseUrl, vault, signing, backup, backupKeepDays, journalFolder, now, stopping }: BackupDependencies) {
  async function work<Result>(job: Work<Result>): Promise<Result> {
    if (!backup || !signing) throw ApplicationFailure.nonRetryable('BACKUP_TARGET is not set for this worker, or it has no signing key.', 'no_backup_target');
    const context = Context.current();
    const signal = AbortSignal.any([context.cancellationSignal, ...(stopping ? [stopping] : [])]);
    const reporter = releaseReporter<BackupProgress>(context);
    try {
      return await job(backup, signing, (progress) => reporter.report(progress), signal);
    } catch (error) {
      if (signal.aborted) return await stopAttempt(context, 'backup');
      if (error instanceof BrokenBackup) throw ApplicationFailure.nonRetryable(`It cannot be restored: ${error.message}.`, 'broken_backup');
      throw interrupted(error, 'backup');
    } finally {
      reporter.end();
    }
  }

  return {
    /** Takes a backup, and removes those that are past their time. */
    async takeBackup(): Promise<BackupReport> {
      return work(async ({ target, keys: [key] }, keysOfSigning, onProgress, signal) => {
        if (!key) throw ApplicationFailure.nonRetryable('There is no backup key.', 'no_backup_key');
        const pool = createPool(databaseUrl, { max: CONNECTIONS, statementTimeout: 0 });
        try {
          return await takeBackup({ pool, signing: keysOfSigning, key, target, keepDays: backupKeepDays, journalFolder, now }, onProgress, signal);
        } finally {
          await pool.end();
        }
      });
    },

    /** Restores the newest backup into a database made for that. Fails for good when it cannot be restored. */
    async verifyBackup(): Promise<VerificationReport> {
      return work(async ({ target, keys }, keysOfSigning, onProgress) => {
        const place = await findBackup(target.folder, target.keyringFolder);
        return verifyBackup({ databaseUrl, vault, signing: keysOfSigning, backupKeys: keys, journalFolder, now }, place, onProgress);
      });
    },
  };
}
