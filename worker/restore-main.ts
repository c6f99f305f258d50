import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createArchiveStore } from '../activities/archiving/archive-stores.ts';
import { findBackup } from '../activities/backup/backup-folder.ts';
import { BrokenBackup } from '../activities/backup/broken-backup.ts';
import { restoreText, type RestoreReport } from '../activities/backup/restore-report.ts';
import { restoreBackup } from '../activities/backup/restoring.ts';
import { loadConfig, temporalConnectionOptions, type Config } from '../config.ts';
import { connect, createPool } from '../db/connection.ts';
import { readBackupKeys, readKeyFiles, readSigningSeeds } from '../keys/key-files.ts';
import { openKeyStore } from '../keys/stores.ts';
import { markReconciled, unreconciledRestoration } from '../db/restorations.ts';
import { Vault } from '../db/vault.ts';
import { SigningKeys } from '../proof/signing-keys.ts';
import { reasonOf, runCommand, WrongCall } from './command.ts';
import { progressLines } from './progress-lines.ts';
import { reconcileWorkflows } from './workflow-reconciliation.ts';

const USAGE = `npm run restore -- SOURCE [--keyring FOLDER] [--report FILE]

  SOURCE     a backup, or the folder whose newest is meant
  --keyring  where the keys of the leads are, when not beside it; BACKUP_KEYRING_TARGET unless it is named
  --report   writes the report as JSON as well

Restores into the empty database that DATABASE_URL names, with LEADWARDEN_KEYS, LEADWARDEN_JOURNAL and LEADWARDEN_ARCHIVE of the house
that was, and brings the workflows at TEMPORAL_ADDRESS (127.0.0.1:7233) into agreement with it. Ends with 0 when all is done, and
with 1 when it is not; where only Temporal was away, the same command goes on from there.`;

const say = (line: string) => void process.stdout.write(`${line}\n`);

await runCommand(USAGE, ['keyring', 'report'], async ({ place: source, options: { keyring, report: reportFile } }) => {
  const config = loadConfig();
  if (source === undefined) throw new WrongCall('Name the backup.');
  if (!config.databaseUrl) throw new Error('DATABASE_URL says into which database to restore; it is not set.');
  const db = connect(config.databaseUrl, { max: 2 });
  const waiting = await unreconciledRestoration(db);
  const report = waiting ? (waiting.report as RestoreReport) : await restore(config.databaseUrl, source, keyring);
  if (report === null) return 1;
  report.workflows = await reconcile(config, db);
  say(restoreText(report));
  if (reportFile !== undefined) await writeFile(reportFile, `${JSON.stringify(report, null, 2)}\n`);
  await db.destroy();
  return report.workflows === null ? 1 : 0;
});

/** What it came to; null where the backup cannot be used, which is said. */
async function restore(databaseUrl: string, from: string, keyring: string | undefined): Promise<RestoreReport | null> {
  const config = loadConfig();
  const store = openKeyStore(config.keyStore);
  const pool = createPool(databaseUrl, { max: 1, statementTimeout: 0 });
  const archive = createArchiveStore(config.archive);
  try {
    const place = await findBackup(resolve(from), keyring ?? config.backup.keyringFolder);
    const deps = {
      pool,
      signing: new SigningKeys(await readSigningSeeds(config.keyFolder, store)),
      backupKeys: await readBackupKeys(config.keyFolder, store, config.backup.keyFile),
      vault: new Vault(await readKeyFiles(config.keyFolder, store)),
      journalFolder: config.journalFolder,
      removeObject: (object: string) => archive.remove(object),
      now: () => new Date(),
    };
    return await restoreBackup(deps, place, { onProgress: progressLines(say) });
  } catch (error) {
    if (!(error instanceof BrokenBackup)) throw error;
    say(`Nothing was changed: ${error.message}.`);
    return null;
  } finally {
    await pool.end();
  }
}

/**
 * Null when Temporal does not answer, refuses, as where the namespace is not there yet, or is another house's, which is said: the
 * store may be served, and the same command goes on from here.
 */
async function reconcile(config: Config, db: ReturnType<typeof connect>): Promise<RestoreReport['workflows']> {
  const { namespace, taskQueue } = config.temporal;
  const connection = await Connection.connect({ ...temporalConnectionOptions(config), connectTimeout: '10s' }).catch(() => null);
  if (!connection) return null;
  try {
    const done = await reconcileWorkflows(new Client({ connection, namespace }), db, taskQueue);
    if (done === null) {
      say(`No workflow at ${temporalConnectionOptions(config).address} is of a lead in this store: it is another house's, and was left alone.`);
      return null;
    }
    const restoration = await unreconciledRestoration(db);
    if (restoration) await markReconciled(db, restoration.id, new Date());
    return done;
  } catch (error) {
    say(`The workflows cannot be looked at: ${reasonOf(error)}.`);
    return null;
  } finally {
    await connection.close();
  }
}
