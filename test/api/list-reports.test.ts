import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { measureLists } from '../../api/list-metrics.ts';
import { Metrics } from '../../api/metrics.ts';
import { newId } from '../../db/ids.ts';
import { countListedLeads, countsAreOld } from '../../db/list-counts.ts';
import { readReleaseSteps } from '../../db/list-reports.ts';
import { putList, putRelease } from './list-history.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const daysAgo = (days: number) => new Date(NOW.getTime() - days * 86_400_000);

let api: RunningApi;
let federal: string[];
let waiting: string;

beforeAll(async () => {
  api = await startApi({ now: () => NOW });
  federal = await putList(api.db, 'us-federal', 'US', [
    { asOf: daysAgo(40), numbers: 1_000_000, added: 1_000_000, hit: 3 },
    { asOf: daysAgo(26), numbers: 1_000_900, added: 1_000, removed: 100, hit: 2, freed: 1 },
  ]);
  await putList(api.db, 'us-tx', 'US-TX', [{ asOf: daysAgo(60), numbers: 10 }]);
  await putList(api.db, 'gb-tps', 'GB', [{ asOf: daysAgo(29), numbers: 10 }]);
  await putList(api.db, 'au-dncr', 'AU', []);
  await putList(api.db, 'ours', 'US', [{ asOf: daysAgo(600), numbers: 5 }]);
  await putList(api.db, 'jp-list', 'JP', [{ asOf: daysAgo(1), numbers: 5 }]);
  waiting = newId();
  await putRelease(api.db, 'us-federal', waiting, { asOf: daysAgo(0), numbers: 10, removed: 1_000_890, number: null, state: 'awaiting_approval' });
});
afterAll(() => api.stop());

const report = async () => (await api.call('GET', '/v1/reports/lists', { as: 'auditor' })).json;
const itemOf = async (list: string) => (await report()).items.find((each: { list: string }) => each.list === list);

describe('the report on lists', () => {
  it('says how old each list is and when it goes stale by which law', async () => {
    expect(await itemOf('us-federal')).toMatchObject({
      release: { releaseId: federal[1], asOf: daysAgo(26).toISOString(), root: 'c0ffee'.repeat(8) },
      ageSeconds: 26 * 86_400,
      freshness: {
        state: 'stale_soon',
        staleAt: daysAgo(-5).toISOString(),
        rules: [{ jurisdiction: 'US', maxAge: 'P31D', binding: true, requiredFor: 'everyone', source: expect.stringContaining('16 CFR 310.4') }],
      },
    });
  });

  it('calls a list what the gate would', async () => {
    type Item = { list: string; freshness: { state: string } };
    const states = (await report()).items.map(({ list, freshness }: Item) => [list, freshness.state]);
    expect(Object.fromEntries(states)).toEqual({
      'us-federal': 'stale_soon', 'us-tx': 'unbound', 'gb-tps': 'stale', 'au-dncr': 'missing', ours: 'unbound', 'jp-list': 'fresh',
    });
    const { json } = await api.call('GET', '/v1/settings');
    const { version: _, ...settings } = json;
    const body = { ...settings, lists: { ...settings.lists, required: ['us-tx'] } };
    const etag = (await api.call('GET', '/v1/settings')).headers.get('etag') ?? '';
    expect((await api.call('PUT', '/v1/settings', { body, headers: { 'if-match': etag } })).status).toBe(200);
    expect((await itemOf('us-tx')).freshness).toMatchObject({ state: 'stale', rules: [{ jurisdiction: 'US-TX', binding: true }] });
  });

  it('says how it grew, what the last release changed, and what waits for a person', async () => {
    const item = await itemOf('us-federal');
    expect(item).toMatchObject({
      numbers: 1_000_900,
      lastChange: { releaseId: federal[1], kind: 'change', added: 1_000, removed: 100, hit: 2, freed: 1 },
      waitingForApproval: [{ releaseId: waiting, numbers: 10, removed: 1_000_890, receivedBy: 'key:test' }],
    });
    expect(item.growth.map((step: { numbers: number }) => step.numbers)).toEqual([1_000_000, 1_000_900]);
    expect(await itemOf('au-dncr')).toMatchObject({ release: null, numbers: null, lastChange: null, growth: [], ageSeconds: null });
  });

  it('shows the latest sixty releases', async () => {
    const { length } = await readReleaseSteps(api.db, 1);
    expect(length).toBe(5);
    await sql`
      insert into dnc_release (id, list_id, number, kind, format, as_of, state, received_at, received_by, size_bytes, sha256, numbers)
      select gen_random_uuid(), 'au-dncr', nth, 'change', 'lines', now(), 'superseded', now(), 'key:test', 1, 'ab', nth from generate_series(1, 70) nth`.execute(api.db);
    const { growth } = await itemOf('au-dncr');
    expect([growth.length, growth[0].numbers, growth.at(-1).numbers]).toEqual([60, 11, 70]);
  });

  it('says which share of the leads of each source is on the list, as it was last counted', async () => {
    expect((await itemOf('us-federal')).hitRates).toBeNull();
    expect(await countsAreOld(api.db, daysAgo(1))).toBe(false);
    await api.call('POST', '/v1/sources', { body: SOURCE });
    await api.call('POST', '/v1/sources', { body: { ...SOURCE, id: 'shop' } });
    const ids: string[] = [];
    for (const source of [SOURCE.id, SOURCE.id, SOURCE.id, SOURCE.id, 'shop']) {
      ids.push((await api.call('POST', '/v1/leads', { body: leadBody({ source }) })).json.leadId);
    }
    const hit = (lead_id: string, freed_by: string | null) => ({ lead_id, list_id: 'us-federal', since: NOW, release_id: federal[1]!, freed_by });
    await api.db.insertInto('dnc_hit').values([hit(ids[0]!, null), hit(ids[1]!, federal[1]!)]).execute();
    expect(await countsAreOld(api.db, daysAgo(1))).toBe(true);
    await countListedLeads(api.db, NOW);
    expect(await countsAreOld(api.db, daysAgo(1))).toBe(false);
    expect((await itemOf('us-federal')).hitRates).toEqual({
      countedAt: NOW.toISOString(),
      leads: 5,
      listed: 1,
      sources: [{ source: SOURCE.id, leads: 4, listed: 1, rate: 0.25 }, { source: 'shop', leads: 1, listed: 0, rate: 0 }],
    });
    await api.db.updateTable('dnc_release').set({ in_force_from: daysAgo(-1) }).where('id', '=', federal[1]!).execute();
    expect(await countsAreOld(api.db, daysAgo(1))).toBe(true);
  });
});

describe('the page of the report', () => {
  const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`anybody:${key}`).toString('base64')}` });
  const page = () => api.call('GET', '/reports/lists', { as: null, headers: basic(api.keys.auditor) });

  it('is opened by a browser that logs in with a key, and by nobody else', async () => {
    expect((await page()).status).toBe(200);
    expect((await api.call('GET', '/reports/lists', { as: null, headers: basic(api.keys.agent) })).status).toBe(403);
    const { status, headers } = await api.call('GET', '/reports/lists', { as: null });
    expect([status, headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('Basic realm="leadwarden"')]);
  });

  it('needs no script, and lets nothing in but its own style', async () => {
    const { headers, text } = await page();
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/);
    expect(text).not.toMatch(/<script|<img|<link|style=|\son\w+=|javascript:/);
  });

  it('draws the size of each list and the leads it hit, with the same in words', async () => {
    const { text } = await page();
    expect(text.match(/<svg viewBox="0 0 760/g)).toHaveLength(6);
    expect(text).toContain('2 releases, from 1,000,000 numbers as of 2026-10-15 to 1,000,900 as of 2026-10-29. 5 leads were hit and 1 freed by them.');
    expect(text).toContain('role="img" aria-labelledby="title-us-federal" aria-describedby="words-us-federal"');
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('escapes what people have written', async () => {
    const named = { id: 'evil', jurisdiction: 'US', name: '<b>"&', effect: 'block' as const, created_at: NOW };
    await api.db.insertInto('dnc_list').values(named).execute();
    const { text } = await page();
    expect(text).toContain('&lt;b&gt;&quot;&amp;');
    expect(text).not.toContain('<b>');
  });
});

describe('the metrics of lists', () => {
  it('say how old they are and how long they will do', async () => {
    const metrics = new Metrics();
    const measure = measureLists(metrics, api.db, () => NOW);
    await measure();
    const text = await metrics.registry.metrics();
    expect(text).toContain(`leadwarden_list_age_seconds{list="us-federal"} ${26 * 86_400}`);
    expect(text).toContain(`leadwarden_list_stale_in_seconds{list="us-federal"} ${5 * 86_400}`);
    expect(text).toContain(`leadwarden_list_stale_in_seconds{list="gb-tps"} ${-86_400}`);
    expect(text).not.toContain('leadwarden_list_age_seconds{list="au-dncr"}');
    expect(text).not.toContain('leadwarden_list_stale_in_seconds{list="ours"}');
  });
});
