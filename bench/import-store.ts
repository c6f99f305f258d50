import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { connect, createPool } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import { insertImport, type Import } from '../db/imports.ts';
import { createKeyFiles, readKeyFiles } from '../keys/key-files.ts';
import { migrateToLatest } from '../db/migrate.ts';
import { insertSource } from '../db/sources.ts';
import { Vault } from '../db/vault.ts';
import type { Source } from '../domain/source.ts';
import { importFile } from '../intake/import/import-file.ts';
import { storeUpload } from '../intake/import/upload.ts';
import { describeHome, openHome } from '../local/home.ts';
import { startPostgres } from '../local/postgres.ts';
import { LEAD_FILE_MAPPING } from './lead-file.ts';

export const SOURCE: Source = {
  id: 'bench', name: 'Bench', kind: 'event', legalBasis: 'consent', confirmation: 'none', defaultRegion: 'US', consentTexts: [],
};

/** A PostgreSQL as `npm start` runs it, and empty migrated databases on it, as many as are needed. */
export interface ImportStore {
  folder: string;
  keyFolder: string;
  /** A folder that PostgreSQL itself can read and write. */
  exchange: string;
  /** An empty database with one source; the one before is dropped. */
  freshDatabase(): Promise<string>;
  /** From now on a fresh database holds what the last one does by then; nobody may be connected to it. */
  keepDatabase(): Promise<void>;
  close(): Promise<void>;
}

export async function openImportStore(): Promise<ImportStore> {
  const folder = await mkdtemp(join(tmpdir(), 'leadwarden-bench-'));
  await chmod(folder, 0o755);
  const home = await openHome(join(folder, 'home'));
  const postgres = await startPostgres({ folder: describeHome(home.folder).postgres, durable: true });
  const [keyFolder, exchange] = [join(folder, 'keys'), join(folder, 'exchange')];
  await createKeyFiles(keyFolder);
  await mkdir(exchange);
  await chmod(exchange, 0o777);
  await makeTemplate(postgres.url);
  const administer = (statement: string) => runStatement(postgres.url, statement);
  return {
    folder,
    keyFolder,
    exchange,
    async freshDatabase() {
      await administer('drop database if exists race with (force)');
      await administer('create database race template empty');
      await administer('checkpoint');
      return databaseUrl(postgres.url, 'race');
    },
    async keepDatabase() {
      await administer('drop database empty');
      await administer('alter database race rename to empty');
    },
    async close() {
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function makeTemplate(url: string): Promise<void> {
  await runStatement(url, 'create database empty');
  const empty = databaseUrl(url, 'empty');
  await migrateToLatest(empty);
  const db = connect(empty, { max: 1 });
  await db.transaction().execute((tx) => insertSource(tx, SOURCE, new Date()));
  await db.destroy();
}

function databaseUrl(url: string, name: string): string {
  return url.replace(/[^/]*$/, name);
}

/** Runs one statement over a connection of its own. */
export async function runStatement(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

/** Imports a file as the product does, from the first byte received to the last row written. */
export async function importWholeFile(url: string, keyFolder: string, uploadFolder: string, path: string): Promise<Import> {
  const vault = new Vault(await readKeyFiles(keyFolder));
  const db = connect(url, { max: 2 });
  const pool = createPool(url, { max: 1 });
  try {
    const id = newId();
    const stored = await storeUpload({ folder: uploadFolder, vault }, id, createReadStream(path));
    const file = { id, sourceId: SOURCE.id, format: 'csv' as const, parameters: { mapping: LEAD_FILE_MAPPING }, receivedAt: new Date() };
    await db.transaction().execute((tx) => insertImport(tx, { ...file, ...stored }));
    return await importFile({ db, pool, vault, uploadFolder, now: () => new Date() }, id);
  } finally {
    await Promise.all([db.destroy(), pool.end()]);
  }
}
