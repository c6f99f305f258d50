import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { recordAccess } from '../../db/access-log.ts';
import { connect } from '../../db/connection.ts';
import { createHouse, type House } from '../setup/house.ts';
import { disposer, placeHold } from './disposing.ts';

const PHONE = '+12025550186';
/** Values that occur nowhere unless somebody let them out. */
const CANARIES = ['2025550186', 'Zyxwcanary', 'qqq.canary', 'Canarystreet', 'Canarystatement', 'Canaryreason', 'Canaryhold', 'Canaryreference'];
const PERSON = {
  phone: PHONE,
  subject: { name: 'Zyxwcanary Woman', email: 'qqq.canary@example.com', address: { street: 'Canarystreet 1', city: 'Washington', region: 'DC', country: 'US' } },
  reference: 'Canaryreference',
  consents: [{
    channel: 'call' as const, purpose: 'marketing' as const, obtainedAt: new Date('2026-01-01T00:00:00Z'), expiresAt: null, evidence: { statement: 'Canarystatement' },
  }],
};

let house: House;
let leadId: string;
let token: bigint;
let wrapped: Buffer;
beforeAll(async () => {
  house = await createHouse();
  ({ leadId } = await house.acquire(PERSON));
  token = house.vault.phoneToken(PHONE);
  await house.db.transaction().execute((tx) => {
    return recordAccess(tx, house.vault, { leadId, actor: 'key:one', fields: ['phone'], reason: 'Canaryreason', at: new Date() });
  });
  const hold = await placeHold(house, leadId);
  await house.db.updateTable('legal_hold').set({ reason: 'Canaryhold', released_at: new Date(), released_by: 'key:two' }).where('id', '=', hold).execute();
  ({ wrapped } = await house.db.selectFrom('keyring.subject_key').select('wrapped').where('lead_id', '=', leadId).executeTakeFirstOrThrow());
  const { disposeLead } = disposer(house);
  expect(await disposeLead(leadId)).toMatchObject({ isDone: true });
});
afterAll(() => house.close());

describe('of somebody who was forgotten', () => {
  it('no value and no pseudonym is in any row of any table', async () => {
    const { rows: tables } = await sql<{ name: string }>`
      select format('%I.%I', table_schema, table_name) as name from information_schema.tables
      where table_schema in ('public', 'keyring') and table_type = 'BASE TABLE'`.execute(house.db);
    expect(tables.length).toBeGreaterThan(40);
    for (const { name } of tables) {
      const { rows } = await sql<{ row: string }>`select to_jsonb(t)::text as row from ${sql.raw(name)} t`.execute(house.db);
      const text = rows.map(({ row }) => row + hexToText(row)).join('\n').toLowerCase();
      expect([name, CANARIES.filter((canary) => text.includes(canary.toLowerCase()))]).toEqual([name, []]);
      for (const pseudonym of [String(token), String(house.vault.emailToken('qqq.canary@example.com')), wrapped.toString('hex')]) {
        expect([name, text.includes(pseudonym)]).toEqual([name, false]);
      }
    }
  });

  it('no value, and not even the wrapped key, is in the data files once they were written and vacuumed', async () => {
    const owner = connect(house.url, { max: 1, statementTimeout: 0 });
    for (const table of ['keyring.subject_key', 'personal_data', 'lead', 'suppression', 'legal_hold', 'archive_bundle']) {
      await sql`vacuum full ${sql.raw(table)}`.execute(owner);
    }
    await sql`checkpoint`.execute(owner);
    const { rows: files } = await sql<{ name: string }>`
      select base || name as name from (select 'base/' || oid || '/' as base from pg_database where datname = current_database()) here, pg_ls_dir(base) name`.execute(owner);
    expect(files.length).toBeGreaterThan(100);
    const found: string[] = [];
    for (const needle of [...CANARIES.map((canary) => Buffer.from(canary)), wrapped]) {
      const { rows } = await sql<{ name: string }>`
        select name from unnest(${files.map(({ name }) => name)}::text[]) name
        where position(${needle}::bytea in pg_read_binary_file(name, true)) > 0`.execute(owner);
      found.push(...rows.map(({ name }) => `${needle.toString('latin1').slice(0, 12)} in ${name}`));
    }
    await owner.destroy();
    expect(found).toEqual([]);
  });

  it('nothing is in the archive, the journal or the log', async () => {
    const read = async (folder: string) => {
      const names = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
      return Promise.all(names.filter((each) => each.isFile()).map((each) => readFile(join(each.parentPath, each.name), 'latin1')));
    };
    const texts = [...(await read(house.archiveFolder)), ...(await read(house.journalFolder)), ...house.logged];
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts) for (const canary of CANARIES) expect(text).not.toContain(canary);
  });
});

/** bytea columns are written in hexadecimal: look at what they say as well. */
function hexToText(row: string): string {
  return [...row.matchAll(/\\\\x([0-9a-f]+)/g)].map((match) => Buffer.from(match[1] ?? '', 'hex').toString('latin1')).join(' ');
}
