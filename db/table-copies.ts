import { sql } from 'kysely';
import type pg from 'pg';
import { from, to } from 'pg-copy-streams';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { overClient, type Db, type Tx } from './connection.ts';
import { unhurried, type CopyPool } from './copy.ts';
import type { StoredTable } from './table-catalogue.ts';

/** Rows on their way out of a table, in PostgreSQL's binary form; `rowCount` is right when all of them have been read. */
export type LeavingRows = Readable & { readonly rowCount: number };

/** What is asked of one connection that looks at one moment of the database. */
export interface Reading {
  db: Db;
  /** All rows of a table. Nothing else can be asked before they are read. */
  read: (table: StoredTable) => LeavingRows;
  /** The rows of a query as CSV. */
  readCsv: (query: string) => LeavingRows;
}

/** One moment of a database, at which several connections can look. */
export interface Snapshot {
  reading: Reading;
  /** Where in the write-ahead log it was, and when. */
  lsn: string;
  takenAt: Date;
  serverVersion: string;
  /** Does work on a further connection that sees the very same moment. */
  share: (work: (reading: Reading) => Promise<void>) => Promise<void>;
}

/** Looks at one moment of a database for as long as the work takes. */
export async function withSnapshot<T>(pool: CopyPool, work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  return reading(pool, null, async (own) => {
    const { rows: [row] } = await sql<{ id: string; lsn: string; at: Date; version: string }>`
      select pg_export_snapshot() as id, pg_current_wal_lsn()::text as lsn, clock_timestamp() as at,
        current_setting('server_version') as version`.execute(own.db);
    if (!row) throw new Error('PostgreSQL gave no snapshot');
    return work({
      reading: own, lsn: row.lsn, takenAt: row.at, serverVersion: row.version, share: (each) => reading(pool, row.id, each),
    });
  });
}

async function reading<T>(pool: CopyPool, snapshot: string | null, work: (reading: Reading) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    if (snapshot !== null) await client.query(`set transaction snapshot '${snapshot}'`);
    const db = overClient(client);
    await unhurried(db);
    return await work({
      db,
      read: (table) => readTable(client, table),
      readCsv: (query) => readOut(client, `copy (${query}) to stdout (format csv, header)`),
    });
  } finally {
    // It changed nothing; after a COPY that was broken off it could not be used any more.
    client.release(true);
  }
}

/** A transaction in which a database is filled. */
export interface Filling {
  db: Tx;
  read: (table: StoredTable) => LeavingRows;
  /** Fills a table with rows in PostgreSQL's binary form; answers how many they were. */
  fill: (table: StoredTable, rows: AsyncIterable<Buffer> | Readable) => Promise<number>;
}

/** Does all of the work, however long it takes, or leaves the database as it was. */
export async function inFillingTransaction<T>(pool: CopyPool, work: (filling: Filling) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query('begin');
    const db = overClient(client);
    await unhurried(db);
    // So that what was filled is read in the order in which it came.
    await client.query('set local synchronize_seqscans = off');
    const result = await work({
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- begun above, and ended below
      db: db as Tx,
      read: (table) => readTable(client, table),
      fill: (table, rows) => fillTable(client, table, rows),
    });
    await client.query('commit');
    failed = false;
    return result;
  } finally {
    client.release(failed);
  }
}

async function fillTable(client: pg.PoolClient, table: StoredTable, rows: AsyncIterable<Buffer> | Readable): Promise<number> {
  const target = client.query(from(`copy ${nameOf(table)} (${columnsOf(table)}) from stdin (format binary)`));
  await pipeline(rows, target);
  return target.rowCount ?? 0;
}

function readTable(client: pg.PoolClient, table: StoredTable): LeavingRows {
  return readOut(client, `copy ${nameOf(table)} (${columnsOf(table)}) to stdout (format binary)`);
}

function readOut(client: pg.PoolClient, statement: string): LeavingRows {
  return client.query(to(statement));
}

function nameOf({ schema, name }: StoredTable): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

function columnsOf({ columns }: StoredTable): string {
  return columns.map(quoted).join(', ');
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
