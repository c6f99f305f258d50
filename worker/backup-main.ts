import { resolve } from 'node:path';
import { takeBackup } from '../activities/backup/backing-up.ts';
import { loadConfig } from '../config.ts';
import { createPool } from '../db/connection.ts';
import { readBackupKeys, readSigningSeeds } from '../keys/key-files.ts';
import { openKeyStore } from '../keys/stores.ts';
import { backupCard } from '../domain/backup-card.ts';
import { SigningKeys } from '../proof/signing-keys.ts';
import { progressLines } from './progress-lines.ts';
import { untilStopped } from './stopping.ts';

// npm run backup -- TARGET: takes a backup into a folder of its own below TARGET, or below BACKUP_TARGET.
const config = loadConfig();
const store = openKeyStore(config.keyStore);
const target = process.argv[2] ?? config.backup.folder;
if (target === undefined) throw new Error('Name the folder in which backups are kept: npm run backup -- TARGET, or BACKUP_TARGET.');
if (!config.databaseUrl) throw new Error('DATABASE_URL says which database to back up; it is not set.');
const say = (line: string) => void process.stdout.write(`${line}\n`);

const stopping = new AbortController();
void untilStopped().promise.then(() => stopping.abort(new Error('asked to stop')));
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
process.exit(0);
