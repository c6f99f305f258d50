import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findConsentImport } from '../../../db/consent-imports.ts';
import { newId } from '../../../db/ids.ts';
import { findLeadsByToken } from '../../../db/leads.ts';
import { createHouse, type House } from '../../setup/house.ts';
import { AT, HEADER, importInto, phoneOf } from '../import/importing.ts';
import { bringIn, csvOf, receive, refusalsOf } from './moving.ts';

const CHILD = join(import.meta.dirname, 'consents-child.ts');
const ROWS = 10_000;
const LEADS = 300;

let houses: [House, House];
beforeAll(async () => {
  houses = await Promise.all([createHouse(), createHouse()]);
  const leads = [HEADER, ...Array.from({ length: LEADS }, (_, nth) => `${phoneOf(nth)},${AT}`)].join('\n');
  for (const house of houses) {
    await importInto(house).send(leads);
    await house.db.insertInto('webhook_endpoint').values({
      id: newId(), url: 'https://crm.example.com/', host: 'crm.example.com', events: ['consent.changed'], secret: Buffer.of(1),
      description: null, created_at: new Date(), created_by: 'key:test',
    }).execute();
  }
});
afterAll(() => Promise.all(houses.map((house) => house.close())));

/** Grants and withdrawals of leads and of others, some of them twice, and rows to refuse, over many batches. */
function mixedFile(): string {
  return csvOf(Array.from({ length: ROWS }, (_, row) => {
    const of = row % 10 === 9 ? row - 5 : row;
    return {
      phone: of % 40 === 3 ? 'none' : phoneOf(of % (LEADS + 20)),
      kind: of % 3 === 0 ? 'revoked' : 'granted',
      channel: ['call', 'sms', 'email'][of % 7 % 3]!,
      purpose: 'marketing',
      at: new Date(Date.UTC(2026, 0, 1) + (of >> 4) * 60_000).toISOString(),
      statement: `row ${of}`,
    };
  }));
}

/** Takes the file in, in a process that is killed at some moment after some batches; answers whether it came to its end. */
async function runKilled({ url, keyFolder, uploadFolder }: House, importId: string, batches: number): Promise<boolean> {
  const child = spawn(process.execPath, [CHILD, url, keyFolder, uploadFolder, importId], { stdio: ['ignore', 'pipe', 'inherit'] });
  let seen = 0;
  child.stdout.on('data', (dots: Buffer) => {
    seen += dots.length;
    if (seen >= batches) setTimeout(() => child.kill('SIGKILL'), Math.random() * 60).unref();
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}

/** Everything on the ledgers, by number. */
async function ledgersOf({ db, vault }: House): Promise<string[]> {
  const tokens = await db.selectFrom('lead').select('token').execute();
  const leads = await findLeadsByToken(db, vault, tokens.map(({ token }) => token!));
  const phones = new Map(leads.map(({ id, phone }) => [id, phone]));
  const rows = await db.selectFrom('consent_event').selectAll().execute();
  return rows.map((row) => [phones.get(row.lead_id), row.kind, row.channel, row.happened_at.toISOString(), row.effect, row.grade].join(' ')).sort();
}

async function suppressedIn({ db }: House): Promise<number> {
  return (await db.selectFrom('suppression').select('id').execute()).length;
}

describe('an import of consents whose process is killed again and again', () => {
  it('leaves the ledgers as one that nobody disturbed, with each fact and word of it once', async () => {
    const [killed, undisturbed] = houses;
    const file = mixedFile();
    const expected = await bringIn(undisturbed, file);
    const id = await receive(killed, file);
    let kills = 0;
    while (!(await runKilled(killed, id, 1 + kills % 3))) kills += 1;
    expect(kills).toBeGreaterThan(1);

    const done = (await findConsentImport(killed.db, id))!;
    const counts = (row: object) => Object.entries(row).filter(([name]) => name.startsWith('rows_') && name !== 'rows_per_second');
    expect([done.state, counts(done)]).toEqual(['completed', counts(expected)]);
    const ledgers = await ledgersOf(killed);
    expect(ledgers).toHaveLength(Number(done.rows_recorded));
    expect(ledgers).toEqual(await ledgersOf(undisturbed));
    expect(await suppressedIn(killed)).toBe(await suppressedIn(undisturbed));
    expect(await refusalsOf(killed, id)).toEqual(await refusalsOf(undisturbed, expected.id));
    const facts = await killed.db.selectFrom('consent_event').select('id').orderBy('id').execute();
    const heard = await killed.db.selectFrom('webhook_delivery').select('fact_id').orderBy('fact_id').execute();
    expect(heard.map(({ fact_id }) => fact_id)).toEqual(facts.map((fact) => fact.id));
    expect(await readdir(killed.uploadFolder)).not.toContain(id);
  });
});
