import { basename, join } from 'node:path';
import type { CopyPool } from '../../db/copy.ts';
import { newId } from '../../db/ids.ts';
import { lastMigration, listSequences, listTables, type StoredTable } from '../../db/table-catalogue.ts';
import { withSnapshot, type LeavingRows, type Snapshot } from '../../db/table-copies.ts';
import type { BackupReport } from '../../domain/backup-card.ts';
import { backupsExpireBefore } from '../../domain/disposal.ts';
import { pruneJournal } from '../../endings/journal/folder-journal.ts';
import type { SigningKeys } from '../../proof/signing-keys.ts';
import {
  closePartial, dropPartial, expireBackups, openPartial, type BackupPlace, type BackupTarget, type Expiry,
} from './backup-folder.ts';
import { keyName, writeManifest, type BackupFile, type BackupPart, type BackupTable, type Manifest } from './manifest.ts';
import { Pace, type OnProgress } from './pace.ts';
import { writeSealedFile } from './sealed-file.ts';

export interface BackupDeps {
  pool: CopyPool;
  signing: SigningKeys;
  /** Encrypts the backup; 32 bytes. */
  key: Uint8Array;
  target: BackupTarget;
  /** How long backups are kept, in days. */
  keepDays: number;
  journalFolder: string;
  now: () => Date;
}

/** Copies that run at the same time: PostgreSQL reads one table while another is compressed. */
const AT_ONCE = 2;
const DAY_MS = 86_400_000;
/** Entries of the journal are kept for longer than any backup that may need them. */
const JOURNAL_MARGIN_DAYS = 7;
const ARCHIVE_FILE = 'archive-objects.csv.lwb';
const ARCHIVE_OBJECTS = `select object, encode(sha256, 'hex') as sha256, size_bytes, verified_at from archive_bundle order by object`;

/**
 * Takes a backup: one moment of the database, the keys of the leads apart, encrypted, with a signed list of what it consists of.
 * Until it is whole it has no name, and is never restored. Then removes the backups that are past their time.
 */
export async function takeBackup(deps: BackupDeps, onProgress: OnProgress, signal: AbortSignal): Promise<BackupReport> {
  const started = performance.now();
  const id = newId();
  const partial = await openPartial(deps.target, id, deps.now());
  try {
    const { takenAt, manifests } = await withSnapshot(deps.pool, (snapshot) => {
      return copyAll(deps, { id, partial, snapshot, onProgress, signal });
    });
    for (const manifest of manifests) await writeManifest(partial[manifest.part], manifest, deps.signing);
    const place = await closePartial(deps.target, partial, id, takenAt);
    const tables = manifests.flatMap((manifest) => manifest.tables);
    return {
      name: basename(place.database),
      takenAt: takenAt.toISOString(),
      tables: tables.length,
      rows: sum(tables.map(({ rows }) => rows)),
      bytes: sum(tables.map(({ bytes }) => bytes)),
      seconds: Math.round((performance.now() - started) / 1000),
      dropped: await tidyUp(deps),
    };
  } catch (error) {
    await dropPartial(partial);
    throw error;
  }
}

interface Copying {
  id: string;
  partial: BackupPlace;
  snapshot: Snapshot;
  onProgress: OnProgress;
  signal: AbortSignal;
}

async function copyAll(deps: BackupDeps, copying: Copying): Promise<{ takenAt: Date; manifests: Manifest[] }> {
  const { id, partial, snapshot, onProgress, signal } = copying;
  const { db } = snapshot.reading;
  const migration = await lastMigration(db);
  const waiting = await listTables(db);
  const pace = new Pace('copying', sum(waiting.map(({ bytes }) => bytes)), onProgress);
  const done: BackupTable[] = [];
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const write = async (part: BackupPart, file: string, rows: LeavingRows): Promise<BackupFile> => {
    const place = { key: deps.key, backupId: id, file: `${part}/${file}` };
    const written = await writeSealedFile(join(partial[part], file), place, rows, (bytes) => pace.add(bytes), either);
    return { file, rows: rows.rowCount, ...written };
  };
  const copyTables = async (read: (table: StoredTable) => LeavingRows) => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { bytes: _, ...table } = next;
      pace.at = table.name;
      done.push({ ...table, ...(await write(partOf(table), `${table.schema}.${table.name}.lwb`, read(table))) });
    }
  };
  await allOrNone(failing, [
    copyTables(snapshot.reading.read),
    ...Array.from({ length: AT_ONCE - 1 }, () => snapshot.share(({ read }) => copyTables(read))),
  ]);
  const csv = await write('database', ARCHIVE_FILE, snapshot.reading.readCsv(ARCHIVE_OBJECTS));
  // Read last, because sequences are not part of the moment: no number in the rows is above them.
  const sequences = await listSequences(db);
  const shared = {
    format: 1 as const, id, takenAt: snapshot.takenAt.toISOString(), finishedAt: deps.now().toISOString(), lsn: snapshot.lsn,
    server: snapshot.serverVersion, migration, key: keyName(deps.key),
  };
  const manifests = (['keyring', 'database'] as const).map((part) => ({
    ...shared, part,
    tables: done.filter((table) => partOf(table) === part).sort((one, other) => (one.file < other.file ? -1 : 1)),
    sequences: sequences.filter((sequence) => partOf(sequence) === part),
    archive: part === 'database' ? csv : null,
  }));
  return { takenAt: snapshot.takenAt, manifests };
}

/** Waits for all of it; when one part fails the others are broken off, so that nobody writes any more when this is over. */
async function allOrNone(failing: AbortController, parts: Promise<void>[]): Promise<void> {
  for (const part of parts) part.catch((error: unknown) => failing.abort(error));
  await Promise.allSettled(parts);
  await Promise.all(parts);
}

function partOf({ schema }: { schema: string }): BackupPart {
  return schema === 'keyring' ? 'keyring' : 'database';
}

async function tidyUp({ target, keepDays, journalFolder, now }: BackupDeps): Promise<number> {
  const { dropped } = await tidyBackups({ target, keepDays, journalFolder, now }, true);
  return dropped;
}

/**
 * Removes the backups that are past their time, and the entries of the journal that nobody needs without them. `spared`: the
 * newest one has just been taken, or is to be kept whatever its age.
 */
export async function tidyBackups(
  { target, keepDays, journalFolder, now }: Pick<BackupDeps, 'target' | 'keepDays' | 'journalFolder' | 'now'>, spared: boolean,
): Promise<Expiry> {
  const expiry = await expireBackups(target, backupsExpireBefore(now(), keepDays), { now: now(), spared });
  if (expiry.neededFrom) await pruneJournal(journalFolder, new Date(expiry.neededFrom.getTime() - JOURNAL_MARGIN_DAYS * DAY_MS));
  return expiry;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
