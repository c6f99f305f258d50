import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BrokenBackup } from './broken-backup.ts';

/** Where the two parts of a backup lie. */
export interface BackupPlace {
  database: string;
  keyring: string;
}

/** Folders in which backups are kept; that of the keys may be somewhere else. */
export interface BackupTarget {
  folder: string;
  keyringFolder: string | null;
}

const NAME = /^(\d{8}T\d{6}Z)-[0-9a-f]{8}$/;
const PARTIAL = '.partial-';
const KEYRING = '-keyring';
/** Nothing is written this long without a byte being added. */
const FORGOTTEN_AFTER_MS = 86_400_000;

/** Makes the folders in which a backup is written until it is whole; what earlier attempts left behind goes. */
export async function openPartial(target: BackupTarget, id: string, now: Date): Promise<BackupPlace> {
  for (const folder of foldersOf(target)) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await dropForgotten(folder, now);
  }
  const place = { database: join(target.folder, PARTIAL + id), keyring: join(keyringFolder(target), `${PARTIAL}${id}${KEYRING}`) };
  for (const folder of [place.database, place.keyring]) await mkdir(folder, { mode: 0o700 });
  return place;
}

/** Gives a backup its name. It is whole from the moment on at which its database part has one: that happens last. */
export async function closePartial(target: BackupTarget, partial: BackupPlace, id: string, takenAt: Date): Promise<BackupPlace> {
  const name = `${takenAt.toISOString().replace(/[-:]|\.\d+/g, '')}-${id.replaceAll('-', '').slice(-8)}`;
  const place = placeOf(target, name);
  await syncFolder(partial.keyring);
  await syncFolder(partial.database);
  await rename(partial.keyring, place.keyring);
  await syncFolder(dirname(place.keyring));
  await rename(partial.database, place.database);
  await syncFolder(dirname(place.database));
  return place;
}

/** Removes what was written of a backup that will not become whole. */
export async function dropPartial(partial: BackupPlace): Promise<void> {
  for (const folder of [partial.database, partial.keyring]) await rm(folder, { recursive: true, force: true });
}

/** Removes backups from before a moment, but never the newest; answers how many, and when the oldest of the others was taken. */
export async function dropOldBackups(target: BackupTarget, before: Date): Promise<{ dropped: number; oldestAt: Date | null }> {
  const names = await wholeBackups(target.folder);
  const old = names.slice(0, -1).filter((name) => timeOf(name) < before);
  for (const name of old) {
    const place = placeOf(target, name);
    // First that which opens what is in the other.
    await rm(place.keyring, { recursive: true, force: true });
    await rm(place.database, { recursive: true, force: true });
  }
  const oldest = names.find((name) => !old.includes(name));
  return { dropped: old.length, oldestAt: oldest === undefined ? null : timeOf(oldest) };
}

/** The backup in a folder, or the newest one below it. `keyring` says where the keys are, where they are not beside it. */
export async function findBackup(source: string, keyring: string | null): Promise<BackupPlace> {
  const names = await wholeBackups(source);
  const newest = names.at(-1);
  const database = newest === undefined ? source : join(source, newest);
  if (basename(database).startsWith(PARTIAL)) throw new BrokenBackup(`${database} was never finished`);
  if (keyring === null) return { database, keyring: `${database}${KEYRING}` };
  const below = join(keyring, `${basename(database)}${KEYRING}`);
  return { database, keyring: (await isFolder(below)) ? below : keyring };
}

/** The names of the backups in a folder that are whole, oldest first. */
async function wholeBackups(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names.filter((name) => NAME.test(name)).sort();
}

async function dropForgotten(folder: string, now: Date): Promise<void> {
  const partial = (await readdir(folder)).filter((each) => each.startsWith(PARTIAL));
  for (const name of partial) {
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now.getTime() }));
    if (now.getTime() - mtimeMs > FORGOTTEN_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}

function placeOf(target: BackupTarget, name: string): BackupPlace {
  return { database: join(target.folder, name), keyring: join(keyringFolder(target), name + KEYRING) };
}

function keyringFolder({ folder, keyringFolder: own }: BackupTarget): string {
  return own ?? folder;
}

function foldersOf(target: BackupTarget): string[] {
  return [...new Set([target.folder, keyringFolder(target)])];
}

function timeOf(name: string): Date {
  const digits = NAME.exec(name)?.[1] ?? '';
  return new Date(digits.replace(/^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isDirectory(), () => false);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
