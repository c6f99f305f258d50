import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { POLICIES } from '../../domain/policies/book.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { placesOf, startApi, type Reply, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
beforeEach(() => api.db.deleteFrom('settings').execute());
afterAll(() => api.stop());

const tagOf = (reply: Reply): string => reply.headers.get('etag') ?? '';
const read = (): Promise<Reply> => api.call('GET', '/v1/settings', { as: 'operator' });
const put = (body: object, tag = '"settings-0"', headers = {}): Promise<Reply> =>
  api.call('PUT', '/v1/settings', { body, headers: { 'if-match': tag, ...headers }, as: 'compliance' });
const changed = (changes: object) => ({ ...DEFAULT_SETTINGS, ...changes });

describe('the settings', () => {
  it('are those that the product comes with until somebody changes them', async () => {
    const reply = await read();
    expect([reply.status, reply.json]).toEqual([200, { version: 0, ...DEFAULT_SETTINGS }]);
    const again = await api.call('GET', '/v1/settings', { headers: { 'if-none-match': tagOf(reply) } });
    expect(again.status).toBe(304);
  });

  it('are replaced as they were read and changed, and every version is kept', async () => {
    const first = await read();
    const second = await put({ ...first.json, clearance: { validFor: 'PT5M' } }, tagOf(first));
    expect([second.status, second.json.version, second.json.clearance]).toEqual([200, 1, { validFor: 'PT5M' }]);
    const third = await put({ ...second.json, cooldown: { ...second.json.cooldown, refused: 'P24M' } }, tagOf(second));
    expect([third.json.version, (await read()).json]).toEqual([2, third.json]);
    const versions = (await api.call('GET', '/v1/settings/versions?limit=1')).json;
    const rest = (await api.call('GET', `/v1/settings/versions?after=${versions.next}`)).json;
    const kept = [...versions.items, ...rest.items].map(({ version, settings: { clearance, cooldown } }) => {
      return [version, clearance.validFor, cooldown.refused];
    });
    expect(kept).toEqual([[2, 'PT5M', 'P24M'], [1, 'PT5M', 'P12M']]);
    expect([versions.items[0].createdBy, rest.next]).toEqual([expect.stringMatching(/^key:/), null]);
  });

  it('are changed only by who has read them', async () => {
    const missing = await api.call('PUT', '/v1/settings', { body: DEFAULT_SETTINGS });
    expect([missing.status, missing.json.code, placesOf(missing)]).toEqual([428, 'precondition_required', [['header:If-Match', 'required']]]);
    expect((await put(DEFAULT_SETTINGS)).status).toBe(200);
    for (const tag of ['"settings-0"', '"settings-2"', 'W/"settings-1"', '*', '1']) {
      const stale = await put(DEFAULT_SETTINGS, tag);
      expect([stale.status, stale.json.code]).toEqual([412, 'precondition_failed']);
    }
  });

  it('are changed once when many change the same version at once', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => put(DEFAULT_SETTINGS)));
    expect(replies.map((reply) => reply.status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 412)]);
    expect((await read()).json.version).toBe(1);
  });

  it('are changed once for one idempotency key', async () => {
    const once = { 'idempotency-key': 'once' };
    const replies = [await put(DEFAULT_SETTINGS, '"settings-0"', once), await put(DEFAULT_SETTINGS, '"settings-0"', once)];
    expect(replies.map((reply) => [reply.status, reply.json.version, tagOf(reply)])).toEqual([[200, 1, '"settings-1"'], [200, 1, '"settings-1"']]);
  });

  it.each([
    ['more than is known', { isAdmin: true }, '', 'unknown_field'],
    ['a part that is missing', { caps: undefined }, '/caps', 'required'],
    ['a quiet time that is none', { cooldown: { ...DEFAULT_SETTINGS.cooldown, busy: 'soon' } }, '/cooldown/busy', 'wrong_format'],
    ['a quiet time without an amount', { cooldown: { ...DEFAULT_SETTINGS.cooldown, busy: 'PT' } }, '/cooldown/busy', 'wrong_format'],
    ['a quiet time for ever', { cooldown: { ...DEFAULT_SETTINGS.cooldown, busy: 'P99999Y' } }, '/cooldown/busy', 'wrong_format'],
    ['a quiet time after an outcome that is none', { cooldown: { ...DEFAULT_SETTINGS.cooldown, bored: 'P1D' } }, '/cooldown', 'unknown_field'],
    ['a cap in civil days', { caps: [{ count: 3, window: 'P1D' }] }, '/caps/0/window', 'wrong_format'],
    ['a cap of none', { caps: [{ count: 0, window: 'PT24H' }] }, '/caps/0/count', 'too_short'],
    ['a reservation of a day', { clearance: { validFor: 'P1D' } }, '/clearance/validFor', 'out_of_range'],
    ['a reservation of a second', { clearance: { validFor: 'PT1S' } }, '/clearance/validFor', 'out_of_range'],
    ['no time for the other sources', { sources: {} }, '/sources/other', 'required'],
    ['a source of no kind', { sources: { ...DEFAULT_SETTINGS.sources, dream: { usableFor: 'P1D' } } }, '/sources', 'unknown_field'],
    ['a list that may drop everything', { lists: { required: [], maxDrop: 1 } }, '/lists/maxDrop', 'too_long'],
    ['a jurisdiction that is none', { confirmation: { required: [{ jurisdiction: 'Utopia' }] } }, '/confirmation/required/0/jurisdiction', 'wrong_format'],
    ['a word for yes', { reassigned: { required: 'yes' } }, '/reassigned/required', 'wrong_type'],
  ])('are refused with %s', async (_, changes, pointer, code) => {
    const reply = await put(changed(changes));
    expect([reply.status, reply.json.code]).toEqual([422, 'invalid_request']);
    expect(placesOf(reply)).toContainEqual([pointer, code]);
    expect((await read()).json.version).toBe(0);
  });

  it('are refused where a law is stricter, with every such law', async () => {
    const laws = [...POLICIES.values()].flatMap((policy) => (policy.values.cooldown ?? []).filter(({ value }) => value.after === 'refused' && value.period !== null));
    expect(laws.length).toBeGreaterThan(0);
    const reply = await put(changed({ cooldown: { ...DEFAULT_SETTINGS.cooldown, refused: 'P1D' } }));
    expect([reply.status, reply.json.code]).toEqual([422, 'settings_looser_than_law']);
    expect(placesOf(reply)).toEqual(laws.map(() => ['/cooldown/refused', 'looser_than_law']));
    for (const { source } of laws) expect(reply.text).toContain(source);
    expect((await read()).json.version).toBe(0);
  });
});
