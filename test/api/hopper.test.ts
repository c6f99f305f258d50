import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { createReviewActivities } from '../../activities/review.ts';
import { contactAreasQuery, walkHopperQuery } from '../../db/hopper.ts';
import { newId } from '../../db/ids.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

/** Noon in New York, nine in the morning in Los Angeles, six in the evening in Berlin. */
const NOON = new Date('2026-11-24T17:00:00Z');
/** Eight in the evening in Los Angeles, eleven at night in New York. */
const LATE = new Date('2026-11-25T04:00:00Z');

let clock = NOON;
let api: RunningApi;
beforeAll(async () => {
  api = await startApi({ now: () => clock });
  for (const id of [SOURCE.id, 'web']) await api.call('POST', '/v1/sources', { body: { ...SOURCE, id, kind: 'web_form' } });
  await api.db.insertInto('dnc_list').values({
    id: 'us-federal', jurisdiction: 'US', name: 'Registry', effect: 'block_unless_consent', created_at: NOON, release_id: newId(),
    release_as_of: new Date('2026-11-23T00:00:00Z'),
  }).execute();
});
afterAll(() => api.stop());
beforeEach(() => void (clock = NOON));

const reviewLead = (id: string) => createReviewActivities({ db: api.db, now: () => clock }).reviewLead(id);

async function lead(changes: object, at = clock): Promise<string> {
  const { json } = await api.call('POST', '/v1/leads', { body: leadBody(changes) });
  clock = at;
  await reviewLead(json.leadId);
  clock = NOON;
  return json.leadId;
}

async function hopper(query = ''): Promise<string[]> {
  const ids: string[] = [];
  let after = '';
  do {
    const { json, status } = await api.call('GET', `/v1/leads?contactable=true${query}${after}`);
    expect(status).toBe(200);
    ids.push(...json.items.map(({ leadId }: { leadId: string }) => leadId));
    after = json.next === null ? '' : `&after=${json.next}`;
  } while (after !== '');
  return ids;
}

describe('the leads who may be called now', () => {
  let eastern: string;
  let western: string;
  let campaign: string;

  beforeAll(async () => {
    eastern = await lead({ phone: '+12125550143', acquiredAt: '2026-11-01T00:00:00Z' }, new Date('2026-11-24T16:00:00Z'));
    western = await lead({ phone: '+12135550143', acquiredAt: '2026-11-01T00:00:00Z' }, new Date('2026-11-24T15:00:00Z'));
    campaign = await lead({ phone: '+12125550144', acquiredAt: '2026-11-01T00:00:00Z', source: 'web', campaign: 'spring' }, NOON);
  });

  it('stand in the order in which they wait, whatever the size of a page', async () => {
    for (const query of ['', '&limit=1', '&limit=2', '&limit=200']) expect(await hopper(query)).toEqual([western, eastern, campaign]);
  });

  it.each<[string, () => string[]]>([
    ['&source=web', () => [campaign]],
    ['&campaign=spring', () => [campaign]],
    ['&source=web&campaign=autumn', () => []],
    ['&stage=active', () => [western, eastern, campaign]],
    ['&stage=suppressed', () => []],
    ['&limit=1&source=web', () => [campaign]],
  ])('can be filtered by %s', async (query, wanted) => {
    expect(await hopper(query)).toEqual(wanted());
  });

  it('change with the hour, without a review', async () => {
    clock = LATE;
    expect(await hopper()).toEqual([western]);
    clock = new Date('2026-11-25T09:00:00Z');
    expect(await hopper()).toEqual([]);
  });

  it('leave out whom the gate would refuse, though no review has heard of it', async () => {
    const { token } = await api.db.selectFrom('lead').select('token').where('id', '=', western).executeTakeFirstOrThrow();
    const id = newId();
    await api.db.insertInto('suppression').values({ id, token: token!, kind: 'opt_out', channel: 'call', reported_at: NOON, received_at: NOON }).execute();
    expect(await hopper('&limit=1')).toEqual([eastern, campaign]);
    await api.db.deleteFrom('suppression').where('id', '=', id).execute();
    expect(await hopper()).toHaveLength(3);
  });

  it('come back when quiet time is over, without a review', async () => {
    const ended = new Date('2026-11-24T14:30:00Z');
    await api.db.insertInto('contact').values({
      id: newId(), lead_id: eastern, clearance_id: null, channel: 'call', purpose: 'marketing', campaign: null, seller: 'acme', outcome: 'no_answer',
      started_at: ended, ended_at: ended, received_at: ended, caller_id: null, agent: null, reference: null,
    }).execute();
    await reviewLead(eastern);
    expect(await hopper()).toEqual([western, campaign]);
    clock = new Date('2026-11-24T18:29:59Z');
    expect(await hopper()).toEqual([western, campaign]);
    clock = new Date('2026-11-24T18:30:00Z');
    expect(await hopper()).toEqual([western, campaign, eastern]);
  });

  it('are told apart from others when a lead is read, without a review', async () => {
    const { json } = await api.call('GET', `/v1/leads/${eastern}`);
    expect([json.blockers, json.contactableFrom]).toEqual([['cooldown'], '2026-11-24T18:30:00.000Z']);
    const free = await api.call('GET', `/v1/leads/${western}`);
    expect([free.json.blockers, free.json.contactableFrom]).toEqual([[], NOON.toISOString()]);
    await api.db.updateTable('dnc_list').set({ release_id: null }).execute();
    const unchecked = await api.call('GET', `/v1/leads/${western}`);
    expect([unchecked.json.blockers, unchecked.json.contactableFrom]).toEqual([['list_missing'], null]);
    await api.db.updateTable('dnc_list').set({ release_id: newId() }).execute();
  });

  it.each(['contactable=false', 'contactable=true&after=abc', 'contactable=true&limit=0'])('refuses %s', async (query) => {
    expect((await api.call('GET', `/v1/leads?${query}`)).status).toBe(422);
  });
});

describe('the hopper of many leads', () => {
  beforeAll(async () => {
    await sql`
      insert into lead (id, token, jurisdictions, stage, stage_since, source_id, created_at, contact_area, contactable_from)
      select ('01980000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, n, '{US}', 'active', now(), ${SOURCE.id}, now(),
             'US|America/Zone_' || n % 40 || '|', case when n % 3 > 0 then now() - n * interval '1 second' end
      from generate_series(1, 100000) n`.execute(api.db);
    await sql`analyze lead`.execute(api.db);
  });

  async function planOf(query: { compile(db: RunningApi['db']): { sql: string; parameters: readonly unknown[] } }): Promise<string> {
    const { sql: text, parameters } = query.compile(api.db);
    const literal = text.replace(/\$(\d+)/g, (_, number) => literalOf(parameters[Number(number) - 1]));
    const { rows } = await sql.raw<{ 'QUERY PLAN': string }>(`explain (analyze, costs off, timing off, summary off) ${literal}`).execute(api.db);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  }

  it('finds its areas by steps into the index', async () => {
    const plan = await planOf(contactAreasQuery);
    expect(plan).toMatch(/Index Only Scan using lead_by_contactability/);
    expect(plan).not.toMatch(/Seq Scan on lead|Sort/);
  });

  it('walks the index of each area and sorts no more than it takes', async () => {
    const areas = ['US|America/Zone_1|', 'US|America/Zone_2|'];
    const after = { from: new Date(Date.now() - 60_000), id: '01980000-0000-7000-8000-000000000001' };
    for (const place of [null, after]) {
      const plan = await planOf(walkHopperQuery({ areas, until: new Date(), after: place }, 50));
      expect(plan).toMatch(/Index (Only )?Scan using lead_by_contactability/);
      expect(plan).not.toMatch(/Seq Scan on lead|Incremental/);
      // The only sort is of what the areas' walks brought.
      expect(plan.match(/Sort Key/g)).toHaveLength(1);
      expect(plan.indexOf('Sort Key')).toBeLessThan(plan.indexOf('Nested Loop'));
    }
  });
});

function literalOf(value: unknown): string {
  if (Array.isArray(value)) return `'{${value.map((each) => `"${String(each)}"`).join(',')}}'`;
  return value instanceof Date ? `'${value.toISOString()}'` : `'${String(value)}'`;
}
