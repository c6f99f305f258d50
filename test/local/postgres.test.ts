import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Home, openHome } from '../../local/home.ts';
import { type PostgresServer, startPostgres } from '../../local/postgres.ts';
import { isAlive } from '../../local/processes.ts';
import { StartFailure } from '../../local/start-failure.ts';
import { runFolder } from '../setup/suite.ts';

const started: PostgresServer[] = [];
let home: Home;

async function newHome(): Promise<Home> {
  // Below a folder that nobody but us may enter, as /root is.
  return openHome(join(await mkdtemp(join(runFolder(), 'closed-')), 'home'));
}

async function start(home: Home, options: { port?: number; durable?: boolean } = {}): Promise<PostgresServer> {
  const server = await startPostgres({ folder: home.postgres, durable: false, ...options });
  started.push(server);
  return server;
}

async function ask(server: PostgresServer, ...statements: string[]): Promise<unknown> {
  const client = new Client({ connectionString: server.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let answer: unknown;
    for (const statement of statements) answer = (await client.query<Record<string, unknown>>(statement)).rows[0];
    return answer;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  home = await newHome();
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((server) => server.stop()));
});

describe('the embedded PostgreSQL', () => {
  it('keeps what it was told when it is stopped and started again', async () => {
    const first = await start(home);
    await ask(first, 'create table kept (n int)', 'insert into kept values (7)');
    await first.stop();
    expect(first.ending).toEqual({ code: 0, signal: null });
    expect(await ask(await start(home), 'select n from kept')).toEqual({ n: 7 });
  });

  it('is PostgreSQL 18 in UTF-8 that listens on this machine only and asks for its password', async () => {
    const server = await start(home);
    const settings = `select current_setting('server_version_num')::int / 10000 as version,
      current_setting('server_encoding') as encoding, current_setting('listen_addresses') as addresses,
      current_setting('password_encryption') as passwords`;
    const expected = { version: 18, encoding: 'UTF8', addresses: '127.0.0.1', passwords: 'scram-sha-256' };
    expect(await ask(server, settings)).toEqual(expected);
    const url = new URL(server.url);
    url.password = 'wrong';
    await expect(new Client({ connectionString: url.href }).connect()).rejects.toThrow('password authentication failed');
  });

  it('recovers after it was killed', async () => {
    const first = await start(home, { durable: true });
    await ask(first, 'create table rescued (n int)', 'insert into rescued values (8)');
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    expect(await ask(await start(home), 'select n from rescued')).toEqual({ n: 8 });
  });

  it('ends the server that a killed run left behind, and takes its place', async () => {
    const orphan = await start(home);
    const server = await start(home);
    expect(await isAlive(orphan.pid)).toBe(false);
    expect(await ask(server, 'select 1 as n')).toEqual({ n: 1 });
  });

  it('leaves a stranger alone whose process number stands in an old pid file', async () => {
    await (await start(home)).stop();
    await writeFile(join(home.postgres.data, 'postmaster.pid'), `${process.pid}\n${home.postgres.data}\n`);
    expect(await ask(await start(home), 'select 1 as n')).toEqual({ n: 1 });
  });

  it('makes the cluster afresh when its making was interrupted', async () => {
    const home = await newHome();
    await mkdir(`${home.postgres.data}.new/data/base`, { recursive: true });
    await writeFile(home.postgres.password, 'of a cluster that never came to be');
    expect(await ask(await start(home), 'select 1 as n')).toEqual({ n: 1 });
  });

  it('says what is wrong when its port is taken', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    const failure = await start(home, { port }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartFailure);
    expect((failure as Error).message).toMatch(/did not start[^]*why: [^]*Address already in use[^]*what to do: /);
    other.close();
  });

  it('writes nothing into its log of what it was asked', async () => {
    const server = await start(home);
    await expect(ask(server, "select 'Ada Canary'::int")).rejects.toThrow('invalid input syntax');
    await ask(server, 'create table person (name text primary key)', "insert into person values ('Ada Canary')");
    await expect(ask(server, "insert into person values ('Ada Canary')")).rejects.toThrow('duplicate key');
    await server.stop();
    const log = await readFile(home.postgres.log, 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('Canary');
  });

  it('says what is wrong when its password is gone', async () => {
    await (await start(home)).stop();
    await rm(home.postgres.password); // nothing after this can use it
    await expect(start(home)).rejects.toThrow(/password of the embedded PostgreSQL is gone[^]*what to do: /);
  });
});
