import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { registerApiKey } from '../db/api-keys.ts';
import type { Db } from '../db/connection.ts';
import { createApiKey, digestOf, keyIdOf } from './key-format.ts';

/** Makes a file that holds one new API key, readable by its owner alone; a file that is there is left alone. */
export async function createAdminKeyFile(path: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, `${createApiKey()}\n`, { mode: 0o600, flag: 'wx', flush: true });
    // Appears whole or not at all, and never in place of another.
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** The key of an admin key file. Fails by file name, never by content. */
export async function readAdminKey(path: string): Promise<string> {
  const key = (await readFile(path, 'utf8')).trim();
  if (keyIdOf(key) === null) throw new Error(`${path} should hold one API key and does not; remove it to have a new one made.`);
  return key;
}

/** Lets the holder of a key in as admin, unless this key was revoked. Doing it again changes nothing. */
export async function registerAdminKey(db: Db, key: string, now: Date): Promise<void> {
  const id = keyIdOf(key);
  if (id === null) throw new Error('an admin key is malformed');
  await registerApiKey(db, { id, name: 'local administrator', role: 'admin', digest: digestOf(key), createdAt: now, expiresAt: null });
}
