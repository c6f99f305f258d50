import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { connect } from '../../db/connection.ts';
import { createDatabase, type SuiteDatabase } from '../setup/suite.ts';

let database: SuiteDatabase;
beforeAll(async () => void (database = await createDatabase()));
afterAll(() => database.drop());

describe('a connection that breaks', () => {
  it('between two statements fails the transaction and nothing else', async () => {
    const db = connect(database.url, { max: 2 });
    const broken = db.transaction().execute(async (tx) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
      await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(db);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await sql`select 1`.execute(tx);
    });
    await expect(broken).rejects.toThrow();
    await expect(sql`select 1`.execute(db)).resolves.toBeDefined();
    await db.destroy();
  });

  it('while idle is replaced, and its owner is told', async () => {
    const told: Error[] = [];
    const db = connect(database.url, { max: 1, onIdleError: (error) => told.push(error) });
    const other = connect(database.url, { max: 1 });
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
    await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(other);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told).toHaveLength(1);
    await expect(sql`select 1`.execute(db)).resolves.toBeDefined();
    await Promise.all([db.destroy(), other.destroy()]);
  });
});

describe('what is read', () => {
  it('is bigint for bigint and Date for timestamptz', async () => {
    const db = connect(database.url, { max: 1 });
    const { rows } = await sql`select 9223372036854775807 as big, '2026-11-22T00:00:00Z'::timestamptz as moment`.execute(db);
    expect(rows).toEqual([{ big: 9223372036854775807n, moment: new Date('2026-11-22T00:00:00Z') }]);
    await db.destroy();
  });
});
