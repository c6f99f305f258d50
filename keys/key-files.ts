import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WrongKeys } from '../db/key-check.ts';
import type { Keys } from '../db/vault.ts';
import { destroyFile, writeOnce } from './durable-file.ts';
import { fileStore, KEY_BYTES } from './file-store.ts';
import type { KeyStore } from './key-store.ts';

const KEY_FILE = /^(token|(kek|signing|backup)-(\d+))\.(key|wrapped)$/;

export type NumberedKind = 'kek' | 'signing' | 'backup';

/** A key that lies in the folder: plain in a `.key`, or wrapped by a store in a `.wrapped` file. */
interface KeyFile {
  name: string;
  path: string;
  kind: 'token' | NumberedKind;
  number: number;
  isPlain: boolean;
}

/** What a `.wrapped` file holds, as JSON. */
interface WrappedKeyFile {
  store: KeyStore['kind'];
  key: string;
  wrapped: string;
  createdAt: string;
}

const FIELDS = ['store', 'key', 'wrapped', 'createdAt'] as const;

/**
 * Makes the key files of a new installation (mode 0600) and leaves an existing set alone. A signing key and a backup key are
 * added to a set that has none.
 */
export async function createKeyFiles(folder: string, store: KeyStore = fileStore): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const present = await listKeyFiles(folder);
  if (!present.some(({ kind }) => kind === 'signing')) await writeKey(folder, 'signing-1', randomBytes(KEY_BYTES), store);
  if (!present.some(({ kind }) => kind === 'backup')) await writeKey(folder, 'backup-1', randomBytes(KEY_BYTES), store);
  if (present.some(({ kind }) => kind === 'kek' || kind === 'token')) return;
  await writeKey(folder, 'kek-1', randomBytes(KEY_BYTES), store);
  await writeKey(folder, 'token', randomBytes(KEY_BYTES), store);
}

/**
 * Reads the keys. Throws WrongKeys, by file name, never by content, when one is missing or malformed, and KeyStoreAway when the
 * store does not answer.
 */
export async function readKeyFiles(folder: string, store: KeyStore = fileStore): Promise<Keys> {
  const keks = await readKeks(folder, store, []);
  if (keks.size === 0) throw new WrongKeys(`No key-encryption key (kek-1.key) in ${folder}. Without it nothing personal can be read or stored.`);
  const token = (await listKeyFiles(folder)).find(({ kind }) => kind === 'token');
  if (!token) throw new WrongKeys(`No token.key in ${folder}. Without it no known number is recognised.`);
  return { token: (await readKey(token, store)).key, keks, newestKek: Math.max(...keks.keys()) };
}

/** The key-encryption keys in the folder, but for those that are known already. */
export async function readKeks(folder: string, store: KeyStore, known: readonly number[]): Promise<Map<number, Buffer>> {
  const found = new Map<number, Buffer>();
  for (const each of await listKeyFiles(folder)) {
    if (each.kind === 'kek' && !known.includes(each.number)) found.set(each.number, (await readKey(each, store)).key);
  }
  return found;
}

/** The numbers of the keys of a kind in the folder. */
export async function listNumbers(folder: string, kind: NumberedKind): Promise<number[]> {
  const numbers = (await listKeyFiles(folder)).filter((each) => each.kind === kind).map(({ number }) => number);
  return [...new Set(numbers)].sort((one, other) => one - other);
}

/** Reads the seeds of the signing keys, which open nothing: whoever checks proofs needs their public halves only. */
export async function readSigningSeeds(
  folder: string, store: KeyStore = fileStore,
): Promise<Map<number, { seed: Buffer; createdAt: Date }>> {
  const seeds = new Map<number, { seed: Buffer; createdAt: Date }>();
  for (const each of await listKeyFiles(folder)) {
    if (each.kind !== 'signing') continue;
    const { key, createdAt } = await readKey(each, store);
    seeds.set(each.number, { seed: key, createdAt });
  }
  if (seeds.size === 0) throw new WrongKeys(`No signing key (signing-1.key) in ${folder}. Without it no proof can be given.`);
  return seeds;
}

/**
 * Reads the keys that backups are encrypted with, the one in use first: those in the folder, or the one in a plain file that is
 * named.
 */
export async function readBackupKeys(folder: string, store: KeyStore = fileStore, file?: string): Promise<Buffer[]> {
  if (file !== undefined) return [await fileStore.unwrap(file, await readFile(file, 'utf8'))];
  const files = (await listKeyFiles(folder)).filter(({ kind }) => kind === 'backup').sort((one, other) => other.number - one.number);
  if (files.length === 0) throw new WrongKeys(`No backup key (backup-1.key) in ${folder}. Without it no backup can be made or read.`);
  return Promise.all(files.map(async (each) => (await readKey(each, store)).key));
}

/** Adds the next key of a kind; it is on the disk when this answers its number. The others stay as they are. */
export async function addNextKey(folder: string, kind: NumberedKind, store: KeyStore): Promise<number> {
  for (;;) {
    const next = Math.max(0, ...(await listNumbers(folder, kind))) + 1;
    if (await writeKey(folder, `${kind}-${next}`, randomBytes(KEY_BYTES), store)) return next;
  }
}

/** Wraps what lies in the folder plain, and destroys the plain file once its wrapping was opened again. Answers the names. */
export async function wrapPlainKeys(folder: string, store: KeyStore): Promise<string[]> {
  const plain = (await listKeyFiles(folder)).filter(({ isPlain }) => isPlain);
  for (const file of plain) {
    const { key, createdAt } = await readKey(file, fileStore);
    await writeKey(folder, file.name, key, store, createdAt);
    const wrapped = await readKey({ ...file, path: join(folder, `${file.name}.wrapped`), isPlain: false }, store);
    if (!wrapped.key.equals(key)) throw new WrongKeys(`${file.name}.wrapped is another key than ${file.name}.key; nothing was destroyed.`);
    await destroyFile(file.path);
  }
  return plain.map(({ name }) => name);
}

/** Destroys a key-encryption key: overwritten, then removed. False when there is none of this number. */
export async function destroyKek(folder: string, number: number): Promise<boolean> {
  const files = (await listKeyFiles(folder)).filter((each) => each.kind === 'kek' && each.number === number);
  for (const { path } of files) await destroyFile(path);
  return files.length > 0;
}

/** What lies in the folder. While keys are moved to a store, one can be there plain and wrapped. */
async function listKeyFiles(folder: string): Promise<KeyFile[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  return names.flatMap((file): KeyFile[] => {
    const [, name = '', kind = 'token', number = '0', ending] = KEY_FILE.exec(file) ?? [];
    return ending === undefined ? [] : [{ name, kind: kind as KeyFile['kind'], number: Number(number), path: join(folder, file), isPlain: ending === 'key' }];
  });
}

async function writeKey(folder: string, name: string, key: Buffer, store: KeyStore, createdAt = new Date()): Promise<boolean> {
  const wrapped = await store.wrap(name, key);
  if (store.kind === 'file') return writeOnce(join(folder, `${name}.key`), `${wrapped}\n`);
  const content: WrappedKeyFile = { store: store.kind, key: store.key, wrapped, createdAt: createdAt.toISOString() };
  return writeOnce(join(folder, `${name}.wrapped`), `${JSON.stringify(content, null, 2)}\n`);
}

async function readKey({ name, path, isPlain }: KeyFile, store: KeyStore): Promise<{ key: Buffer; createdAt: Date }> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (isPlain) {
    if (store.kind !== 'file') throw new WrongKeys(`${name}.key lies in the folder as it is, though KEY_STORE is ${store.kind}: run "npm run keys -- wrap".`);
    return { key: await store.unwrap(name, text), createdAt: (await stat(path)).mtime };
  }
  const { store: kind, wrapped, createdAt } = parse(name, text);
  if (kind !== store.kind) throw new WrongKeys(`${name}.wrapped is protected by ${kind}, and KEY_STORE is ${store.kind}.`);
  const key = await store.unwrap(name, wrapped);
  if (key.length !== KEY_BYTES) throw new WrongKeys(`${name}.wrapped should hold one key of ${KEY_BYTES} bytes and does not.`);
  return { key, createdAt: new Date(createdAt) };
}

function parse(name: string, text: string): WrappedKeyFile {
  try {
    const content = JSON.parse(text) as Partial<WrappedKeyFile>;
    if (FIELDS.every((field) => typeof content[field] === 'string')) return content as WrappedKeyFile;
  } catch {
    // Said below, without the text.
  }
  throw new WrongKeys(`${name}.wrapped should hold a wrapped key as "npm run keys" writes it, and does not.`);
}
