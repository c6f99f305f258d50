import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { leadBody, placesOf, SOURCE, startApi, type Reply, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

let next = 0;
const number = () => `+1415555${String(1000 + (next += 1))}`;
const numbers = (count: number) => Array.from({ length: count }, number);

type Query = Record<string, string | object>;

const QUESTION = { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12025550100' };

async function codesOf({ phone }: Record<string, unknown>): Promise<string[]> {
  const { status, json } = await api.call('POST', '/v1/clearances', { body: { phone, ...QUESTION } });
  expect(status).toBeLessThan(300);
  return json.reasons.map(({ code }: { code: string }) => code);
}

function send(raw: string | Uint8Array, query: Query = {}, headers: Record<string, string> = {}): Promise<Reply> {
  const asked = { kind: 'opt_out', source: 'old-dialer', ...query };
  const given = Object.entries(asked).map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  const type = query.format === undefined ? 'text/plain' : 'text/csv';
  return api.call('POST', `/v1/suppressions/imports?${new URLSearchParams(given).toString()}`, { raw, as: 'operator', headers: { 'content-type': type, ...headers } });
}

async function rowsOf(phones: string[]) {
  const tokens = phones.map((phone) => api.context.vault.phoneToken(phone));
  return api.db.selectFrom('suppression').selectAll().where('token', 'in', tokens).orderBy('id').execute();
}

async function suppressed(phones: string[]): Promise<boolean[]> {
  const tokens = (await rowsOf(phones)).map(({ token }) => token);
  return phones.map((phone) => tokens.includes(api.context.vault.phoneToken(phone)));
}

async function refusalsOf(importId: string): Promise<string[]> {
  const { text } = await api.call('GET', `/v1/suppressions/imports/${importId}/refusals`);
  return text.trim().split('\r\n').slice(1);
}

describe('an own list', () => {
  it('of one number a line is suppressed by token, with source and time, and is told', async () => {
    const phones = numbers(3);
    const { status, json, headers } = await send(`${phones.join('\r\n')}\r\n\r\n`, { kind: 'litigant', channel: 'call', via: 'letter', reportedAt: '2026-02-01T00:00:00Z' });
    expect([status, headers.get('location')]).toEqual([200, json.links.self]);
    expect(json).toMatchObject({
      state: 'completed', source: 'old-dialer', rows: { total: 3, read: 3, taken: 3, skipped: 0, refused: 0 }, numbers: { suppressed: 3, known: 0 }, problem: null,
    });
    const rows = await rowsOf(phones);
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      expect(row).toMatchObject({ kind: 'litigant', channel: 'call', via: 'letter', reported_at: new Date('2026-02-01T00:00:00Z'), import_id: json.importId });
    }
    expect((await api.call('GET', json.links.self)).json).toEqual(json);
    expect((await api.call('GET', '/v1/suppressions/imports')).json.items[0]).toEqual(json);
    expect(await readdir(api.context.uploadFolder)).toEqual([]);
  });

  it('has each number once, however often it stands there, and sent again changes nothing', async () => {
    const [one = '', other = ''] = numbers(2);
    const file = [one, `(${one.slice(2, 5)}) ${one.slice(5, 8)}-${one.slice(8)}`, other, one].join('\n');
    expect((await send(file, { region: 'US' })).json.numbers).toEqual({ suppressed: 2, known: 2 });
    expect((await send(file, { region: 'US' })).json.numbers).toEqual({ suppressed: 0, known: 4 });
    expect(await rowsOf([one, other])).toHaveLength(2);
    expect((await send(one, { kind: 'complaint' })).json.numbers).toEqual({ suppressed: 1, known: 0 });
    expect((await send(other, { channel: 'sms' })).json.numbers).toEqual({ suppressed: 0, known: 1 });
  });

  it('does not bring back a suppression that was ended, unless it was reported anew', async () => {
    const phone = number();
    const reportedAt = '2026-02-01T00:00:00Z';
    await send(phone, { reportedAt });
    const [row] = await rowsOf([phone]);
    await api.call('POST', `/v1/suppressions/${row?.id}/lift`, { body: { reason: 'Wrong person', evidence: { method: 'letter' } } });
    expect((await send(phone, { reportedAt })).json.numbers).toEqual({ suppressed: 0, known: 1 });
    expect((await send(phone, { reportedAt: '2026-02-02T00:00:00Z' })).json.numbers).toEqual({ suppressed: 1, known: 0 });
  });

  it('is heard of by the leads concerned and by no others, in the lane of bulk', async () => {
    const bodies = [leadBody(), leadBody(), leadBody()];
    const ids: string[] = [];
    for (const body of bodies) ids.push((await api.call('POST', '/v1/leads', { body })).json.leadId);
    await api.db.deleteFrom('outbox').execute();
    const { json } = await send([bodies[0]?.phone, bodies[2]?.phone, number()].join('\n'));
    expect(json.leadsTold).toBe(2);
    const told = await api.db.selectFrom('outbox').select(['subject', 'workflow', 'signal', 'lane']).orderBy('subject').execute();
    expect(told).toEqual([ids[0], ids[2]].sort().map((subject) => ({ subject, workflow: 'lead', signal: 'lifecycleChanged', lane: 1 })));
    expect(await codesOf(bodies[0] ?? {})).toContain('suppressed');
    expect(await codesOf(bodies[1] ?? {})).not.toContain('suppressed');
  });

  it('says which rows it refused, never with the value, and takes all others', async () => {
    const phone = number();
    const { status, json, text } = await send(['Zyxwcanary', phone, '415555010', '2025550199'].join('\n'));
    expect([status, json.rows]).toEqual([200, { total: 4, read: 4, taken: 1, skipped: 0, refused: 3 }]);
    const refused = await refusalsOf(json.importId);
    expect(refused.map((line) => line.split(',').slice(0, 2))).toEqual([['1', 'invalid_phone'], ['3', 'invalid_phone'], ['4', 'invalid_phone']]);
    expect(text + refused.join('')).not.toMatch(/Zyxw|415555010|5550199/);
    expect(await suppressed([phone])).toEqual([true]);
  });

  it('out of ViciDial is a delimited export with phone_number, whose calling code stands beside it', async () => {
    const [one = '', other = ''] = numbers(2);
    const header = 'lead_id\tvendor_lead_code\tphone_code\tphone_number\tfirst_name';
    const cells = [['1', one.slice(2)], ['1', other.slice(2)], ['44', '2079460958'], ['1', '']];
    const file = [header, ...cells.map(([code, phone]) => `7\tx\t${code}\t${phone}\tZyxwcanary`)].join('\n');
    const { json } = await send(file, { format: 'vicidial' });
    expect(json.rows).toEqual({ total: 4, read: 4, taken: 3, skipped: 1, refused: 0 });
    expect(await suppressed([one, other, '+442079460958'])).toEqual([true, true, true]);
    expect((await send('phone_number|status\n(212) 555-2671|DNC', { format: 'vicidial', region: 'US' })).json.numbers.suppressed).toBe(1);
  });

  it('out of HubSpot has two numbers a row, and only of those who opted out', async () => {
    const [phone = '', mobile = '', other = '', spared = ''] = numbers(4);
    const file = ['First Name,Phone Number,Mobile Phone Number,Opted out of calls,Unsubscribed from all email',
      `Zyxwcanary,${phone},${mobile},true,`, `Zyxwcanary,${other},,No,2026-01-02`, `Zyxwcanary,${spared},,false,`, 'Zyxwcanary,,,Yes,'].join('\r\n');
    const { json } = await send(file, { format: 'hubspot' });
    expect(json).toMatchObject({ rows: { read: 4, taken: 2, skipped: 2, refused: 0 }, numbers: { suppressed: 3, known: 0 } });
    expect(await suppressed([phone, mobile, other, spared])).toEqual([true, true, true, false]);
  });

  it('of any other kind is read by a mapping, with times and words of its own', async () => {
    const [one = '', other = '', spared = ''] = numbers(3);
    const mapping = { phone: ['Tel', 'Cell'], reportedAt: 'When', optedOut: 'Status', optedOutWords: ['DNC', 'DNCL'] };
    const rowsIn = [`${one};;01.02.2026;dnc`, `${other};nonsense;01.02.2026;DNCL`, `${spared};;01.02.2026;NEW`, `${one};;01.02.2999;DNC`];
    const file = ['Tel;Cell;When;Status', ...rowsIn].join('\n');
    const { json } = await send(file, { format: 'csv', mapping, dateFormat: 'DMY', zone: 'Europe/Berlin' });
    expect(json).toMatchObject({ rows: { read: 4, taken: 1, skipped: 1, refused: 2 }, numbers: { suppressed: 2, known: 1 } });
    expect((await refusalsOf(json.importId)).map((line) => line.split(',').slice(0, 3))).toEqual([['3', 'invalid_phone', 'Cell'], ['5', 'reported_in_future', 'When']]);
    const rows = await rowsOf([one, other]);
    expect(rows.map(({ reported_at }) => reported_at.toISOString())).toEqual(['2026-01-31T23:00:00.000Z', '2026-01-31T23:00:00.000Z']);
    expect(await suppressed([spared])).toEqual([false]);
  });

  it('can be zipped on its way, in any encoding, without a header', async () => {
    const [one = '', other = ''] = numbers(2);
    expect((await send(gzipSync(one), {}, { 'content-encoding': 'gzip' })).json.numbers.suppressed).toBe(1);
    const wide = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(`${other},x\n`, 'utf16le')]);
    expect((await send(wide, { format: 'csv', header: 'none', mapping: { phone: 1 } })).json.numbers.suppressed).toBe(1);
  });

  it.each([
    ['a column that is not there', 'Name\nZyxwcanary', { format: 'vicidial' }, 'column_missing'],
    ['HubSpot without a column of opt-outs', 'Phone Number\n+14155551000', { format: 'hubspot' }, 'column_missing'],
    ['HubSpot without a column of numbers', 'Opted out\ntrue', { format: 'hubspot' }, 'column_missing'],
    ['a quote that is not closed', 'phone_number\n"4155551000', { format: 'vicidial' }, 'broken_quoting'],
    ['nothing', '', {}, 'empty_file'],
    ['a workbook', Buffer.of(0x50, 0x4b, 3, 4, 0, 0), {}, 'not_text'],
  ] as const)('with %s is refused as a whole', async (_what, file, query, code) => {
    const reply = await send(file, query);
    expect([reply.status, reply.json.code, placesOf(reply)]).toEqual([422, 'unreadable_file', [['', code]]]);
    expect((await api.call('GET', '/v1/suppressions/imports?limit=1')).json.items[0]).toMatchObject({ state: 'failed', problem: { code }, rows: { read: 0 } });
    expect(reply.text).not.toMatch(/Zyxw|4155551000/);
  });

  it.each([
    ['no kind', { kind: 'rumour' }, '?kind'], ['a time to come', { reportedAt: '2999-01-01T00:00:00Z' }, '?reportedAt'], ['no mapping', { format: 'csv' }, '?mapping'],
    ['a mapping that is none', { format: 'csv', mapping: { fon: 'x' } }, '?mapping.phone'], ['a source with a name in it', { source: 'a@b' }, '?source'],
  ] as const)('is not taken with %s', async (_what, query, pointer) => {
    const reply = await send('x', query);
    expect([reply.status, placesOf(reply)[0]?.[0]]).toEqual([422, pointer]);
  });

  it('whose process ended in the middle says so, and goes through when it is sent again', async () => {
    const [one = '', other = ''] = numbers(2);
    const { json } = await send(one);
    const long = new Date(Date.now() - 600_000);
    await api.db.updateTable('suppression_import').set({ state: 'running', finished_at: null, touched_at: long }).where('id', '=', json.importId).execute();
    expect((await api.call('GET', json.links.self)).json.state).toBe('broken_off');
    expect((await send(`${one}\n${other}`)).json.numbers).toEqual({ suppressed: 1, known: 1 });
  });

  it('is in force for every clearance that is asked after it, also of those who were asked about meanwhile', async () => {
    const bodies = Array.from({ length: 20 }, () => leadBody());
    for (const body of bodies) await api.call('POST', '/v1/leads', { body });
    const file = [...numbers(3_000), ...bodies.map(({ phone }) => String(phone)), ...numbers(1_000)].join('\n');
    const sent = send(file);
    for (const body of bodies) await codesOf(body);
    expect((await sent).json).toMatchObject({ numbers: { suppressed: 4_020 }, leadsTold: 20 });
    for (const body of bodies) expect(await codesOf(body)).toContain('suppressed');
  });
});

describe('what stood in the files', () => {
  it('is in no line of the log', () => {
    expect(api.logged.length).toBeGreaterThan(10);
    expect(api.logged.join('')).not.toMatch(/Zyxw|415555/);
  });
});
