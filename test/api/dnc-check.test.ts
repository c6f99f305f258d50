import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { putInForce } from '../dnc/listed-numbers.ts';
import { placesOf, startApi, type Reply, type RunningApi } from './running-api.ts';

let api: RunningApi;
let federal: string;
let tps: string;
beforeAll(async () => {
  api = await startApi();
  federal = await putInForce(api.db, 'us-federal', [12_025_550_143, 442_079_460_001]);
  tps = await putInForce(api.db, 'gb-tps', [442_079_460_001], { jurisdiction: 'GB', number: 2 });
  await api.call('POST', '/v1/dnc/lists', { body: { id: 'us-tx', jurisdiction: 'US-TX', name: 'Texas', effect: 'block_unless_consent' } });
});
afterAll(() => api.stop());

const check = (body: object): Promise<Reply> => api.call('POST', '/v1/dnc/check', { body, as: 'agent' });
const checkLines = (raw: string, query = ''): Promise<Reply> => api.call('POST', `/v1/dnc/check${query}`, { raw, headers: { 'content-type': 'text/plain' } });

describe('numbers that are asked about', () => {
  it('are answered in the order asked, with the lists that each is on, and none of them is echoed', async () => {
    const reply = await check({ phones: ['+12025550144', '+44 20 7946 0001', '+1 (202) 555-0143'] });
    const ofFederal = { list: 'us-federal', releaseId: federal, asOf: '2026-11-01T00:00:00.000Z' };
    expect([reply.status, reply.json]).toEqual([200, {
      items: [
        { listed: false, lists: [] },
        { listed: true, lists: [{ list: 'gb-tps', releaseId: tps, asOf: '2026-11-02T00:00:00.000Z' }, ofFederal] },
        { listed: true, lists: [ofFederal] },
      ],
    }]);
  });

  it('are read as they are dialled in the country of the list that is named', async () => {
    expect((await check({ phones: ['020 7946 0001', '+442079460002'], list: 'gb-tps' })).json.items.map((item: { listed: boolean }) => item.listed)).toEqual([true, false]);
    const national = await check({ phones: ['(202) 555-0143'] });
    expect([national.status, national.json.code, placesOf(national)]).toEqual([422, 'invalid_phone', [['/phones/0', 'region_missing']]]);
  });

  it('are answered line by line as text', async () => {
    const reply = await checkLines('+12025550143\n+12025550144\r\n+442079460001');
    expect([reply.status, reply.headers.get('content-type'), reply.text]).toEqual([200, 'text/plain', '1\n0\n1\n']);
    expect((await checkLines('2025550143\n12025550143\n(202) 555-0144\n', '?list=us-federal')).text).toBe('1\n1\n0\n');
    expect((await checkLines('')).text).toBe('');
  });

  it('are refused by the number of their line when they cannot be read, and never echoed', async () => {
    const reply = await checkLines('+12025550143\n\nAda Lovelace\n+120255501\n');
    expect([reply.status, reply.json.code]).toEqual([422, 'invalid_phone']);
    expect(placesOf(reply)).toEqual([['line:2', 'empty'], ['line:3', 'region_missing'], ['line:4', 'too_short']]);
    expect(reply.text).not.toMatch(/Lovelace|120255501/);
    const json = await check({ phones: ['+12025550143', 'Ada Lovelace'], list: 'us-federal' });
    expect([json.status, placesOf(json)]).toEqual([422, [['/phones/1', 'letters']]]);
    expect(json.text).not.toContain('Lovelace');
  });

  it('are ten thousand at most as JSON, and two hundred thousand as lines', async () => {
    const numbers = Array.from({ length: 200_001 }, (_, n) => `+1202${5_530_143 + n}`);
    const answer = await checkLines(numbers.slice(1).join('\n'));
    expect([answer.status, answer.text.length, answer.text.indexOf('1') / 2]).toEqual([200, 400_000, 19_999]);
    expect(answer.text.lastIndexOf('1')).toBe(answer.text.indexOf('1'));
    const json = await check({ phones: numbers.slice(0, 10_000) });
    expect([json.status, json.json.items.length]).toEqual([200, 10_000]);
    for (const reply of [await checkLines(numbers.join('\n')), await check({ phones: numbers.slice(0, 10_001) })]) {
      expect([reply.status, reply.json.code, placesOf(reply)[0]?.[1]]).toEqual([422, 'invalid_request', 'too_long']);
    }
    expect((await checkLines('1'.repeat(4_000_001))).json.code).toBe('body_too_large');
  });

  it('are not said to be off a list that was never loaded', async () => {
    for (const reply of [await check({ phones: ['+12025550143'], list: 'us-tx' }), await checkLines('+12025550143', '?list=us-tx')]) {
      expect([reply.status, reply.json.code]).toEqual([409, 'list_not_in_force']);
    }
    const unknown = await check({ phones: ['+12025550143'], list: 'nobody-knows' });
    expect([unknown.status, unknown.json.code]).toEqual([404, 'unknown_list']);
  });

  it.each([
    ['no number', { phones: [] }, '/phones', 'too_short'],
    ['a moment to come', { phones: ['+12025550143'], asOf: '2999-01-01T00:00:00Z' }, '/asOf', 'in_future'],
    ['more than is known', { phones: ['+12025550143'], region: 'US' }, '', 'unknown_field'],
  ])('are refused with %s', async (_what, body, pointer, code) => {
    const reply = await check(body);
    expect([reply.status, reply.json.code, placesOf(reply)]).toEqual([422, 'invalid_request', [[pointer, code]]]);
  });

  it('come as JSON or as lines, and as nothing else', async () => {
    const reply = await api.call('POST', '/v1/dnc/check', { raw: 'phone\n+12025550143\n', headers: { 'content-type': 'text/csv' } });
    expect([reply.status, reply.json.code]).toEqual([415, 'unsupported_media_type']);
  });
});
