import { Kysely, PostgresDialect, type ControlledTransaction, type PostgresPool, type Transaction } from 'kysely';
import pg from 'pg';
import { sendByName, sendThrough } from './named.ts';
import type { Database } from './schema.ts';

export type Db = Kysely<Database>;
export type Tx = Transaction<Database>;
/** A transaction that whoever began it also ends. */
export type HeldTx = ControlledTransaction<Database>;

const BIGINT = 20;
const TYPES = new pg.TypeOverrides();
TYPES.setTypeParser(BIGINT, BigInt);

/** Limits that keep one stuck caller from holding up everybody: in milliseconds. */
const SESSION = { statement_timeout: 30_000, lock_timeout: 10_000, idle_in_transaction_session_timeout: 30_000 };

export interface ConnectionOptions {
  /** Connections held at most. */
  max?: number;
  /** Told of connections that broke while idle; the pool replaces them by itself. */
  onIdleError?: (error: Error) => void;
  statementTimeout?: number;
  /** How long a statement waits for somebody else's lock, in milliseconds. */
  lockTimeout?: number;
  /** Settings of its sessions, as a command line has them. */
  settings?: string;
  /** The kind of connections, where it is not the usual one. */
  Client?: NonNullable<pg.PoolConfig['Client']>;
}

/** A pool of connections. bigint columns are read as `bigint`, timestamptz as `Date`. */
export function createPool(url: string, options: ConnectionOptions = {}): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    types: TYPES,
    connectionTimeoutMillis: 5_000,
    ...(options.Client ? { Client: options.Client } : {}),
    ...(options.settings === undefined ? {} : { options: options.settings }),
    ...SESSION,
    ...(options.statementTimeout === undefined ? {} : { statement_timeout: options.statementTimeout }),
    ...(options.lockTimeout === undefined ? {} : { lock_timeout: options.lockTimeout }),
  });
  pool.on('error', (error) => options.onIdleError?.(error));
  pool.on('connect', sendByName);
  // A connection that breaks between two statements of a transaction tells nobody but itself: its next statement fails.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}

/** Typed access to the database over a pool of its own; `destroy()` ends it. */
export function connect(url: string, options: ConnectionOptions = {}): Db {
  return overPool(createPool(url, options));
}

/** Typed access to the database over a pool that somebody else owns as well. */
export function overPool(pool: pg.Pool): Db {
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  sendThrough(db, (statement) => pool.query(statement));
  return db;
}

/** Typed access over one connection that somebody else opened and will release. */
export function overClient(client: pg.PoolClient): Db {
  const same = { query: client.query.bind(client), release: () => undefined };
  const pool = { connect: () => Promise.resolve(same), end: () => Promise.resolve() } as unknown as PostgresPool;
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
}
