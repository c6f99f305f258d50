import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_BYTES = 32;
const KEK_FILE = /^kek-(\d+)\.key$/;
const SIGNING_FILE = /^signing-(\d+)\.key$/;
const BACKUP_FILE = /^backup-(\d+)\.key$/;

/** The keys that live outside the database: one for tokens, and the numbered key-encryption keys, newest in use. */
export interface Keys {
  token: Buffer;
  keks: ReadonlyMap<number, Buffer>;
  newestKek: number;
}

/**
 * Makes the key files of a new installation (mode 0600, 64 hex digits each) and leaves an existing set alone. A signing key and a
 * backup key are added to a set that has none.
 */
export async function createKeyFiles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const present = await readdir(folder);
  if (!present.some((name) => SIGNING_FILE.test(name))) await writeKey(join(folder, 'signing-1.key'));
  if (!present.some((name) => BACKUP_FILE.test(name))) await writeKey(join(folder, 'backup-1.key'));
  if (present.some((name) => name === 'token.key' || KEK_FILE.test(name))) return;
  await writeKey(join(folder, 'kek-1.key'));
  await writeKey(join(folder, 'token.key'));
}

/** Reads the keys. Fails by file name, never by content, when one is missing or malformed. */
export async function readKeyFiles(folder: string): Promise<Keys> {
  const keks = new Map<number, Buffer>();
  for (const [number, path] of await numberedFiles(folder, KEK_FILE)) keks.set(number, await readKey(path));
  if (keks.size === 0) throw new Error(`No key-encryption key (kek-1.key) in ${folder}. Without it nothing personal can be read or stored.`);
  return { token: await readKey(join(folder, 'token.key')), keks, newestKek: Math.max(...keks.keys()) };
}

/** Reads the seeds of the signing keys, which open nothing: whoever checks proofs needs their public halves only. */
export async function readSigningSeeds(folder: string): Promise<Map<number, { seed: Buffer; createdAt: Date }>> {
  const seeds = new Map<number, { seed: Buffer; createdAt: Date }>();
  for (const [number, path] of await numberedFiles(folder, SIGNING_FILE)) {
    seeds.set(number, { seed: await readKey(path), createdAt: (await stat(path)).mtime });
  }
  if (seeds.size === 0) throw new Error(`No signing key (signing-1.key) in ${folder}. Without it no proof can be given.`);
  return seeds;
}

/** Reads the keys that backups are encrypted with, the one in use first: those in the folder, or the one in a file named. */
export async function readBackupKeys(folder: string, file?: string): Promise<Buffer[]> {
  if (file !== undefined) return [await readKey(file)];
  const files = (await numberedFiles(folder, BACKUP_FILE)).sort(([one], [other]) => other - one);
  if (files.length === 0) throw new Error(`No backup key (backup-1.key) in ${folder}. Without it no backup can be made or read.`);
  return Promise.all(files.map(([, path]) => readKey(path)));
}

async function numberedFiles(folder: string, pattern: RegExp): Promise<[number: number, path: string][]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names.flatMap((name) => {
    const number = pattern.exec(name)?.[1];
    return number === undefined ? [] : [[Number(number), join(folder, name)] as [number, string]];
  });
}

async function writeKey(path: string): Promise<void> {
  await writeFile(path, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
}

async function readKey(path: string): Promise<Buffer> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const key = Buffer.from(text.trim(), 'hex');
  if (key.length !== KEY_BYTES) throw new Error(`${path} should hold one key of ${KEY_BYTES * 2} hex digits and does not.`);
  return key;
}
