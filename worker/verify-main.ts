import { resolve } from 'node:path';
import { findBackup } from '../activities/backup/backup-folder.ts';
import { BrokenBackup } from '../activities/backup/broken-backup.ts';
import { verifyBackup } from '../activities/backup/verifying.ts';
import { loadConfig } from '../config.ts';
import { readBackupKeys, readKeyFiles, readSigningSeeds } from '../keys/key-files.ts';
import { openKeyStore } from '../keys/stores.ts';
import { Vault } from '../db/vault.ts';
import { verificationCard } from '../domain/backup-card.ts';
import { SigningKeys } from '../proof/signing-keys.ts';
import { runCommand, WrongCall } from './command.ts';
import { progressLines } from './progress-lines.ts';

const USAGE = `npm run backup:verify -- SOURCE [--keyring FOLDER]

  SOURCE     a backup, or the folder whose newest is meant; BACKUP_TARGET unless it is named
  --keyring  where the keys of the leads are, when not beside it; BACKUP_KEYRING_TARGET unless it is named

Restores it into a database made for that on the server of DATABASE_URL, and drops that again. Ends with 0 if it can be restored.`;

await runCommand(USAGE, ['keyring'], async ({ place: named, options: { keyring } }) => {
  const config = loadConfig();
  const store = openKeyStore(config.keyStore);
  const source = named ?? config.backup.folder;
  if (source === undefined) throw new WrongCall('Name the backup, or set BACKUP_TARGET.');
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
    return 0;
  } catch (error) {
    if (!(error instanceof BrokenBackup)) throw error;
    say(`It cannot be restored: ${error.message}.`);
    return 1;
  }
});
