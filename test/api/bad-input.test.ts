import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { leadBody, placesOf, SOURCE, startApi, type Reply, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const JSON_TYPE = { 'content-type': 'application/json' };
const post = (body: unknown): Promise<Reply> => api.call('POST', '/v1/leads', { body });
const send = (raw: NonNullable<RequestInit['body']>, headers: Record<string, string> = JSON_TYPE): Promise<Reply> => api.call('POST', '/v1/leads', { raw, headers });

/** A value that cannot come from anywhere but the request. */
const CANARY = 'Zyxwcanary';

function consent(changes: object) {
  return { consents: [{ channel: 'call', purpose: 'marketing', obtainedAt: '2026-01-01T15:04:05Z', ...changes }] };
}

describe('a body that is not as it should be', () => {
  it('is told what would be right, and of each place once', async () => {
    const asked = await api.call('POST', '/v1/clearances/preview', { body: { leadId: 'x', channel: 'call', purpose: 'marketing' } });
    expect(asked.json.errors).toEqual([{ pointer: '/leadId', code: 'wrong_format', detail: expect.stringContaining('must be a UUID') }]);
    const ended = { outcome: 'answered', endedAt: '2026-01-01T15:04:05Z', durationSeconds: 1e300 };
    const told = await api.call('POST', '/v1/clearances/0198c0de-7a1e-7b3c-9d4e-5f60718293a4/outcome', { body: ended });
    expect(told.json.errors).toEqual([{ pointer: '/durationSeconds', code: 'too_long', detail: 'must be at most 86400' }]);
  });

  it.each([
    ['no phone', { phone: undefined }, '/phone', 'required'],
    ['no source', { source: undefined }, '/source', 'required'],
    ['no time', { acquiredAt: undefined }, '/acquiredAt', 'required'],
    ['a number for the phone', { phone: 12025550123 }, '/phone', 'wrong_type'],
    ['null for the phone', { phone: null }, '/phone', 'wrong_type'],
    ['an empty phone', { phone: '' }, '/phone', 'too_short'],
    ['a phone of a thousand digits', { phone: '1'.repeat(1_000) }, '/phone', 'too_long'],
    ['a time without offset', { acquiredAt: '2026-01-01T00:00:00' }, '/acquiredAt', 'wrong_format'],
    ['a day that does not exist', { acquiredAt: '2026-02-30T00:00:00Z' }, '/acquiredAt', 'wrong_format'],
    ['a date', { acquiredAt: '2026-01-01' }, '/acquiredAt', 'wrong_format'],
    ['a time long ago', { acquiredAt: '0001-01-01T00:00:00Z' }, '/acquiredAt', 'out_of_range'],
    ['a time as a number', { acquiredAt: 1_767_225_600 }, '/acquiredAt', 'wrong_type'],
    ['an unknown field', { isAdmin: true }, '', 'unknown_field'],
    ['an unknown field inside', { subject: { passport: CANARY } }, '/subject', 'unknown_field'],
    ['an unregistered attribute', { attributes: { religion: CANARY } }, '/attributes', 'unknown_field'],
    ['NUL', { subject: { name: `${CANARY}\u0000` } }, '/subject/name', 'unstorable_text'],
    ['half of a surrogate pair', { subject: { name: `${CANARY}\ud800` } }, '/subject/name', 'unstorable_text'],
    ['NUL in an address', { subject: { address: { city: `${CANARY}\u0000` } } }, '/subject/address/city', 'unstorable_text'],
    ['NUL in a consent', consent({ evidence: { statement: `${CANARY}\u0000` } }), '/consents/0/evidence/statement', 'unstorable_text'],
    ['a name of a megabyte', { subject: { name: CANARY.repeat(90_000) } }, '/subject/name', 'too_long'],
    ['no e-mail address', { subject: { email: CANARY } }, '/subject/email', 'wrong_format'],
    ['a campaign with an address in it', { campaign: `${CANARY}@example.com` }, '/campaign', 'wrong_format'],
    ['a region that is none', { region: 'XX' }, '/region', 'unknown_country'],
    ['a region in small letters', { region: 'us' }, '/region', 'wrong_format'],
    ['an unknown channel', consent({ channel: CANARY }), '/consents/0/channel', 'not_allowed'],
    ['an unknown purpose', consent({ purpose: CANARY }), '/consents/0/purpose', 'not_allowed'],
    ['a consent to come', consent({ obtainedAt: '2999-01-01T00:00:00Z' }), '/consents/0/obtainedAt', 'in_future'],
    ['a consent that ends before it began', consent({ expiresAt: '2025-01-01T00:00:00Z' }), '/consents/0/expiresAt', 'out_of_order'],
    ['unknown evidence', consent({ evidence: { ip: CANARY } }), '/consents/0/evidence', 'unknown_field'],
    ['a URL that is none', consent({ evidence: { url: `javascript:${CANARY}` } }), '/consents/0/evidence/url', 'wrong_format'],
    ['a list for the subject', { subject: [] }, '/subject', 'wrong_type'],
    ['a text for the consents', { consents: CANARY }, '/consents', 'wrong_type'],
  ])('is refused for %s, by place and without the value [ASVS 2.2.1]', async (_name, changes, pointer, code) => {
    const reply = await post(leadBody(changes));
    expect([reply.status, reply.json.code]).toEqual([422, 'invalid_request']);
    expect(placesOf(reply)).toContainEqual([pointer, code]);
    expect(reply.text).not.toContain(CANARY);
  });

  it.each([
    ['+1202555', 'too_short'], ['+120255501234567', 'too_long'], ['call me maybe', 'letters'], ['1.2025550123E10', 'scientific_notation'],
    ['+999 123456', 'unknown_calling_code'], ['2025550123 / 2025550124', 'two_numbers'], ['----', 'not_a_number'],
  ])('is refused for the phone %s because of %s', async (phone, code) => {
    const { status, json, text } = await post(leadBody({ phone }));
    expect([status, json.code, json.errors[0].pointer, json.errors[0].code]).toEqual([422, 'invalid_phone', '/phone', code]);
    expect(text).not.toContain(phone);
  });

  it('is refused for a source that is not registered', async () => {
    const { status, json } = await post(leadBody({ source: 'nobody-knows' }));
    expect([status, json.code, json.errors[0].pointer]).toEqual([422, 'unknown_source', '/source']);
  });

  it('does not repeat names of fields that could be anything', async () => {
    const { text } = await post(leadBody({ 'Ada Lovelace': 1, '+12025550123': 2 }));
    expect(text).not.toMatch(/Lovelace|2025550123/);
    expect(text).toContain('2 fields');
  });

  it.each([
    ['[]', 422], ['null', 422], ['"text"', 422], ['1e999', 422], ['{"phone":1e999999}', 422], [`{"phone":${'9'.repeat(5_000)}}`, 422],
    ['{"__proto__":{"isAdmin":true}}', 422], ['{"constructor":{"prototype":{}}}', 422], [`{"subject":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 422],
    ['['.repeat(200_000) + ']'.repeat(200_000), 422], ['{"phone":"a","phone":"b"}', 422],
    ['', 400], ['{', 400], ['{"phone":}', 400], ["{'phone':1}", 400], ['NaN', 400], ['{"phone":"\t"}', 400], ['{"phone":"\\ud83"}', 400],
  ])('is refused, whatever it is: %.60s', async (raw, status) => {
    const reply = await send(raw);
    expect([reply.status, reply.json.code]).toEqual([status, status === 400 ? 'malformed_json' : 'invalid_request']);
  });

  it('is refused for what is no UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('{"phone":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')]);
    expect((await send(bytes)).json.code).toBe('malformed_json');
  });

  it('leaves no trace of __proto__ behind [API3:2023]', async () => {
    const raw = JSON.stringify(leadBody()).replace(/}$/, ',"__proto__":{"source":"x"}}');
    expect((await send(raw)).status).toBe(422);
    expect(({} as Record<string, unknown>).source).toBeUndefined();
  });
});

describe('a body that is not even looked at', () => {
  it.each([
    ['text/plain'], ['text/json'], ['application/x-www-form-urlencoded'], ['multipart/form-data'], ['application/json; charset=utf-16'],
    ['application/json; charset=iso-8859-1'], ['application/jsonp'], ['text/csv'],
  ])('is refused as %s', async (type) => {
    const reply = await send('{}', { 'content-type': type });
    expect([reply.status, reply.json.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('may be left out only where nothing has to be said', async () => {
    const none = await api.call('POST', '/v1/leads');
    expect([none.status, none.json.code]).toEqual([415, 'unsupported_media_type']);
    const { leadId } = (await send(JSON.stringify(leadBody()))).json;
    const empty = await api.call('POST', `/v1/leads/${leadId}/revocations`, { raw: '', headers: JSON_TYPE });
    expect([empty.status, empty.json.code]).toEqual([400, 'malformed_json']);
    expect((await api.call('POST', `/v1/leads/${leadId}/revocations`)).json).toMatchObject({ kind: 'revoked', channel: 'all', purpose: 'all' });
  });

  it('is read whatever way its type is written', async () => {
    for (const type of ['Application/JSON', 'application/json;charset=UTF-8', 'application/json; charset="utf-8"']) {
      expect((await send(JSON.stringify(leadBody()), { 'content-type': type })).status).toBe(201);
    }
  });

  it('is refused when it is compressed', async () => {
    const reply = await send('{}', { ...JSON_TYPE, 'content-encoding': 'gzip' });
    expect([reply.status, reply.json.code]).toEqual([415, 'unsupported_encoding']);
  });

  it.each([1.1e6, 11e6])('is refused for its size of %d bytes [API4:2023]', async (size) => {
    const reply = await send(`{"x":"${'a'.repeat(size)}"}`);
    expect([reply.status, reply.json.code]).toEqual([413, 'body_too_large']);
  });

  it('is refused for its size also when it does not say how long it is', async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (let megabytes = 0; megabytes < 11; megabytes += 1) yield Buffer.alloc(1_000_000, 0x20);
    }
    const reply = await send(endless());
    expect([reply.status, reply.json.code]).toEqual([413, 'body_too_large']);
  });

  it('does no harm when its sender goes away half way', async () => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
    socket.write(`POST /v1/leads HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.keys.admin}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"phone"`);
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    expect((await post(leadBody())).status).toBe(201);
    expect(api.logged.filter((line) => line.includes('internal_error'))).toEqual([]);
  });
});

describe('an address or a method that is not there', () => {
  it.each(['/', '/v1', '/v1/nothing', '/v1/leads/x/y/z', '/v2/leads', '/v1/leads/%', '/v1/leads/%ff', '//v1/leads', '/docs/../config.ts', '/docs/%2e%2e%2fconfig.ts', '/docs/nothing.js'])(
    'is refused: %s', async (path) => {
      const reply = await api.call('GET', path);
      expect([reply.status, ['unknown_route', 'unknown_lead'].includes(reply.json.code)]).toEqual([404, true]);
    });

  it.each([['DELETE', '/v1/leads', 'POST, GET, HEAD, OPTIONS'], ['PUT', '/v1/sources', 'POST, GET, HEAD, OPTIONS'], ['PATCH', '/healthz', 'GET, HEAD, OPTIONS']])(
    'is refused with what is allowed: %s %s', async (method, path, allow) => {
      const reply = await api.call(method, path);
      expect([reply.status, reply.json.code, reply.headers.get('allow')]).toEqual([405, 'method_not_allowed', allow]);
    });

  it('says to OPTIONS what is allowed', async () => {
    const response = await fetch(`${api.url}/v1/leads`, { method: 'OPTIONS' });
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'POST, GET, HEAD, OPTIONS']);
  });
});

describe('a query that is not as it should be', () => {
  it.each([
    ['stage=asleep', '?stage', 'not_allowed'], ['limit=0', '?limit', 'too_short'], ['limit=201', '?limit', 'too_long'], ['limit=x', '?limit', 'wrong_type'],
    ['after=x', '?after', 'unknown_cursor'], ['after=%00', '?after', 'unstorable_text'], ['phone=%2B12025550123', '?', 'unknown_field'],
    ['stage=active&stage=acquired', '?', 'repeated'], ['source=%00', '?source', 'wrong_format'], ['campaign=a%00b', '?campaign', 'unstorable_text'],
    ['__proto__=x', '?', 'unknown_field'],
  ])('is refused: %s', async (query, pointer, code) => {
    const reply = await api.call('GET', `/v1/leads?${query}`);
    expect(reply.status).toBe(422);
    expect(placesOf(reply)).toContainEqual([pointer, code]);
    expect(reply.text).not.toContain('2025550123');
  });
});

describe('what is not HTTP', () => {
  it.each([['nonsense\r\n\r\n', 400], [`GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`, 400]])('is answered with a problem and goodbye', async (raw, status) => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.write(raw);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(Buffer.concat(chunks).toString()).toContain(`HTTP/1.1 ${status} `);
    expect(Buffer.concat(chunks).toString()).toContain('application/problem+json');
  });
});
