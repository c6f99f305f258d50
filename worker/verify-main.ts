import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findBackup } from '../activities/backup/backup-folder.ts';
import { BrokenBackup } from '../activities/backup/broken-backup.ts';
import { verifyBackup } from '../activities/backup/verifying.ts';
import { loadConfig } from '../config.ts';
import { readBackupKeys, readKeyFiles, readSigningSeeds } from '../keys/key-files.ts';
import { openKeyStore } from '../keys/stores.ts';
import { Vault } from '../db/vault.ts';
import { verificationCard } from '../domain/backup-card.ts';
import { SigningKeys } from '../proof/signing-keys.ts';
import { progressLines } from './progress-lines.ts';

// npm run backup:verify -- SOURCE [--keyring FOLDER]: restores a backup into a database made for that; ends with 0 if it can.
const { positionals: [named], values: { keyring } } = parseArgs({ allowPositionals: true, options: { keyring: { type: 'string' } } });
const config = loadConfig();
const store = openKeyStore(config.keyStore);
const source = named ?? config.backup.folder;
if (source === undefined) throw new Error('Name the backup: npm run backup:verify -- SOURCE, or BACKUP_TARGET.');
if (!config.databaseUrl) throw new Error('DATABASE_URL says on which server a database is made for the test; it is not set.');
const say = (line: string) => void process.stdout.write(`${line}\n`);

const deps = {
  databaseUrl: config.databaseUrl,
  signing: new SigningKeys(await readSigningSeeds(config.keyFolder, store)),
  backupKeys: await readBackupKeys(config.keyFolder, store, config.backup.keyFile),
  vault: new Vault(await readKeyFiles(config.keyFolder, store)),
  journalFolder: config.journalFolder,
  now: () => new Date(),
};
try {
  const place = await findBackup(resolve(source), keyring ?? config.backup.keyringFolder);
  say(verificationCard(null, await verifyBackup(deps, place, progressLines(say))).replaceAll('**', ''));
  process.exit(0);
} catch (error) {
  if (!(error instanceof BrokenBackup)) throw error;
  say(`It cannot be restored: ${error.message}.`);
  process.exit(1);
}
