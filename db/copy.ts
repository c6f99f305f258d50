import { sql } from 'kysely';
import type pg from 'pg';
import { from } from 'pg-copy-streams';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { overClient, type Db } from './connection.ts';
import { readFixedRows, readRows, type CopiedRow } from './copy-reading.ts';
import { CopyRows, type CopyTable } from './copy-rows.ts';

/** Where transactions find their connections. */
export type CopyPool = pg.Pool;

/** A transaction on one connection that takes typed questions and whole tables of rows alike. */
export interface CopyTransaction {
  db: Db;
  /** Adds rows as they come. Larger portions are better; nothing else can be asked before it is done. */
  copy: <Row extends object>(table: CopyTable<Row>, portions: Portions<Row>) => Promise<void>;
  /** The rows of a query without parameters, as they come. Nothing else can be asked before they are all read. */
  read: (query: string) => AsyncGenerator<CopiedRow[]>;
  /** The same where all columns together always take so many bytes: each chunk holds whole rows (copy-reading.ts). */
  readFixed: (query: string, widths: readonly number[]) => AsyncGenerator<Buffer>;
}

/** Rows, some at a time. */
export type Portions<Row> = Iterable<readonly Row[]> | AsyncIterable<readonly Row[]>;

/**
 * Runs work in a transaction on a connection of its own. When it fails everything is rolled back and the connection closed:
 * after a COPY that was broken off it could not be used any more.
 */
export async function inCopyTransaction<T>(pool: CopyPool, work: (transaction: CopyTransaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query('begin');
    const result = await work({
      db: overClient(client),
      copy: (table, portions) => copyInto(client, table, portions),
      read: (query) => readRows(client, query),
      readFixed: (query, widths) => readFixedRows(client, query, widths),
    });
    await client.query('commit');
    failed = false;
    return result;
  } finally {
    client.release(failed);
  }
}

async function copyInto<Row extends object>(
  client: pg.PoolClient, table: CopyTable<Row>, portions: Portions<Row>,
): Promise<void> {
  const columns = Object.keys(table.columns).map((column) => `"${column}"`);
  const target = client.query(from(`copy ${table.name} (${columns.join(', ')}) from stdin (format binary)`));
  await pipeline(Readable.from(encode(table, portions)), target);
}

async function* encode<Row extends object>(table: CopyTable<Row>, portions: Portions<Row>) {
  const rows = new CopyRows();
  for await (const portion of portions) {
    rows.add(table, portion);
    yield* rows.take();
  }
  yield* rows.end();
}

/** Lets the rest of a transaction take as long as it needs, pauses between its statements included. */
export async function unhurried(db: Db): Promise<void> {
  await sql`select set_config(name, '0', true)
    from unnest(array['statement_timeout', 'idle_in_transaction_session_timeout', 'lock_timeout']) name`.execute(db);
}
