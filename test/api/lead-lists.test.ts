import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { leadListQuery, type LeadFilter } from '../../db/lead-views.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

async function pages(query: string): Promise<{ ids: string[]; pages: number }> {
  const ids: string[] = [];
  let address = `/v1/leads?${query}`;
  for (let count = 1; ; count += 1) {
    const { json, headers } = await api.call('GET', address);
    ids.push(...json.items.map((item: { leadId: string }) => item.leadId));
    const link = headers.get('link');
    expect(link === null).toBe(json.next === null);
    if (link === null) return { ids, pages: count };
    address = /^<([^>]+)>; rel="next"$/.exec(link)?.[1] ?? '';
    expect(address).toContain(`after=${encodeURIComponent(json.next)}`);
  }
}

describe('the list of leads', () => {
  const made: { id: string; source: string; campaign?: string }[] = [];

  beforeAll(async () => {
    for (const id of [SOURCE.id, 'web']) await api.call('POST', '/v1/sources', { body: { ...SOURCE, id } });
    for (let index = 0; index < 12; index += 1) {
      const source = index % 3 === 0 ? 'web' : SOURCE.id;
      const campaign = index % 2 === 0 ? 'spring' : 'autumn';
      const body = leadBody({ source, campaign });
      const { json } = await api.call('POST', '/v1/leads', { body });
      // Once more from the same source and campaign: a lead is listed once, however often it came.
      await api.call('POST', '/v1/leads', { body });
      made.push({ id: json.leadId, source, campaign });
    }
  });

  it('shows every lead once, newest first, whatever the size of its pages', async () => {
    const wanted = made.map((lead) => lead.id).reverse();
    for (const [limit, count] of [[1, 12], [5, 3], [12, 1], [200, 1]]) {
      expect(await pages(`limit=${limit}`)).toEqual({ ids: wanted, pages: count });
    }
  });

  it.each([
    ['source=web', (lead: { source: string }) => lead.source === 'web'],
    ['campaign=spring', (lead: { campaign?: string }) => lead.campaign === 'spring'],
    ['source=web&campaign=autumn', (lead: { source: string; campaign?: string }) => lead.source === 'web' && lead.campaign === 'autumn'],
    ['stage=acquired', () => true],
    ['stage=active', () => false],
    ['stage=acquired&source=web', (lead: { source: string }) => lead.source === 'web'],
    ['source=nobody', () => false],
  ])('shows only what %s asks for, page by page', async (query, fits) => {
    const wanted = made.filter(fits).map((lead) => lead.id).reverse();
    expect((await pages(`${query}&limit=2`)).ids).toEqual(wanted);
  });

  it('is masked', async () => {
    const { json } = await api.call('GET', '/v1/leads?limit=200', { as: 'agent' });
    for (const lead of json.items) expect(lead.phone).toMatch(/^\+1\d{3}\*{5}\d{2}$/);
  });

  it('does not know the cursor of another list', async () => {
    const sources = await api.call('GET', '/v1/sources?limit=1');
    const reply = await api.call('GET', `/v1/leads?after=${sources.json.next}`);
    expect([reply.status, reply.json.errors[0].pointer]).toEqual([422, '?after']);
  });
});

describe('the list of many leads', () => {
  const LATEST = '0198ffff-ffff-7fff-bfff-ffffffffffff';

  beforeAll(async () => {
    await sql`
      insert into lead (id, token, jurisdictions, stage, stage_since, source_id, created_at)
      select ('01980000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, n, '{US}',
             case when n % 100 = 0 then 'suppressed' else 'active' end, now(), ${SOURCE.id}, now()
      from generate_series(1, 30000) n`.execute(api.db);
    await sql`
      insert into acquisition (id, lead_id, source_id, acquired_at, received_at, method, campaign)
      select gen_random_uuid(), id, case when token % 1000 = 0 then 'web' else ${SOURCE.id} end, now(), now(), 'test',
             case when token % 500 = 0 then 'rare' else 'usual' end
      from lead where token between 1 and 30000`.execute(api.db);
    await sql`analyze lead, acquisition`.execute(api.db);
  });

  async function planOf(filter: LeadFilter): Promise<string> {
    const { sql: text, parameters } = leadListQuery(api.db, filter, LATEST, 51).compile();
    const literal = text.replace(/\$(\d+)/g, (_, number) => `'${String(parameters[Number(number) - 1])}'`);
    const { rows } = await sql.raw<{ 'QUERY PLAN': string }>(`explain (costs off) ${literal}`).execute(api.db);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }

  it.each<[string, LeadFilter]>([
    ['nothing', {}],
    ['a stage', { stage: 'suppressed' }],
    ['a rare source', { source: 'web' }],
    ['a frequent source', { source: SOURCE.id }],
    ['a rare campaign', { campaign: 'rare' }],
    ['a frequent campaign', { campaign: 'usual' }],
    ['a source and a campaign', { source: 'web', campaign: 'usual' }],
    ['a frequent source and stage', { source: SOURCE.id, stage: 'active' }],
  ])('walks an index in its own order and sorts nothing when it is asked for %s', async (_name, filter) => {
    const plan = await planOf(filter);
    expect(plan).toMatch(/Index (Only )?Scan/);
    expect(plan).not.toMatch(/Sort|Seq Scan|Hash/);
  });

  it.each<[string, LeadFilter, string]>([
    ['stage', { stage: 'suppressed' }, 'lead_by_stage'],
    ['source', { source: 'web' }, 'acquisition_by_source'],
    ['campaign', { campaign: 'rare' }, 'acquisition_by_campaign'],
  ])('finds what is rare by the index of its %s', async (_name, filter, index) => {
    const plan = await planOf(filter);
    expect(plan).toContain(index);
    expect(plan).not.toContain('Merge Join');
  });
});
