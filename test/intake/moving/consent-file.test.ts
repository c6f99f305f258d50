import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { insertConsentImport, findConsentImport } from '../../../db/consent-imports.ts';
import { consentLedgers } from '../../../db/consents.ts';
import { newId } from '../../../db/ids.ts';
import { openFact } from '../../../db/person-records.ts';
import { foldConsent } from '../../../domain/consent-ledger.ts';
import { importConsents } from '../../../intake/moving/consent-file.ts';
import { createHouse, type House } from '../../setup/house.ts';
import { bringIn, csvOf, receive, refusalsOf } from './moving.ts';

let house: House;
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());

let next = 0;
const unknown = () => `+1303555${String(2000 + (next += 1))}`;

async function lead(changes = {}): Promise<{ id: string; phone: string }> {
  const phone = `+1212555${String(2000 + (next += 1))}`;
  const { leadId: id } = await house.acquire({ phone, ...changes });
  return { id, phone };
}

const row = (phone: string, changes: Record<string, string> = {}) =>
  ({ phone, kind: 'granted', channel: 'call', purpose: 'marketing', at: '2026-03-01T10:00:00Z', ...changes });

const ledgerOf = async (id: string) => (await consentLedgers(house.db, [id])).get(id) ?? [];
const stateOf = async (id: string) => foldConsent(await ledgerOf(id), 'call', 'marketing', new Date()).state;

describe('a file of consents', () => {
  it('fills the ledger of a lead, with evidence sealed, and tells the lead with the bulk', async () => {
    const { id, phone } = await lead();
    const file = await bringIn(house, csvOf([
      row(phone, { textVersion: '2026-03', method: 'web_form', url: 'https://example.com/fair', statement: 'call me', expiresAt: '2030-01-01T00:00:00Z' }),
      row(phone, { channel: 'sms', grade: 'implied' }),
    ]));
    expect(file).toMatchObject({ state: 'completed', rows_total: 2n, rows_read: 2n, rows_recorded: 2n, rows_waiting: 0n, problem: null });
    const [call, sms] = (await ledgerOf(id)).sort((one, other) => (one.channel < other.channel ? -1 : 1));
    expect(call).toMatchObject({ kind: 'granted', grade: 'express_written', carried: true, effect: 'in_force', expiresAt: new Date('2030-01-01T00:00:00Z'), file: { path: file.id, ownAct: false } });
    expect(sms).toMatchObject({ grade: 'implied', expiresAt: null });
    expect(await openFact(house.db, house.vault, id, call?.id ?? '')).toEqual({
      textVersion: '2026-03', method: 'web_form', url: 'https://example.com/fair', statement: 'call me',
    });
    const told = await house.db.selectFrom('outbox').select(['signal', 'lane', 'fact_id']).where('subject', '=', id).orderBy('id', 'desc').limit(1).execute();
    expect(told).toEqual([{ signal: 'consentChanged', lane: 1, fact_id: file.id }]);
    expect(await stateOf(id)).toBe('granted');
  });

  it('is read with a mapping, constants and a zone, as other systems write', async () => {
    const { id, phone } = await lead();
    const text = `Tel;Status;Wann\r\n${phone.slice(2)};REVOKED;01.03.2026 10:00\r\n`;
    const reading = { mapping: { phone: 'Tel', kind: 'Status', at: 'Wann' }, region: 'US', dateFormat: 'DMY' as const, zone: 'Europe/Berlin', channel: 'call' };
    expect(await bringIn(house, text, { reading })).toMatchObject({ rows_recorded: 1n });
    expect(await ledgerOf(id)).toMatchObject([{ kind: 'revoked', channel: 'call', purpose: 'all', happenedAt: new Date('2026-03-01T09:00:00Z') }]);
  });

  it('may be NDJSON, whose unknown fields are refused unless it is mapped', async () => {
    const { id, phone } = await lead();
    const lines = [row(phone), { ...row(phone), kind: 'revoked', mood: 'fine' }].map((each) => JSON.stringify(each)).join('\n');
    const file = await bringIn(house, lines, { format: 'ndjson' });
    expect([file.rows_recorded, await refusalsOf(house, file.id)]).toEqual([1n, ['2 unknown_field mood']]);
    const mapped = JSON.stringify({ mobile: phone, when: '2026-04-01T00:00:00Z', mood: 'fine' });
    const reading = { mapping: { phone: 'mobile', at: 'when' }, kind: 'revoked' };
    expect(await bringIn(house, mapped, { format: 'ndjson', reading })).toMatchObject({ rows_recorded: 1n });
    expect(await stateOf(id)).toBe('revoked');
  });

  it('refuses what it cannot read by row, code and column, and takes the rest', async () => {
    const { phone } = await lead();
    const rows = [
      row('no number'), row(phone, { kind: 'perhaps' }), row(phone, { channel: 'fax' }), row(phone, { channel: '' }), row(phone, { at: '' }),
      row(phone, { at: '2999-01-01T00:00:00Z' }), row(phone, { at: '01/02/2026' }), row(phone, { expiresAt: '2020-01-01T00:00:00Z' }),
      row(phone, { purpose: 'all' }), row(phone, { url: 'javascript:x' }), row(phone, { file: '../x' }), row(phone, { grade: 'best' }), row(unknown()), row(phone),
    ];
    const file = await bringIn(house, csvOf(rows));
    expect(file).toMatchObject({ rows_read: 14n, rows_recorded: 1n, rows_refused: 13n });
    expect(await refusalsOf(house, file.id)).toEqual([
      '2 invalid_phone phone', '3 not_allowed kind', '4 not_allowed channel', '5 not_allowed channel', '6 invalid_time at', '7 consent_in_future at',
      '8 invalid_time at', '9 consent_out_of_order expiresAt', '10 not_allowed purpose', '11 invalid_url url', '12 invalid_word file', '13 not_allowed grade',
      '14 acquisition_unknown',
    ]);
  });

  it.each([
    ['no column for the phone', 'number,at\r\n1,2\r\n', {}, 'mapping_incomplete'],
    ['a column that is not there', 'phone,at\r\n1,2\r\n', { mapping: { phone: 'Mobile', at: 'at' } }, 'column_missing'],
    ['no header and no mapping', '+12025550143,2026-01-01\r\n', { header: 'none' as const }, 'mapping_incomplete'],
    ['nothing in it', '', {}, 'empty_file'],
    ['a quote that is not closed', 'phone,at\r\n"1,2\r\n', {}, 'broken_quoting'],
  ])('with %s fails as a whole', async (_what, text, reading, code) => {
    const file = await bringIn(house, text, { reading });
    expect([file.state, file.problem?.code, file.rows_read]).toEqual(['failed', code, 0n]);
  });

  it('suppresses numbers that are no leads and said no, for their channel, once', async () => {
    const [one, other] = [unknown(), unknown()];
    const rows = [
      row(one, { kind: 'revoked', channel: 'sms' }), row(one, { kind: 'revoked', channel: 'sms', at: '2026-02-01T00:00:00Z' }),
      row(other, { kind: 'revoked', channel: '', purpose: '' }), row(other), row(other, { kind: 'confirmed' }),
    ];
    const file = await bringIn(house, csvOf(rows));
    expect(file).toMatchObject({ rows_suppressed: 3n, rows_refused: 2n });
    const suppressionsOf = (phone: string) =>
      house.db.selectFrom('suppression').select(['kind', 'channel', 'reported_at', 'via', 'import_id']).where('token', '=', house.vault.phoneToken(phone)).execute();
    const wanted = { kind: 'opt_out', via: 'consent-import', import_id: file.id };
    expect(await suppressionsOf(one)).toEqual([{ ...wanted, channel: 'sms', reported_at: new Date('2026-02-01T00:00:00Z') }]);
    expect(await suppressionsOf(other)).toEqual([{ ...wanted, channel: 'all', reported_at: new Date('2026-03-01T10:00:00Z') }]);
    await bringIn(house, csvOf([...rows, row(unknown())]));
    expect(await suppressionsOf(one)).toHaveLength(1);
  });

  it('never undoes a withdrawal that is on record here, not even by what was the person’s own act elsewhere', async () => {
    const { id, phone } = await lead();
    await bringIn(house, csvOf([row(phone, { kind: 'revoked', at: '2026-01-01T00:00:00Z' })]));
    const file = await bringIn(house, csvOf([row(phone), row(phone, { act: 'own', at: '2026-04-01T00:00:00Z' }), row(phone, { kind: 'confirmed', at: '2026-04-02T00:00:00Z' })]));
    expect(file).toMatchObject({ rows_recorded: 3n, rows_waiting: 2n });
    expect(await stateOf(id)).toBe('revoked');
    expect((await ledgerOf(id)).filter(({ kind }) => kind === 'granted').map(({ effect }) => effect)).toEqual(['waiting', 'waiting']);
  });

  it('tells the story of its own ledger: there the person’s own act follows a withdrawal, and what came along does not', async () => {
    const [own, carried] = [await lead(), await lead()];
    const story = ({ phone }: { phone: string }, act: string) => [row(phone, { act }), row(phone, { kind: 'revoked', at: '2026-01-01T00:00:00Z' })];
    const before = row(carried.phone, { at: '2025-12-01T00:00:00Z' });
    const file = await bringIn(house, csvOf([...story(own, 'own'), ...story(carried, 'carried'), before]));
    expect([await stateOf(own.id), await stateOf(carried.id), file.rows_waiting]).toEqual(['granted', 'revoked', 1n]);
  });

  it('waits where the number is suppressed', async () => {
    const { id, phone } = await lead();
    await house.db.insertInto('suppression').values({
      id: newId(), token: house.vault.phoneToken(phone), kind: 'opt_out', channel: 'call', reported_at: new Date(), received_at: new Date(),
    }).execute();
    expect(await bringIn(house, csvOf([row(phone), row(phone, { channel: 'sms' })]))).toMatchObject({ rows_waiting: 1n });
    expect((await ledgerOf(id)).map(({ channel, effect }) => `${channel} ${effect}`).sort()).toEqual(['call waiting', 'sms in_force']);
  });

  it('confirms what it brought, and nothing that was asked about here', async () => {
    const asked = { kind: 'event' as const, confirmation: 'double_opt_in' as const };
    const { id, phone } = await lead();
    await house.db.updateTable('source').set(asked).execute();
    try {
      await bringIn(house, csvOf([row(phone)]));
      expect(await stateOf(id)).toBe('unconfirmed');
      await bringIn(house, csvOf([row(phone, { kind: 'confirmed', at: '2026-03-02T00:00:00Z' })]));
      expect(await stateOf(id)).toBe('unconfirmed');
      await bringIn(house, csvOf([row(phone, { at: '2026-03-03T00:00:00Z' }), row(phone, { kind: 'confirmed', at: '2026-03-04T00:00:00Z' })]));
      expect(await stateOf(id)).toBe('granted');
    } finally {
      await house.db.updateTable('source').set({ confirmation: 'none' }).execute();
    }
  });

  it('leaves what is on record as it is, whatever terms the file gives it', async () => {
    const obtainedAt = new Date('2026-03-01T10:00:00Z');
    const consents = [{ channel: 'call' as const, purpose: 'marketing' as const, obtainedAt, expiresAt: new Date('2026-04-01T00:00:00Z') }];
    const { id, phone } = await lead({ consents });
    expect(await bringIn(house, csvOf([row(phone, { grade: 'express_written' }), row(phone)]))).toMatchObject({ rows_known: 2n, rows_recorded: 0n });
    expect([(await ledgerOf(id)).length, await stateOf(id)]).toEqual([1, 'expired']);
  });

  it('asks about certificates that it names, with the bulk', async () => {
    const { id, phone } = await lead();
    await bringIn(house, csvOf([row(phone, { certificate: 'B330E9E4-64E9-417E-955B-8C06832311E3' }), row(phone, { channel: 'sms', certificate: 'paper 12' })]));
    const checks = await house.db.selectFrom('certificate_check').select(['id', 'provider', 'result']).where('lead_id', '=', id).execute();
    expect(checks).toMatchObject([{ provider: 'jornaya', result: 'unverified' }]);
    const message = await house.db.selectFrom('outbox').select(['workflow', 'lane']).where('subject', '=', checks[0]?.id ?? '').execute();
    expect(message).toEqual([{ workflow: 'certificate', lane: 1 }]);
  });

  it('that is broken off goes on where it was, and every row counts once', async () => {
    const phones = Array.from({ length: 2_500 }, unknown);
    const text = csvOf(phones.map((phone) => row(phone, { kind: 'revoked' })));
    const id = await receive(house, text);
    const work = { ...house, now: () => new Date() };
    for (const wanted of [1_000n, 2_000n]) {
      const stop = new AbortController();
      await importConsents({ ...work, signal: stop.signal, onProgress: (progress) => progress && stop.abort() }, id);
      expect(await findConsentImport(house.db, id)).toMatchObject({ state: 'running', rows_read: wanted });
    }
    expect(await importConsents(work, id)).toMatchObject({ state: 'completed', rows_read: 2_500n, rows_suppressed: 2_500n, records_done: 2_501n });
    const { count } = await house.db.selectFrom('suppression').select(({ fn }) => fn.countAll<bigint>().as('count')).where('import_id', '=', id).executeTakeFirstOrThrow();
    expect(Number(count)).toBe(2_500);
  });

  it('of the same bytes, read in the same way, is one import; one that failed is none', async () => {
    const { phone } = await lead();
    const text = csvOf([row(phone)]);
    const first = await bringIn(house, text);
    const again = await bringIn(house, text);
    expect(again).toMatchObject({ state: 'completed', duplicate_of: first.id, rows_total: 0n, rows_read: 0n });
    expect(await bringIn(house, text, { reading: { kind: 'granted' } })).toMatchObject({ duplicate_of: null, rows_known: 1n });
    await bringIn(house, 'broken\r\n');
    expect(await bringIn(house, 'broken\r\n')).toMatchObject({ state: 'failed', duplicate_of: null });
    const file = { id: newId(), format: 'csv' as const, parameters: {}, sha256: first.sha256, sizeBytes: 1, receivedAt: new Date(), receivedBy: 'key:test' };
    expect(await house.db.transaction().execute((tx) => insertConsentImport(tx, file))).toMatchObject({ duplicate_of: first.id });
  });
});
