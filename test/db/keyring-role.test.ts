import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrateToLatest } from '../../db/migrate.ts';
import { openHome } from '../../local/home.ts';
import { startPostgres, type PostgresServer } from '../../local/postgres.ts';
import { runFolder } from '../setup/suite.ts';

const OWNERS = `select distinct tableowner as owner from pg_tables where schemaname = 'keyring'
  union select nspowner::regrole::text from pg_namespace where nspname = 'keyring'`;

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ folder: (await openHome(join(runFolder(), `roles-${randomUUID()}`))).postgres, durable: false });
});
afterAll(() => server?.stop());

/** The address of a database, for the superuser or somebody else. */
function addressOf(database: string, user?: string): string {
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  if (user !== undefined) Object.assign(url, { username: user, password: 'secret' });
  return url.href;
}

async function ask(address: string, ...statements: string[]): Promise<unknown[]> {
  const client = new Client({ connectionString: address });
  await client.connect();
  try {
    let rows: unknown[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

describe('the schema of the data keys', () => {
  it('belongs to a role of its own, also where databases of one cluster are made at the same time', async () => {
    const names = ['one', 'two', 'three'];
    for (const name of names) await ask(server.url, `create database ${name}`);
    await Promise.all(names.map((name) => migrateToLatest(addressOf(name))));
    for (const name of names) expect(await ask(addressOf(name), OWNERS)).toEqual([{ owner: 'leadwarden_keyring' }]);
  });

  it('is open to nobody who was not given that role, whatever else they may read', async () => {
    await ask(addressOf('one'), `create role reporter login password 'secret'`, 'grant select on all tables in schema public to reporter');
    expect(await ask(addressOf('one', 'reporter'), 'select count(*)::int as n from lead')).toEqual([{ n: 0 }]);
    await expect(ask(addressOf('one', 'reporter'), 'select * from keyring.subject_key')).rejects.toThrow('permission denied for schema keyring');
    await ask(addressOf('one'), 'grant leadwarden_keyring to reporter');
    expect(await ask(addressOf('one', 'reporter'), 'select * from keyring.subject_key')).toEqual([]);
  });

  it.each([
    ['may not make roles and is no member of it', '', 'plain'],
    ['may not make roles and was given it', 'grant leadwarden_keyring to member', 'leadwarden_keyring'],
  ])('serves a user who %s', async (_who, grant, owner) => {
    const user = owner === 'plain' ? 'plain' : 'member';
    await ask(server.url, `create role ${user} login password 'secret'`, ...(grant === '' ? [] : [grant]), `create database of_${user} owner ${user}`);
    const address = addressOf(`of_${user}`, user);
    await migrateToLatest(address);
    expect(await ask(address, OWNERS)).toEqual([{ owner }]);
    const key = `insert into keyring.subject_key values ('${randomUUID()}', 1, 'x')`;
    await ask(address, key, 'update keyring.subject_key set kek = 2', 'delete from keyring.subject_key', 'vacuum keyring.subject_key');
  });
});
