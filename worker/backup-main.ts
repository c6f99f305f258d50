import { resolve } from 'node:path';
import { takeBackup } from '../activities/backup/backing-up.ts';
import { loadConfig } from '../config.ts';
import { createPool } from '../db/connection.ts';
import { readBackupKeys, readSigningSeeds } from '../keys/key-files.ts';
import { openKeyStore } from '../keys/stores.ts';
import { backupCard } from '../domain/backup-card.ts';
import { SigningKeys } from '../proof/signing-keys.ts';
import { runCommand, WrongCall } from './command.ts';
import { progressLines } from './progress-lines.ts';
import { untilStopped } from './stopping.ts';

const USAGE = `npm run backup -- TARGET

  TARGET  the folder below which the backup gets one of its own; BACKUP_TARGET unless it is named

DATABASE_URL says which database, LEADWARDEN_KEYS (or LEADWARDEN_HOME) where its keys are. Ends with 0 once the backup is whole.`;

await runCommand(USAGE, [], async ({ place }) => {
  const config = loadConfig();
  const store = openKeyStore(config.keyStore);
  const target = place ?? config.backup.folder;
  if (target === undefined) throw new WrongCall('Name the folder in which backups are kept, or set BACKUP_TARGET.');
  if (!config.databaseUrl) throw new Error('DATABASE_URL says which database to back up; it is not set.');
  const say = (line: string) => void process.stdout.write(`${line}\n`);

  const stopping = new AbortController();
  void untilStopped().promise.then(() => stopping.abort(new Error('It was asked to stop; there is no backup of this time.')));
  const pool = createPool(config.databaseUrl, { max: 3, statementTimeout: 0 });
  const [key] = await readBackupKeys(config.keyFolder, store, config.backup.keyFile);
  const report = await takeBackup(
    {
      pool,
      key: key as Buffer,
      signing: new SigningKeys(await readSigningSeeds(config.keyFolder, store)),
      target: { folder: resolve(target), keyringFolder: config.backup.keyringFolder },
      keepDays: config.backupKeepDays,
      journalFolder: config.journalFolder,
      now: () => new Date(),
    },
    progressLines(say),
    stopping.signal,
  );
  say(backupCard(null, report).replaceAll('**', ''));
  await pool.end();
  return 0;
});
