import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { createHash, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { openUpload } from '../../intake/import/upload.ts';
import { placesOf, SOURCE, startApi, type Reply, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const MAPPING = { phone: 'Phone', acquiredAt: 'Signed up', 'subject.name': ['First', 'Last'] };

function query(changes: Record<string, unknown> = {}): string {
  const all = { source: SOURCE.id, mapping: MAPPING, ...changes };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)])).toString();
}

let next = 0;
const csv = (): string => `Phone,Signed up,First,Last\n+1202555${String((next += 1)).padStart(4, '0')},2026-01-01T00:00:00Z,Zyxwcanary,Lovelace\n`;

type Changes = Record<string, unknown>;

function send(raw: string | Uint8Array, changes: Changes = {}, headers: Record<string, string> = {}): Promise<Reply> {
  return api.call('POST', `/v1/imports?${query(changes)}`, { raw, headers: { 'content-type': 'text/csv', ...headers } });
}

async function storedBytes(importId: string): Promise<string> {
  const { uploadFolder: folder, vault } = api.context;
  const chunks: Buffer[] = [];
  for await (const chunk of openUpload({ folder, vault }, importId)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a file that is sent', () => {
  it('is stored as it came, put on the books and announced before it is acknowledged', async () => {
    const file = csv();
    const reply = await send(file);
    expect([reply.status, reply.json.state]).toEqual([202, 'receiving']);
    const { importId } = reply.json;
    expect(reply.headers.get('location')).toBe(`/v1/imports/${importId}`);
    expect(api.announced).toContain(importId);
    expect(await storedBytes(importId)).toBe(file);
    const { json } = await api.call('GET', `/v1/imports/${importId}`);
    expect(json).toMatchObject({
      importId, state: 'receiving', source: SOURCE.id, format: 'csv', duplicateOf: null, problem: null, sizeBytes: file.length,
      rows: { read: 0, created: 0, merged: 0, refused: 0, suppressed: 0 }, sha256: createHash('sha256').update(file).digest('hex'),
      links: { temporal: `http://127.0.0.1:8233/namespaces/default/workflows/import%2F${importId}` },
    });
    const outbox = await api.db.selectFrom('outbox').selectAll().where('subject', '=', importId).execute();
    expect(outbox).toHaveLength(1);
  });

  it('is one import however it was sent, and however often', async () => {
    const file = csv();
    const first = (await send(file)).json.importId;
    const plain = await send(file);
    const packed = await send(gzipSync(file), {}, { 'content-encoding': 'gzip' });
    for (const again of [plain, packed]) {
      expect([again.status, again.json.state]).toEqual([202, 'completed']);
      const { json } = await api.call('GET', `/v1/imports/${again.json.importId}`);
      expect([json.duplicateOf, json.rows.read]).toEqual([first, 0]);
      expect(await readdir(api.context.uploadFolder)).not.toContain(again.json.importId);
    }
    const otherwise = await send(file, { campaign: 'spring' });
    expect(otherwise.json.state).toBe('receiving');
  });

  it('takes its constants, zone and dialect as they are given', async () => {
    const parameters = {
      acquiredAt: '2026-01-01T00:00:00+01:00', region: 'GB', campaign: 'spring', method: 'fair', zone: 'America/New_York', dateFormat: 'MDY',
      delimiter: '\t', header: 'none', mapping: { phone: 1, 'subject.name': [2, 3], 'consent.call.marketing.own.obtainedAt': 4 },
    };
    const { json } = await send(csv(), parameters, { 'content-type': 'text/csv; charset=windows-1252' });
    const row = await api.db.selectFrom('import').select('parameters').where('id', '=', json.importId).executeTakeFirstOrThrow();
    expect(row.parameters).toEqual({ ...parameters, encoding: 'windows-1252' });
  });

  it('may be NDJSON without a mapping', async () => {
    const reply = await send('{"phone":"+12025550123","acquiredAt":"2026-01-01T00:00:00Z"}\n', { mapping: undefined }, { 'content-type': 'application/x-ndjson' });
    expect([reply.status, reply.json.state]).toEqual([202, 'receiving']);
  });

  it('leaves nothing behind when its sender goes away half way', async () => {
    const before = await readdir(api.context.uploadFolder);
    const { count } = await api.db.selectFrom('import').select((of) => of.fn.countAll().as('count')).executeTakeFirstOrThrow();
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    socket.write(`POST /v1/imports?${query()} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.keys.admin}\r\ncontent-type: text/csv\r\ncontent-length: 9000000\r\n\r\n`);
    socket.write('Phone\n'.repeat(100_000));
    await new Promise((resolve) => setTimeout(resolve, 200));
    socket.destroy();
    while ((await readdir(api.context.uploadFolder)).some((name) => name.endsWith('.part'))) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await readdir(api.context.uploadFolder)).toEqual(before);
    const after = await api.db.selectFrom('import').select((of) => of.fn.countAll().as('count')).executeTakeFirstOrThrow();
    expect(after.count).toBe(count);
  });
});

describe('a file that cannot be imported', () => {
  it.each([
    ['no mapping', { mapping: undefined }, '?mapping', 'required'],
    ['a mapping that is no JSON', { mapping: '{' }, '?mapping', 'malformed_json'],
    ['a mapping that is a list', { mapping: '[]' }, '?mapping', 'wrong_type'],
    ['a mapping without phone', { mapping: { acquiredAt: 'x' } }, '?mapping', 'phone_missing'],
    ['a target that does not exist', { mapping: { ...MAPPING, passport: 'x' } }, '?mapping', 'unknown_field'],
    ['an attribute that is not registered', { mapping: { ...MAPPING, 'attributes.religion': 'x' } }, '?mapping', 'unknown_field'],
    ['a joined phone', { mapping: { ...MAPPING, phone: ['a', 'b'] } }, '?mapping', 'joined'],
    ['a column that is no column', { mapping: { ...MAPPING, region: { a: 1 } } }, '?mapping.region', 'not_allowed'],
    ['no time at all', { mapping: { phone: 'Phone' } }, '?acquiredAt', 'required'],
    ['a time without offset', { acquiredAt: '2026-01-01T00:00:00' }, '?acquiredAt', 'not_allowed'],
    ['a zone that is none', { zone: 'Mars/Olympus' }, '?zone', 'not_allowed'],
    ['an offset for a zone', { zone: '+01:00' }, '?zone', 'not_allowed'],
    ['an encoding that is none', { encoding: 'klingon' }, '?encoding', 'not_allowed'],
    ['a delimiter of two characters', { delimiter: ';;' }, '?delimiter', 'wrong_format'],
    ['a quote for a delimiter', { delimiter: '"' }, '?delimiter', 'wrong_format'],
    ['a region that is none', { region: 'XX' }, '?region', 'unknown_country'],
    ['no source', { source: undefined }, '?source', 'required'],
    ['an unknown parameter', { dryRun: 'yes' }, '?', 'unknown_field'],
  ])('is refused before it is stored: %s', async (_name, changes, pointer, code) => {
    const before = await readdir(api.context.uploadFolder);
    const reply = await send(csv(), changes);
    expect([reply.status, reply.json.code]).toEqual([422, 'invalid_request']);
    expect(placesOf(reply)).toContainEqual([pointer, code]);
    expect(await readdir(api.context.uploadFolder)).toEqual(before);
  });

  it('is refused for a time to come and an unregistered source', async () => {
    expect((await send(csv(), { acquiredAt: '2999-01-01T00:00:00Z' })).json.code).toBe('acquired_in_future');
    const unknown = await send(csv(), { source: 'nobody-knows' });
    expect([unknown.status, unknown.json.code, unknown.json.errors[0].pointer]).toEqual([422, 'unknown_source', '?source']);
  });

  it.each([['application/json'], ['application/vnd.ms-excel'], ['multipart/form-data; boundary=x'], ['text/csv; charset=klingon']])(
    'is refused as %s', async (type) => {
      const reply = await send(csv(), {}, { 'content-type': type });
      expect([reply.status, reply.json.code]).toEqual([415, 'unsupported_media_type']);
    });

  it.each([['br'], ['gzip']])('is refused with an encoding that is not understood, or not true: %s', async (encoding) => {
    const reply = await send(csv(), {}, { 'content-encoding': encoding });
    expect([reply.status, reply.json.code]).toEqual([415, 'unsupported_encoding']);
  });

  it('is refused with 503, naming the disk, when it cannot be stored', async () => {
    const full = await startApi({ uploadFolder: '/dev/null/uploads' });
    await full.call('POST', '/v1/sources', { body: SOURCE });
    const reply = await full.call('POST', `/v1/imports?${query()}`, { raw: csv(), headers: { 'content-type': 'text/csv' } });
    await full.stop();
    expect([reply.status, reply.json.code, reply.headers.get('retry-after')]).toEqual([503, 'dependency_unavailable', '2']);
    expect(reply.json.detail).toContain('disk');
  });
});

describe('the list of imports', () => {
  it('shows each one, newest first, page by page', async () => {
    const whole = (await api.call('GET', '/v1/imports?limit=200', { as: 'auditor' })).json.items;
    expect(whole.length).toBeGreaterThan(4);
    const ids = whole.map((item: { importId: string }) => item.importId);
    expect(ids).toEqual([...ids].sort().reverse());
    const first = (await api.call('GET', '/v1/imports?limit=2')).json;
    const rest = (await api.call('GET', `/v1/imports?limit=200&after=${first.next}`)).json;
    expect([...first.items, ...rest.items]).toEqual(whole);
  });

  it('does not know any other id', async () => {
    for (const id of [randomUUID(), 'x', '%00']) {
      for (const path of [`/v1/imports/${id}`, `/v1/imports/${id}/refusals`]) {
        const reply = await api.call('GET', path);
        expect([reply.status, reply.json.code]).toEqual([404, 'unknown_import']);
      }
    }
  });
});

describe('the refused rows', () => {
  it('are CSV in the order of the file, however many, and nothing in them is a formula [ASVS 1.2.10]', async () => {
    const { importId } = (await send(csv())).json;
    await sql`insert into import_refusal (import_id, row, code, "column", detail)
      select ${importId}, n, 'invalid_phone', case when n = 2 then '=HYPERLINK("x")' when n = 3 then 'Phone, "work"' else 'Phone' end, 'must be one phone number'
      from generate_series(2, 2501) n`.execute(api.db);
    const reply = await api.call('GET', `/v1/imports/${importId}/refusals`);
    expect(reply.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const lines = reply.text.split('\r\n');
    expect(lines).toHaveLength(2_502);
    expect(lines.slice(0, 4)).toEqual([
      'row,code,column,detail',
      `2,invalid_phone,"'=HYPERLINK(""x"")",must be one phone number`,
      '3,invalid_phone,"Phone, ""work""",must be one phone number',
      '4,invalid_phone,Phone,must be one phone number',
    ]);
    expect(lines.at(-2)).toMatch(/^2501,/);
  });

  it('are none but the header when every row was taken', async () => {
    const { importId } = (await send(csv())).json;
    expect((await api.call('GET', `/v1/imports/${importId}/refusals`)).text).toBe('row,code,column,detail\r\n');
  });
});

describe('a preview', () => {
  const preview = (raw: string | Uint8Array, changes: Changes = {}, headers: Record<string, string> = {}): Promise<Reply> =>
    api.call('POST', `/v1/imports/preview?${query({ mapping: undefined, ...changes })}`, { raw, headers: { 'content-type': 'text/csv', ...headers } });

  it('says how a file would be read and proposes a mapping, masked, and keeps nothing', async () => {
    const before = await readdir(api.context.uploadFolder);
    const file = 'Phone number;Signed up;E-Mail\r\n+12025550123;2026-01-01T00:00:00Z;qqq.canary@example.com\r\n';
    for (const [raw, headers] of [[file, {}], [gzipSync(file), { 'content-encoding': 'gzip' }]] as const) {
      const reply = await preview(raw, {}, headers);
      expect(reply.json).toMatchObject({
        encoding: 'utf-8', delimiter: ';', header: 'first', columns: ['Phone number', 'Signed up', 'E-Mail'],
        mapping: { phone: 'Phone number', acquiredAt: 'Signed up', 'subject.email': 'E-Mail' },
        rows: [['+1202*****23', '2026-01-01T00:00:00Z', 'q***@example.com']],
      });
      expect(reply.text).not.toContain('qqq.canary');
    }
    expect(await readdir(api.context.uploadFolder)).toEqual(before);
  });

  it('looks at the beginning of a large file only, and the connection goes on', async () => {
    const reply = await preview(`Phone,At\n${'+12025550123,2026-01-01T00:00:00Z\n'.repeat(300_000)}`);
    expect([reply.status, reply.json.columns]).toEqual([200, ['Phone', 'At']]);
    expect((await api.call('GET', '/v1/imports')).status).toBe(200);
  });

  it.each([['', 'empty_file'], ['PK\u0003\u0004xxxx', 'not_text']])('refuses what is no table', async (raw, code) => {
    const reply = await preview(raw);
    expect([reply.status, reply.json.code, placesOf(reply)]).toEqual([422, 'unreadable_file', [['', code]]]);
  });
});
