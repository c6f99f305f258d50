import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { readdir, rm } from 'node:fs/promises';
import { newId } from '../../../db/ids.ts';
import { findImport, insertImport, listRefusals, type Import } from '../../../db/imports.ts';
import { addSettings } from '../../../db/settings.ts';
import { DEFAULT_SETTINGS } from '../../../domain/settings.ts';
import { ImportTakenOver } from '../../../intake/import/batch-writing.ts';
import { readKeyFiles } from '../../../keys/key-files.ts';
import { Vault } from '../../../db/vault.ts';
import { acquireLead } from '../../../intake/acquire.ts';
import type { Planned } from '../../../intake/acquisition-plan.ts';
import { acquisition, createHouse, eventually, SOURCE, type House } from '../../setup/house.ts';
import { AT, books, HEADER, importInto, MAPPING, phoneOf, type Importing } from './importing.ts';

let house: House;
let imports: Importing;
let next = 0;
beforeAll(async () => {
  house = await createHouse();
  imports = importInto(house);
});
afterAll(() => house.close());

/** Numbers that no other test uses. */
const fresh = (count: number): string[] => Array.from({ length: count }, () => phoneOf((next += 1)));
const fileOf = (phones: readonly string[], at = AT) => [HEADER, ...phones.map((phone) => `${phone},${at}`)].join('\n');
const bookOf = async (phones: readonly string[]) => (await books(house)).filter(({ phone }) => phones.includes(phone));
const suppress = (phone: string) => house.db.insertInto('suppression').values({
  id: newId(), token: house.vault.phoneToken(phone), kind: 'opt_out', channel: 'all', reported_at: new Date(), received_at: new Date(),
}).execute();

describe('an imported file', () => {
  it('makes leads with their facts and a message each in the bulk lane, and is deleted', async () => {
    const phones = fresh(3);
    const done = await imports.send(`${HEADER},Name\n${phones.map((phone) => `${phone},${AT},Ada`).join('\n')}\nx,${AT},Eva\n`, {
      mapping: { ...MAPPING, 'subject.name': 'Name' }, campaign: 'spring',
    });
    expect(done).toMatchObject({ state: 'completed', problem: null, rows: { total: 4, read: 4, created: 3, merged: 0, refused: 1, suppressed: 0 }, remainingSeconds: 0 });
    expect(await bookOf(phones)).toEqual(phones.map((phone) => ({ phone, jurisdictions: ['US', 'US-NJ'], acquired: [`${AT} spring`], untold: 0 })));
    expect(await listRefusals(house.db, done.id, 0n, 10)).toMatchObject([{ row: 5n, code: 'invalid_phone', column: 'Phone' }]);
    const lanes = await house.db.selectFrom('outbox').select('lane').where('fact_id', 'in', house.db.selectFrom('acquisition').select('id').where('import_id', '=', done.id)).execute();
    expect(lanes).toEqual([{ lane: 1 }, { lane: 1 }, { lane: 1 }]);
    expect(await readdir(imports.uploadFolder)).toEqual([]);
  });

  it('merges what is known, from a row, a file or a request before; the same row again adds nothing', async () => {
    const [a, b, c] = fresh(3) as [string, string, string];
    const later = '2026-02-01T00:00:00.000Z';
    await house.acquire({ phone: c, acquiredAt: new Date(AT) });
    const rows = [`${a},${AT}`, `${a},${AT}`, `${a},${later}`, `${b},${AT}`, `${c},${AT}`];
    expect((await imports.send([HEADER, ...rows].join('\n'))).rows).toMatchObject({ read: 5, created: 2, merged: 3 });
    expect((await imports.send([HEADER, ...rows, `${b},${later}`].join('\r\n'))).rows).toMatchObject({ read: 6, created: 0, merged: 6 });
    const acquired = (await bookOf([a, b, c])).map((lead) => lead.acquired.length);
    expect(acquired).toEqual([2, 2, 1]);
  });

  it('always adds up, and leaves the books as a list of its rows would', async () => {
    const [pool, at] = [fresh(12), ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z']];
    const known = new Map<string, Set<string>>();
    const row = fc.tuple(fc.constantFrom(...pool, 'x', ''), fc.constantFrom(...at, 'never'));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 30 }), fc.uuid(), async (rows, unique) => {
        const expected = { read: rows.length, created: 0, merged: 0, refused: 0 };
        for (const [phone, moment] of rows) {
          if (!pool.includes(phone) || moment === 'never') expected.refused += 1;
          else if (known.has(phone)) expected.merged += 1;
          else expected.created += 1;
          if (pool.includes(phone) && moment !== 'never') known.set(phone, (known.get(phone) ?? new Set()).add(moment));
        }
        const file = [`${HEADER},${unique}`, ...rows.map((cells) => `${cells.join(',')},`)].join('\n');
        const done = await imports.send(file);
        expect(done.rows).toMatchObject({ ...expected, total: rows.length });
        expect((await listRefusals(house.db, done.id, 0n, 100)).length).toBe(expected.refused);
      }),
      { numRuns: 30 },
    );
    const expected = [...known].map(([phone, moments]) => [phone, [...moments].sort().map((moment) => `${moment} `)]).sort();
    expect((await bookOf(pool)).map(({ phone, acquired }) => [phone, acquired])).toEqual(expected);
  });

  it('counts what is under an own suppression, and refuses it once the person was forgotten', async () => {
    const [a, b, c] = fresh(3) as [string, string, string];
    for (const phone of [a, b]) await suppress(phone);
    await house.db.insertInto('suppression').values({
      id: newId(), token: house.vault.phoneToken(c), kind: 'opt_out', channel: 'all', reported_at: new Date(), received_at: new Date(), lifted_at: new Date(),
    }).execute();
    expect((await imports.send(fileOf([a, a, b, c]))).rows).toMatchObject({ created: 3, merged: 1, suppressed: 3 });
    const { id } = await house.db.selectFrom('lead').select('id').where('token', '=', house.vault.phoneToken(a)).executeTakeFirstOrThrow();
    await house.db.deleteFrom('keyring.subject_key').where('lead_id', '=', id).execute();
    await house.db.updateTable('suppression').set({ outlived_at: new Date() }).where('token', '=', house.vault.phoneToken(a)).execute();
    await house.db.updateTable('lead').set({ stage: 'disposed', token: null, disposed_at: new Date() }).where('id', '=', id).execute();
    const again = await imports.send(fileOf([a, b], '2026-03-01T00:00:00Z'));
    expect(again.rows).toMatchObject({ created: 0, merged: 1, refused: 1, suppressed: 1 });
    expect(await listRefusals(house.db, again.id, 0n, 10)).toMatchObject([{ row: 2n, code: 'opted_out' }]);
  });

  it('adds jurisdictions to leads that are there, and takes none away', async () => {
    const [a, b] = fresh(2) as [string, string];
    await house.acquire({ phone: a, subject: { address: { region: 'DC' } } });
    const rows = [`${a},${AT},FL`, `${b},${AT},CA`, `${b},2026-02-01T00:00:00Z,NV`];
    await imports.send([`${HEADER},State`, ...rows].join('\n'), { mapping: { ...MAPPING, 'subject.address.region': 'State' } });
    const expected = [['US', 'US-DC', 'US-FL', 'US-NJ'], ['US', 'US-CA', 'US-NJ', 'US-NV']];
    expect((await bookOf([a, b])).map((lead) => lead.jurisdictions)).toEqual(expected);
  });

  it('never turns a withdrawal off: a consent that comes along waits', async () => {
    const [a, b] = fresh(2) as [string, string];
    const { leadId } = await house.acquire({ phone: a });
    await house.db.insertInto('consent_event').values({
      id: newId(), lead_id: leadId, acquisition_id: null, kind: 'revoked', channel: 'call', purpose: 'marketing', grade: 'express', effect: 'in_force',
      happened_at: new Date('2025-01-01'), received_at: new Date('2025-01-01'), expires_at: null, confirmation: 'none', text_version: null,
    }).execute();
    await imports.send([`${HEADER},C`, `${a},${AT},${AT}`, `${b},${AT},${AT}`].join('\n'), { mapping: { ...MAPPING, 'consent.call.marketing.own.obtainedAt': 'C' } });
    const granted = await house.db.selectFrom('consent_event').select(['lead_id', 'effect']).where('kind', '=', 'granted').execute();
    expect(granted.find((event) => event.lead_id === leadId)?.effect).toBe('waiting');
    expect(granted.filter((event) => event.lead_id !== leadId).map(({ effect }) => effect)).toEqual(['in_force']);
  });

  it('keeps by which text a consent was given, and asks for its confirmation where the settings do', async () => {
    const [a, b] = fresh(2) as [string, string];
    const texts = JSON.stringify([{ version: '2026-03', language: 'en', text: 'I agree', names: ['acme'] }]);
    await house.db.updateTable('source').set({ consent_texts: texts }).where('id', '=', SOURCE.id).execute();
    const settings = { ...DEFAULT_SETTINGS, confirmation: { ...DEFAULT_SETTINGS.confirmation, required: [{ jurisdiction: 'US', channel: 'sms' as const }] } };
    await house.db.transaction().execute((tx) => addSettings(tx, { version: 1, settings }, 'key:test', new Date()));
    const mapping = { ...MAPPING, 'consent.sms.marketing.obtainedAt': 'C', 'consent.sms.marketing.textVersion': 'T' };
    const { id } = await imports.send([`${HEADER},C,T`, `${a},${AT},${AT},2026-03`, `${b},${AT},${AT},2025-01`].join('\n'), { mapping });
    const events = await house.db
      .selectFrom('consent_event')
      .innerJoin('acquisition', 'acquisition.id', 'consent_event.acquisition_id')
      .select(['text_version', 'text_source_id', 'confirmation'])
      .where('import_id', '=', id)
      .orderBy('text_version')
      .execute();
    expect(events).toEqual([
      { text_version: '2025-01', text_source_id: null, confirmation: 'double_opt_in' },
      { text_version: '2026-03', text_source_id: SOURCE.id, confirmation: 'double_opt_in' },
    ]);
    await house.db.deleteFrom('settings').execute();
  });

  it('keeps numbers apart whose tokens are equal', async () => {
    class CollidingVault extends Vault {
      override phoneTokens(e164s: readonly string[]): BigInt64Array {
        return BigInt64Array.from(e164s, () => 42n);
      }
    }
    const vault = new CollidingVault(await readKeyFiles(house.keyFolder));
    const phones = fresh(3);
    const run = async (content: string) => imports.run(await imports.receive(content), { vault });
    expect((await run(fileOf(phones))).rows).toMatchObject({ created: 3, merged: 0 });
    expect((await run(fileOf([...phones, ...fresh(1)], '2026-02-01T00:00:00Z'))).rows).toMatchObject({ created: 1, merged: 3 });
  });

  it('holds nothing personal in clear, neither in any table nor beside them', async () => {
    const file = [`${HEADER},Name,Mail,Street`, `${fresh(1)[0]},${AT},Quirina Canary,quirina@canary.example,1 Canary Wharf`, `canary-no-phone,${AT},Canary,,`];
    const mapping = { ...MAPPING, 'subject.name': 'Name', 'subject.email': 'Mail', 'subject.address.street': 'Street' };
    await imports.send(file.join('\n'), { mapping });
    for (const { schemaname, relname } of await tables()) {
      const { rows } = await sql<{ text: string }>`select t::text as text from ${sql.table(`${schemaname}.${relname}`)} t`.execute(house.db);
      expect(rows.filter(({ text }) => /canary/i.test(text))).toEqual([]);
    }
  });
});

async function tables(): Promise<{ schemaname: string; relname: string }[]> {
  const { rows } = await sql<{ schemaname: string; relname: string }>`select schemaname, relname from pg_stat_user_tables`.execute(house.db);
  return rows;
}

describe('the same file', () => {
  it('is imported once, whoever sends it again, and once more when it failed', async () => {
    const good = fileOf(fresh(2));
    const first = await imports.send(good);
    const again = await imports.send(good);
    expect(again).toMatchObject({ state: 'completed', duplicateOf: first.id, rows: { total: 0, read: 0 } });
    expect((await imports.send(good, { mapping: MAPPING, campaign: 'other' })).duplicateOf).toBeNull();
    const bad = `${HEADER}\n"x,${AT}\n`;
    for (const failed of [await imports.send(bad), await imports.send(bad)]) {
      expect(failed).toMatchObject({ state: 'failed', duplicateOf: null, problem: { code: 'broken_quoting' }, rows: { read: 0 } });
    }
    expect(await readdir(imports.uploadFolder)).not.toContain(first.id);
  });

  it('is imported once when twenty send it at the same time', async () => {
    const parameters = { mapping: MAPPING };
    const sent = { sha256: newId(), sizeBytes: 1, receivedAt: new Date() };
    const file = { sourceId: SOURCE.id, format: 'csv' as const, parameters, ...sent };
    const ids = Array.from({ length: 20 }, newId);
    const insert = (id: string) => house.db.transaction().execute((tx) => insertImport(tx, { id, ...file }));
    const inserted = await Promise.all(ids.map(insert));
    const firsts = ids.filter((_, index) => inserted[index]?.duplicateOf === null);
    expect(firsts).toHaveLength(1);
    expect(inserted.filter(({ duplicateOf }) => duplicateOf === firsts[0])).toHaveLength(19);
    const messages = await house.db.selectFrom('outbox').select('subject').where('subject', 'in', ids).execute();
    expect(messages).toEqual([{ subject: firsts[0] }]);
  });
});

describe('an import that is interrupted', () => {
  it('goes on after the last batch that was written', async () => {
    const phones = fresh(12_000);
    const id = await imports.receive(fileOf(phones));
    const stopping = new AbortController();
    const stopped = await imports.run(id, { signal: stopping.signal, onProgress: (progress) => progress && stopping.abort() });
    expect(stopped).toMatchObject({ state: 'running', rows: { total: 12_000, read: 5_000, created: 5_000 } });
    expect(await readdir(imports.uploadFolder)).toContain(id);
    expect(await imports.run(id)).toMatchObject({ state: 'completed', rows: { read: 12_000, created: 12_000, merged: 0 } });
    expect((await bookOf(phones)).every(({ acquired }) => acquired.length === 1)).toBe(true);
  });

  it('is over once it is over', async () => {
    const done = await imports.send(fileOf(fresh(1)));
    expect(await imports.run(done.id)).toEqual(done);
  });

  it('is not doubled by two runs of it at once: one gets on, the other stops', async () => {
    const id = await imports.receive(fileOf(fresh(16_000)));
    const runs = await Promise.allSettled([imports.run(id), imports.run(id)]);
    for (const run of runs) if (run.status === 'rejected') expect(run.reason).toBeInstanceOf(ImportTakenOver);
    if ((await findImport(house.db, id))?.state === 'running') await imports.run(id);
    expect(await findImport(house.db, id)).toMatchObject({ state: 'completed', rows: { read: 16_000, created: 16_000, merged: 0 } });
  });

  it('fails when its upload was damaged', async () => {
    const id = await imports.receive(fileOf(fresh(1)));
    await rm(`${imports.uploadFolder}/${id}`);
    expect(await imports.run(id)).toMatchObject({ state: 'failed', problem: { code: 'upload_damaged' } });
  });
});

describe('imports at the same time', () => {
  it('of files with the same numbers make each lead once', async () => {
    const phones = fresh(12_000);
    const [one, other] = [phones.slice(0, 8_000), phones.slice(4_000).reverse()];
    const done = await Promise.all([imports.send(fileOf(one)), imports.send(fileOf(other, '2026-02-01T00:00:00Z'))]);
    expect(done.map(({ state }) => state)).toEqual(['completed', 'completed']);
    const sum = (count: 'created' | 'merged') => done.reduce((total, { rows }) => total + rows[count], 0);
    expect([sum('created'), sum('merged')]).toEqual([12_000, 4_000]);
    const acquired = (await bookOf(phones)).map((lead) => lead.acquired.length);
    expect(acquired).toEqual([...Array<number>(4_000).fill(1), ...Array<number>(4_000).fill(2), ...Array<number>(4_000).fill(1)]);
  });

  it('and a request that commits its number while the import is writing it: the batch is done again', async () => {
    const phones = fresh(300);
    let importing: Promise<Import> | undefined;
    const { leadId } = await house.db.transaction().execute(async (tx) => {
      const planned = await acquireLead(tx, house.vault, acquisition({ phone: phones[150]! }));
      importing = imports.send(fileOf(phones));
      await eventually(async () => {
        const { rows } = await sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'copy lead%'`.execute(house.db);
        return rows.length > 0;
      });
      return planned;
    });
    expect((await importing)?.rows).toMatchObject({ read: 300, created: 299, merged: 1 });
    const acquired = await house.db.selectFrom('acquisition').select('id').where('lead_id', '=', leadId).execute();
    expect([acquired.length, (await bookOf(phones)).length]).toEqual([2, 300]);
  });

  it('and requests with the same numbers make each lead once', async () => {
    const phones = fresh(10_000);
    const importing = imports.send(fileOf(phones));
    const requested = phones.filter((_, index) => index % 50 === 7);
    const answers: Planned[] = [];
    // As many at once as leave the import connections of the same pool: it waits for them no longer than five seconds.
    const ask = async () => {
      for (let phone = requested.shift(); phone; phone = requested.shift()) answers.push(await house.acquire({ phone, acquiredAt: new Date('2026-03-01') }));
    };
    await Promise.all([ask(), ask(), ask(), ask()]);
    const done = await importing;
    const createdByRequests = answers.filter(({ created }) => created).length;
    expect(done.rows).toMatchObject({ read: 10_000, created: 10_000 - createdByRequests, merged: createdByRequests });
    const leads = await bookOf(phones);
    expect(leads).toHaveLength(10_000);
    expect(leads.reduce((sum, { acquired }) => sum + acquired.length, 0)).toBe(10_200);
  });
});
