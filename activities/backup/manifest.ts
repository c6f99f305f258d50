import { createHmac } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StoredSequence, StoredTable } from '../../db/table-catalogue.ts';
import { canonicalJson } from '../../proof/canonical-json.ts';
import { isSignedWith } from '../../proof/public-key.ts';
import type { PublishedKey, Signature, SigningKeys } from '../../proof/signing-keys.ts';
import { BrokenBackup } from './broken-backup.ts';
import { checkFile, type WrittenFile } from './sealed-file.ts';

/** A file of a backup. */
export interface BackupFile extends WrittenFile {
  file: string;
  rows: number;
}

/** A table and the file that its rows are in. */
export interface BackupTable extends StoredTable, BackupFile {}

export type BackupPart = 'database' | 'keyring';

/** What one part of a backup consists of. `takenAt`: the moment that all of its files show. */
export interface Manifest {
  format: 1;
  id: string;
  part: BackupPart;
  takenAt: string;
  finishedAt: string;
  lsn: string;
  server: string;
  /** The migration that the database had been through last. */
  migration: string;
  /** Tells which backup key opens it, and nothing about that key. */
  key: string;
  tables: BackupTable[];
  sequences: StoredSequence[];
  /** CSV: what the archive store ought to hold. Null in the part with the keys. */
  archive: BackupFile | null;
}

const MANIFEST = 'manifest.json';
const MANIFEST_FORMAT = 1;

/** Tells backup keys apart without telling anything about them. */
export function keyName(key: Uint8Array): string {
  return createHmac('sha256', key).update('leadwarden backup key').digest('hex').slice(0, 16);
}

/** Writes what a part consists of into its folder, signed. */
export async function writeManifest(folder: string, manifest: Manifest, signing: SigningKeys): Promise<void> {
  const text = canonicalJson(manifest);
  const file = await open(join(folder, MANIFEST), 'wx', 0o600);
  try {
    await file.writeFile(`${canonicalJson({ manifest, signature: signing.sign(text) })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What a part of a backup consists of. Fails when it was not signed with one of these keys. */
export async function readManifest(folder: string, part: BackupPart, published: readonly PublishedKey[]): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch(() => null);
  if (text === null) throw new BrokenBackup(`${folder} holds no backup, or not a whole one: it has no ${MANIFEST}`);
  const { manifest, signature } = parse(text);
  const key = published.find(({ kid }) => kid === signature.kid);
  if (!key) throw new BrokenBackup(`the backup was signed with the key ${signature.kid}, which is not among the signing keys here`);
  if (!isSignedWith(key.x, canonicalJson(manifest), signature.value)) throw new BrokenBackup('the signature of the backup does not hold');
  if (manifest.format !== MANIFEST_FORMAT) throw new BrokenBackup('the backup was written by a later version');
  if (manifest.part !== part) throw new BrokenBackup(`${folder} holds the part "${manifest.part}" of a backup, not "${part}"`);
  return manifest;
}

function parse(text: string): { manifest: Manifest; signature: Signature } {
  try {
    return JSON.parse(text) as { manifest: Manifest; signature: Signature };
  } catch {
    throw new BrokenBackup(`${MANIFEST} is not what was written`);
  }
}

/** Reads every file of a part, and fails when one of them is not what was written. */
export async function checkFiles(folder: string, { tables, archive }: Manifest, onBytes: (bytes: number) => void): Promise<void> {
  for (const each of [...tables, ...(archive ? [archive] : [])]) {
    await checkFile(join(folder, each.file), each, each.file);
    onBytes(each.bytes);
  }
}
