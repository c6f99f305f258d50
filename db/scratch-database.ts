import pg from 'pg';
import { newId } from './ids.ts';

/** An empty database on the server of another one, to try something in. */
export interface ScratchDatabase {
  url: string;
  drop: () => Promise<void>;
}

const PREFIX = 'leadwarden_scratch_';

/** Makes one, for which the role needs CREATEDB. Those that were left behind by others, and that nobody is connected to, go. */
export async function createScratchDatabase(databaseUrl: string): Promise<ScratchDatabase> {
  const name = PREFIX + newId().replaceAll('-', '');
  await administer(databaseUrl, async (client) => {
    await dropForgotten(client);
    await client.query(`create database ${name} template template0`);
  });
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(databaseUrl, (client) => client.query(`drop database ${name} with (force)`)) };
}

async function dropForgotten(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select datname as name from pg_database where starts_with(datname, $1) and pg_has_role(datdba, 'usage')
       and not exists (select 1 from pg_stat_activity where pg_stat_activity.datname = pg_database.datname)`,
    [PREFIX],
  );
  for (const { name } of rows) await client.query(`drop database if exists ${name}`);
}

async function administer(databaseUrl: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await work(client).finally(() => client.end());
}
