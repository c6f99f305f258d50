import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FIXED_LISTS } from '../../domain/policies/fixed-lists.ts';
import { placesOf, startApi, type Reply, type RunningApi } from './running-api.ts';

const FEDERAL = { id: 'us-federal', jurisdiction: 'US', name: 'National Do Not Call Registry', effect: 'block_unless_consent' };

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const register = (body: object): Promise<Reply> => api.call('POST', '/v1/dnc/lists', { body, as: 'compliance' });

describe('a list', () => {
  it('is registered once, as it was sent, and is there from then on', async () => {
    const reply = await register(FEDERAL);
    expect([reply.status, reply.json]).toEqual([201, FEDERAL]);
    const again = await register(FEDERAL);
    expect([again.status, again.json.code, placesOf(again)]).toEqual([409, 'list_exists', [['/id', 'taken']]]);
    const { json } = await api.call('GET', '/v1/dnc/lists', { as: 'auditor' });
    expect(json.items).toEqual([{ ...FEDERAL, createdAt: expect.any(String), release: null }]);
  });

  it.each([
    ['another effect', { effect: 'block' }, '/effect'],
    ['another jurisdiction', { jurisdiction: 'CA' }, '/jurisdiction'],
  ])('that the law knows cannot be given %s', async (_what, changes, pointer) => {
    const reply = await register({ ...FEDERAL, ...changes });
    expect([reply.status, reply.json.code, placesOf(reply)]).toEqual([422, 'list_fixed_by_law', [[pointer, 'fixed_by_law']]]);
  });

  it('that the law knows can be registered as the law has it', async () => {
    expect([...FIXED_LISTS.keys()]).toEqual(expect.arrayContaining([
      'us-federal', 'us-tx', 'us-pa', 'us-in', 'us-wy', 'us-mo', 'us-ma', 'us-tn', 'us-la', 'us-ok', 'gb-tps', 'gb-ctps', 'ca-dncl', 'au-dncr', 'it-rpo',
      'sg-voice', 'sg-text',
    ]));
    for (const [id, law] of FIXED_LISTS) {
      if (id !== FEDERAL.id) expect((await register({ id, name: id, ...law })).status).toBe(201);
    }
  });

  it('of the company can be of any country', async () => {
    const own = { id: 'our-own', jurisdiction: 'DE', name: 'Asked us not to', effect: 'block' };
    expect((await register(own)).status).toBe(201);
    const first = (await api.call('GET', '/v1/dnc/lists?limit=3')).json;
    const rest = (await api.call('GET', `/v1/dnc/lists?limit=200&after=${first.next}`)).json;
    const ids = [...first.items, ...rest.items].map((each: { id: string }) => each.id);
    expect(ids).toEqual([...FIXED_LISTS.keys(), 'our-own'].sort());
  });

  it.each([
    ['a name with blanks', { id: 'US Federal' }, '/id', 'wrong_format'],
    ['a country that is none', { id: 'x', jurisdiction: 'XX' }, '/jurisdiction', 'unknown_country'],
    ['an effect that is none', { id: 'x', effect: 'warn' }, '/effect', 'not_allowed'],
    ['no name', { id: 'x', name: undefined }, '/name', 'required'],
    ['more than is known', { id: 'x', numbers: [] }, '', 'unknown_field'],
  ])('is refused with %s', async (_what, changes, pointer, code) => {
    const reply = await register({ ...FEDERAL, ...changes });
    expect([reply.status, reply.json.code]).toEqual([422, 'invalid_request']);
    expect(placesOf(reply)).toContainEqual([pointer, code]);
  });
});
