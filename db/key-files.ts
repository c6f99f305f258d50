import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const KEY_BYTES = 32;
const KEK_FILE = /^kek-(\d+)\.key$/;

/** The keys that live outside the database: one for tokens, and the numbered key-encryption keys, newest in use. */
export interface Keys {
  token: Buffer;
  keks: ReadonlyMap<number, Buffer>;
  newestKek: number;
}

/** Makes the key files of a new installation (mode 0600, 64 hex digits each) and leaves an existing set alone. */
export async function createKeyFiles(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const present = await readdir(folder);
  if (present.some((name) => name === 'token.key' || KEK_FILE.test(name))) return;
  await writeKey(join(folder, 'kek-1.key'));
  await writeKey(join(folder, 'token.key'));
}

/** Reads the keys. Fails by file name, never by content, when one is missing or malformed. */
export async function readKeyFiles(folder: string): Promise<Keys> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const keks = new Map<number, Buffer>();
  for (const name of names) {
    const number = KEK_FILE.exec(name)?.[1];
    if (number !== undefined) keks.set(Number(number), await readKey(join(folder, name)));
  }
  if (keks.size === 0) throw new Error(`No key-encryption key (kek-1.key) in ${folder}. Without it nothing personal can be read or stored.`);
  return { token: await readKey(join(folder, 'token.key')), keks, newestKek: Math.max(...keks.keys()) };
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
