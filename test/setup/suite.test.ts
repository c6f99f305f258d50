import { describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createDatabase, type SuiteDatabase } from './suite.ts';

async function ask(database: SuiteDatabase, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  return client.query(statement).then(({ rows }) => rows as Record<string, unknown>[]).finally(() => client.end());
}

describe('the database of a suite', () => {
  it('is migrated and seen by no other suite', async () => {
    const [one, other] = await Promise.all([createDatabase(), createDatabase()]);
    await ask(one, 'create table only_here ()');
    expect(await ask(one, "select to_regclass('lead') is not null as migrated")).toEqual([{ migrated: true }]);
    expect(await ask(other, "select to_regclass('only_here') as found")).toEqual([{ found: null }]);
    await Promise.all([one.drop(), other.drop()]);
  });
});
