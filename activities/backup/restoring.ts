import { join } from 'node:path';
import { createClearancePartitions } from '../../db/clearance-partitions.ts';
import type { Tx } from '../../db/connection.ts';
import type { CopyPool } from '../../db/copy.ts';
import { checkKeys } from '../../db/key-check.ts';
import { migrateWithin } from '../../db/migrate.ts';
import { insertRestoration, sealedSample, tellAllLeads, tellOpenRequests } from '../../db/restorations.ts';
import {
  addForeignKeys, clearUnused, dropForeignKeys, isUnused, makePartition, setSequence, setTriggers,
} from '../../db/table-catalogue.ts';
import { inFillingTransaction, type Filling } from '../../db/table-copies.ts';
import { open, type Vault } from '../../db/vault.ts';
import { replayJournal, type ReplayDeps } from '../../endings/journal/replay.ts';
import type { SigningKeys } from '../../proof/signing-keys.ts';
import type { BackupPlace } from './backup-folder.ts';
import { BrokenBackup } from './broken-backup.ts';
import { checkFiles, keyName, readManifest, type BackupTable, type Manifest } from './manifest.ts';
import { Pace, type OnProgress } from './pace.ts';
import type { RestoreReport } from './restore-report.ts';
import { readSealedFile, Tally } from './sealed-file.ts';

export interface RestoreDeps {
  pool: CopyPool;
  /** What signed the backup. */
  signing: SigningKeys;
  /** The keys that backups were ever encrypted with. */
  backupKeys: readonly Uint8Array[];
  /** The keys that the store was written with. */
  vault: Vault;
  journalFolder: string;
  removeObject: ReplayDeps['removeObject'];
  now: () => Date;
}

export interface RestoreOptions {
  onProgress: OnProgress;
  /** Reads every table back and compares it with what was written: takes as long again. */
  readsBack?: boolean;
}

/**
 * Restores a backup into an empty database and puts back what the journal knows, as one transaction: until all of it is done
 * nobody sees any of it, so nothing can be served from a store that does not know yet who has been forgotten or has opted out.
 * Broken off, it leaves the database as it was. Fails as a BrokenBackup, before anything is written, when a file was changed.
 */
export async function restoreBackup(deps: RestoreDeps, place: BackupPlace, options: RestoreOptions): Promise<RestoreReport> {
  const manifests = await readManifests(deps, place);
  await checkAll(place, manifests, options.onProgress);
  return inFillingTransaction(deps.pool, async (filling) => {
    const tx = filling.db;
    if (!(await isUnused(tx))) throw new BrokenBackup('the database is not empty: name one in which nothing has been written');
    await clearUnused(tx);
    await migrateWithin(tx, manifests.database.migration);
    await fillAll(deps, place, manifests, filling, options);
    await migrateWithin(tx);
    await checkKeys(tx, deps.vault);
    return settle(deps, manifests, tx, await openSome(tx, deps.vault, manifests.database), options.onProgress);
  });
}

const SAMPLE = 200;

type Manifests = Record<'database' | 'keyring', Manifest>;

async function readManifests({ signing, backupKeys }: RestoreDeps, place: BackupPlace): Promise<Manifests> {
  const database = await readManifest(place.database, 'database', signing.published);
  const keyring = await readManifest(place.keyring, 'keyring', signing.published);
  if (keyring.id !== database.id) throw new BrokenBackup('the part with the keys belongs to another backup');
  if (!backupKeys.some((key) => keyName(key) === database.key)) {
    throw new BrokenBackup(`no backup key here is the one it was encrypted with (${database.key})`);
  }
  return { database, keyring };
}

async function checkAll(place: BackupPlace, { database, keyring }: Manifests, onProgress: OnProgress): Promise<void> {
  const pace = new Pace('checking', sum([...database.tables, ...keyring.tables].map(({ bytes }) => bytes)), onProgress);
  for (const manifest of [keyring, database]) await checkFiles(place[manifest.part], manifest, (bytes) => pace.add(bytes));
}

async function fillAll(
  { backupKeys }: RestoreDeps, place: BackupPlace, { database, keyring }: Manifests, filling: Filling,
  { onProgress, readsBack }: RestoreOptions,
): Promise<void> {
  const key = backupKeys.find((each) => keyName(each) === database.key) as Uint8Array;
  const pace = new Pace('restoring', sum([...database.tables, ...keyring.tables].map(({ plainBytes }) => plainBytes)), onProgress);
  const tx = filling.db;
  for (const table of database.tables) await makePartition(tx, table);
  const foreignKeys = await dropForeignKeys(tx);
  await setTriggers(tx, 'disable');
  for (const manifest of [keyring, database]) {
    for (const table of manifest.tables) {
      pace.at = table.name;
      const file = { key, backupId: manifest.id, file: `${manifest.part}/${table.file}` };
      const rows = await filling.fill(table, withPace(readSealedFile(join(place[manifest.part], table.file), file), pace));
      if (rows !== table.rows) throw new BrokenBackup(`${table.file} has ${rows} rows instead of ${table.rows}`);
      if (readsBack) await compare(filling, table);
    }
    for (const sequence of manifest.sequences) await setSequence(tx, sequence);
  }
  await setTriggers(tx, 'enable');
  await addForeignKeys(tx, foreignKeys);
}

async function* withPace(chunks: AsyncIterable<Buffer>, pace: Pace): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    pace.add(chunk.length);
    yield chunk;
  }
}

/** A table that was filled just now is read in the order in which it was written. */
async function compare({ read }: Filling, table: BackupTable): Promise<void> {
  const tally = new Tally();
  for await (const _ of tally.count(read(table) as AsyncIterable<Buffer>)) continue;
  if (tally.digest() !== table.plainSha256) throw new BrokenBackup(`${table.name} is not restored as it was`);
}

/** Keys that open nothing are the wrong ones, whatever else is right. */
async function openSome(tx: Tx, vault: Vault, { tables }: Manifest): Promise<number> {
  const count = tables.find(({ name }) => name === 'personal_data')?.rows ?? 0;
  const records = await sealedSample(tx, SAMPLE, count);
  for (const { leadId, factId, tier, sealed, kek, wrapped } of records) {
    try {
      open(vault.unwrapKey(leadId, { kek, wrapped }), { leadId, factId, tier }, sealed);
    } catch {
      throw new BrokenBackup(`a sealed record of the lead ${leadId} does not open with the keys here`);
    }
  }
  return records.length;
}

async function settle(
  deps: RestoreDeps, { database, keyring }: Manifests, tx: Tx, opened: number, onProgress: OnProgress,
): Promise<RestoreReport> {
  const { id, takenAt } = database;
  const tables = [...database.tables, ...keyring.tables];
  const now = deps.now();
  new Pace('replaying', 0, onProgress).add(0);
  // What the journal says is in the journal.
  await setTriggers(tx, 'disable');
  const replayed = await replayJournal({ tx, journalFolder: deps.journalFolder, removeObject: deps.removeObject, now });
  await setTriggers(tx, 'enable');
  await createClearancePartitions(tx);
  const report: RestoreReport = {
    backupId: id, snapshotAt: takenAt, restoredAt: now.toISOString(),
    tables: tables.length, rows: sum(tables.map(({ rows }) => rows)), opened, replayed,
    leadsTold: await tellAllLeads(tx, id, now), requestsTold: await tellOpenRequests(tx, now),
    workflows: null,
  };
  await insertRestoration(tx, { backupId: id, snapshotAt: new Date(takenAt), restoredAt: now, report });
  return report;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
