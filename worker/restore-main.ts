import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { createArchiveStore } from '../activities/archiving/archive-stores.ts';
import { findBackup } from '../activities/backup/backup-folder.ts';
import { BrokenBackup } from '../activities/backup/broken-backup.ts';
import { restoreText, type RestoreReport } from '../activities/backup/restore-report.ts';
import { restoreBackup } from '../activities/backup/restoring.ts';
import { loadConfig, temporalConnectionOptions } from '../config.ts';
import { connect, createPool } from '../db/connection.ts';
import { readBackupKeys, readKeyFiles, readSigningSeeds } from '../keys/key-files.ts';
import { openKeyStore } from '../keys/stores.ts';
import { markReconciled, unreconciledRestoration } from '../db/restorations.ts';
import { Vault } from '../db/vault.ts';
import { SigningKeys } from '../proof/signing-keys.ts';
import { progressLines } from './progress-lines.ts';
import { reconcileWorkflows } from './workflow-reconciliation.ts';

// npm run restore -- SOURCE [--keyring FOLDER] [--report FILE]: a backup, or the newest of a folder, into an empty database.
const { positionals: [source], values: { keyring, report: reportFile } } = parseArgs({
  allowPositionals: true, options: { keyring: { type: 'string' }, report: { type: 'string' } },
});
const config = loadConfig();
const store = openKeyStore(config.keyStore);
if (source === undefined) throw new Error('Name the backup: npm run restore -- SOURCE.');
if (!config.databaseUrl) throw new Error('DATABASE_URL says into which database to restore; it is not set.');
const say = (line: string) => void process.stdout.write(`${line}\n`);

const db = connect(config.databaseUrl, { max: 2 });
const waiting = await unreconciledRestoration(db);
const report = waiting ? (waiting.report as RestoreReport) : await restore(config.databaseUrl, source);
report.workflows = await reconcile();
say(restoreText(report));
if (reportFile !== undefined) await writeFile(reportFile, `${JSON.stringify(report, null, 2)}\n`);
await db.destroy();
process.exit(report.workflows === null ? 1 : 0);

async function restore(databaseUrl: string, from: string): Promise<RestoreReport> {
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
    process.exit(1);
  } finally {
    await pool.end();
  }
}

/** Null when Temporal does not answer: the store may be served, and the same command goes on from here. */
async function reconcile(): Promise<RestoreReport['workflows']> {
  const { namespace, taskQueue } = config.temporal;
  const connection = await Connection.connect({ ...temporalConnectionOptions(config), connectTimeout: '10s' }).catch(() => null);
  if (!connection) return null;
  try {
    const done = await reconcileWorkflows(new Client({ connection, namespace }), db, taskQueue);
    const restoration = await unreconciledRestoration(db);
    if (restoration) await markReconciled(db, restoration.id, new Date());
    return done;
  } finally {
    await connection.close();
  }
}
