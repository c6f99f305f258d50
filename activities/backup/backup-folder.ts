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

/** What is left of backups after those past their time were removed. */
export interface Expiry {
  /** How many lost their keys, or the rest that was still there of them. */
  dropped: number;
  /** Copies of the keys that should be gone and are not: they would bring somebody back. */
  overdue: number;
  /** Of backups that have their keys. */
  oldestAt: Date | null;
  newestAt: Date | null;
  /** The oldest of all, with keys or without: for so long the journal is needed. */
  neededFrom: Date | null;
}

/**
 * Removes what brings somebody back out of backups from before a moment, which is the keys, and then the rest; afterwards looks
 * whether it is gone. The newest one keeps its rest, for want of a better one, and its keys as well where it is `spared`. What
 * attempts that failed long ago left behind goes too.
 */
export async function expireBackups(
  target: BackupTarget, before: Date, { now, spared }: { now: Date; spared: boolean },
): Promise<Expiry> {
  for (const folder of foldersOf(target)) await dropForgotten(folder, now);
  const names = await wholeBackups(target.folder);
  const newest = names.at(-1);
  const withKeys = await backupsWithKeys(target);
  const isPast = (name: string) => timeOf(name) < before && !(spared && name === newest);
  const past = [...new Set([...names, ...withKeys])].filter(isPast);
  for (const name of past) {
    const place = placeOf(target, name);
    // First that which opens what is in the other.
    await removeFolder(place.keyring);
    if (name !== newest) await removeFolder(place.database);
  }
  const left = await backupsWithKeys(target);
  const rest = await wholeBackups(target.folder);
  // One that kept its rest, because it was the newest, has gone when its keys have.
  const hasGone = (name: string) => (withKeys.includes(name) ? !left.includes(name) : name !== newest && !rest.includes(name));
  return {
    dropped: past.filter(hasGone).length,
    overdue: left.filter(isPast).length,
    oldestAt: momentOf(left[0]),
    newestAt: momentOf(left.at(-1)),
    neededFrom: momentOf(rest[0]),
  };
}

/** Whether it went is looked at afterwards: one that will not go keeps no other from going. */
async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
}

/** The names of the backups whose keys are there, oldest first. */
async function backupsWithKeys(target: BackupTarget): Promise<string[]> {
  const names = await readdir(keyringFolder(target)).catch(() => [] as string[]);
  const own = names.filter((name) => name.endsWith(KEYRING)).map((name) => name.slice(0, -KEYRING.length));
  return own.filter((name) => NAME.test(name)).sort();
}

function momentOf(name: string | undefined): Date | null {
  return name === undefined ? null : timeOf(name);
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
  const partial = (await readdir(folder).catch(() => [] as string[])).filter((each) => each.startsWith(PARTIAL));
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
