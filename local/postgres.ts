import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { freePort } from './ports.ts';
import { type ClusterFolder, onData, POSTGRES_USER, prepareCluster } from './postgres-cluster.ts';
import { findPostgres, type PostgresPrograms } from './postgres-programs.ts';
import { settingArguments } from './postgres-settings.ts';
import { commandLine, endProcess, isAlive, type Persuasion, workingFolder } from './processes.ts';
import { type ServerProcess, spawnServer } from './server-process.ts';
import { StartFailure } from './start-failure.ts';

export interface PostgresOptions {
  folder: ClusterFolder;
  /** The port to listen on; left out, a free one. */
  port?: number;
  /** Whether what was committed survives a loss of power. Only tests can do without. */
  durable: boolean;
  signal?: AbortSignal;
}

export interface PostgresServer extends ServerProcess {
  port: number;
  /** A connection address of the database, password included. */
  url: string;
}

/** Ready within this time even where a killed server has much to recover. */
const READY_WITHIN_MS = 120_000;

// PostgreSQL's own words for these signals: fast shutdown, immediate shutdown.
const PERSUASION: Persuasion = [['SIGINT', 30_000], ['SIGQUIT', 5_000], ['SIGKILL', 5_000]];

/**
 * A running PostgreSQL on a folder: made when there is none yet, and taken back from what a killed run left there. It accepts
 * connections from this machine only, with the password of the folder.
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const programs = await findPostgres();
  const password = await prepareCluster(options.folder, programs, options.durable);
  await endLeftoverPostgres(options.folder.data);
  const deadline = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const port = options.port ?? (await freePort());
    const server = await launch(options, programs, port);
    if (await isReady(server, options, deadline)) {
      const url = `postgres://${POSTGRES_USER}:${password}@127.0.0.1:${port}/${POSTGRES_USER}`;
      return finish(server, port, url);
    }
    await server.stop();
    options.signal?.throwIfAborted();
    const output = server.output();
    if (!passes(output, options.port === undefined) || Date.now() > deadline) throw failure(options.folder, output);
    await sleep(250, undefined, { signal: options.signal });
  }
}

async function finish(server: ServerProcess, port: number, url: string): Promise<PostgresServer> {
  try {
    await createDatabase(url);
    return Object.assign(server, { port, url });
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function launch({ folder, durable }: PostgresOptions, programs: PostgresPrograms, port: number): Promise<ServerProcess> {
  const { dataArguments, options } = onData(folder.data, programs.account);
  return spawnServer({
    program: programs.postgres,
    arguments: [...dataArguments, '-p', String(port), ...settingArguments(durable)],
    log: folder.log,
    account: programs.account,
    folder: options.cwd,
    environment: options.env,
    persuasion: PERSUASION,
  });
}

/** Waits for the word "ready" that the server writes into its pid file; false when it ends or time is up before that. */
async function isReady(server: ServerProcess, { folder, signal }: PostgresOptions, deadline: number): Promise<boolean> {
  while (server.ending === undefined && Date.now() < deadline && signal?.aborted !== true) {
    const [pid, , , , , , , status] = await pidFile(folder.data);
    if (Number(pid) === server.pid && status?.trim() === 'ready') return true;
    await sleep(10);
  }
  return false;
}

/** Whether the cause of a failed start goes away by itself: a port just taken, or the last workers of a killed server. */
function passes(output: string, portIsOurs: boolean): boolean {
  return (portIsOurs && /could not bind|Address already in use/.test(output)) || output.includes('is still in use');
}

function failure(folder: ClusterFolder, output: string): StartFailure {
  const advice = output.includes('No space left on device')
    ? 'free some space on the disk, then start again; nothing is lost'
    : `read ${folder.log}; the data in ${folder.data} was left as it is`;
  const lastLines = output.trim().split('\n').slice(-5).join('\n');
  return new StartFailure('PostgreSQL did not start.', lastLines || 'it ended without a word', advice);
}

/** Ends the server of an earlier run that was killed, and only that: another process may have got its number meanwhile. */
export async function endLeftoverPostgres(data: string): Promise<void> {
  const pid = Number((await pidFile(data))[0]);
  if (!pid) return;
  if ((await isAlive(pid)) && (await worksOn(pid, data))) await endProcess(pid, PERSUASION);
  else await rm(join(data, 'postmaster.pid'), { force: true });
}

async function worksOn(pid: number, data: string): Promise<boolean> {
  const folder = await workingFolder(pid);
  if (folder !== undefined) return folder === (await realpath(data));
  return (await commandLine(pid)).includes(`-D ${data} `);
}

async function pidFile(data: string): Promise<string[]> {
  return readFile(join(data, 'postmaster.pid'), 'utf8').then((text) => text.split('\n'), () => []);
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url.replace(/[^/]*$/, 'postgres') });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [POSTGRES_USER]);
    if (rowCount === 0) await client.query(`create database ${POSTGRES_USER}`);
  } finally {
    await client.end();
  }
}
