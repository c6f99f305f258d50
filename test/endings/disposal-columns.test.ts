import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { createHouse, type House } from '../setup/house.ts';
import { TOOL } from '../../endings/disposal/tool.ts';

const ROOT = join(import.meta.dirname, '../..');

let house: House;
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());

describe('docs/disposal.md', () => {
  it('says of every table and column what becomes of it', async () => {
    const text = await readFile(join(ROOT, 'docs/disposal.md'), 'utf8');
    const names = (cell: string) => [...cell.matchAll(/`([\w.]+)`/g)].map(([, name]) => name ?? '');
    const told = new Map(text.split('\n').filter((line) => line.startsWith('| `')).map((line) => {
      const [, table = '', gone = '', kept = ''] = line.split('|');
      return [names(table)[0] ?? '', [...names(gone), ...names(kept)].sort()];
    }));
    const withoutPerson = names(/Tables without a person in them: (.*)/.exec(text)?.[1] ?? '');
    const { rows } = await sql<{ name: string; columns: string[] }>`
      select case table_schema when 'public' then '' else table_schema || '.' end || table_name as name,
        array_agg(column_name::text order by column_name::text) as columns
      from information_schema.columns where table_schema in ('public', 'keyring') group by table_schema, table_name`.execute(house.db);
    const own = rows.filter(({ name }) => !/^(kysely_|clearance_)/.test(name) && !withoutPerson.includes(name));
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(own.map(({ name, columns }) => [name, columns.sort()])));
  });
});

describe('a certificate', () => {
  it('names the version that package.json names', async () => {
    const { name, version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { name: string; version: string };
    expect(TOOL).toEqual({ name, version });
  });
});
