import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { countHeld, holdStands, insertHold, lockHolds } from '../../db/legal-holds.ts';
import { createApiKey, digestOf, keyIdOf } from '../../api/key-format.ts';
import { registerApiKey } from '../../db/api-keys.ts';
import { createClockedApi } from './clocked-api.ts';
import { leadBody, placesOf, SOURCE, type RunningApi } from './running-api.ts';

const DAY_MS = 86_400_000;
const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';

let api: RunningApi;
let passTime: (ms: number) => void;
let secondPerson: string;

beforeAll(async () => {
  ({ api, passTime } = await createClockedApi());
  for (const id of [SOURCE.id, 'web-form', 'partner-x']) await api.call('POST', '/v1/sources', { body: { ...SOURCE, id } });
  secondPerson = createApiKey();
  await registerApiKey(api.db, {
    id: keyIdOf(secondPerson) ?? '', name: 'second', role: 'compliance', digest: digestOf(secondPerson), createdAt: new Date(), expiresAt: null,
  });
});
afterAll(() => api.stop());

const place = async (about: object) => api.call('POST', '/v1/holds', { body: { reason: 'Case 7/2026', ...about }, as: 'compliance' });
const acquire = async (changes: object = {}): Promise<string> => (await api.call('POST', '/v1/leads', { body: leadBody(changes) })).json.leadId;
const bySecond = (path: string) => api.call('POST', path, { as: null, headers: { authorization: `Bearer ${secondPerson}` } });
const release = async (id: string) => {
  await api.call('POST', `/v1/holds/${id}/release`, { body: { reason: 'Case closed' }, as: 'compliance' });
  return bySecond(`/v1/holds/${id}/release/approve`);
};

async function held(leadId: string): Promise<boolean> {
  const { json } = await api.call('GET', `/v1/leads/${leadId}/retention`);
  const { rows: [row] } = await sql<{ stands: boolean }>`select ${holdStands(api.context.now())} as stands from lead where id = ${leadId}`.execute(api.db);
  expect(row?.stands).toBe(json.held.length > 0);
  return json.held.length > 0;
}

describe('an order not to dispose', () => {
  it('is about one lead, which hears of it at once', async () => {
    const [leadId, other] = [await acquire(), await acquire()];
    const { status, json, headers } = await place({ lead: leadId });
    expect([status, headers.get('location')]).toEqual([201, `/v1/holds/${json.holdId}`]);
    expect(json).toMatchObject({ state: 'standing', kind: 'lead', lead: leadId, until: null, release: null, covers: { leads: 1, isExact: true } });
    expect(await Promise.all([held(leadId), held(other)])).toEqual([true, false]);
    expect(api.announced).toContain(leadId);
    const told = await api.db.selectFrom('outbox').select(['signal', 'said']).where('fact_id', '=', json.holdId).execute();
    expect(told).toEqual([{ signal: 'lifecycleChanged', said: 'a hold was placed' }]);
    const { json: timeline } = await api.call('GET', `/v1/leads/${leadId}/timeline`);
    expect(timeline.items.at(-1)).toMatchObject({ type: 'held', summary: 'Held: not to be disposed of.' });
  });

  it('can be placed at the address of the lead, and its release agreed to by the id alone', async () => {
    const leadId = await acquire();
    const reply = await api.call('POST', `/v1/leads/${leadId}/holds`, { body: { reason: 'Case 8/2026' }, as: 'compliance' });
    const { holdId } = reply.json;
    expect([reply.status, reply.headers.get('location')]).toEqual([201, `/v1/holds/${holdId}`]);
    expect(reply.json).toMatchObject({ state: 'standing', kind: 'lead', lead: leadId, reason: 'Case 8/2026', until: null });
    expect(await held(leadId)).toBe(true);
    const agree = (id: string, key?: string) => (key ? bySecond(`/v1/approvals/${id}`) : api.call('POST', `/v1/approvals/${id}`, { as: 'compliance' }));
    expect((await agree(holdId)).json.code).toBe('release_not_asked');
    await api.call('POST', `/v1/holds/${holdId}/release`, { body: { reason: 'Case closed' }, as: 'compliance' });
    expect(await agree(holdId)).toMatchObject({ status: 403, json: { code: 'second_person_needed' } });
    expect((await agree(holdId, secondPerson)).json).toMatchObject({ kind: 'hold_release', hold: { holdId, state: 'released' } });
    expect(await held(leadId)).toBe(false);
    expect(await agree(UNKNOWN)).toMatchObject({ status: 404, json: { code: 'unknown_approval' } });
    expect(await api.call('POST', `/v1/leads/${UNKNOWN}/holds`, { body: { reason: 'x' } })).toMatchObject({ status: 404, json: { code: 'unknown_lead' } });
    const two = await api.call('POST', `/v1/leads/${leadId}/holds`, { body: { reason: 'x', source: SOURCE.id } });
    expect(placesOf(two)).toEqual([['', 'unknown_field']]);
  });

  it('is about everybody of a source or a campaign, later ones and second acquisitions included', async () => {
    const phone = leadBody().phone;
    const before = await acquire({ source: 'web-form', campaign: 'autumn' });
    const twice = await acquire({ phone });
    const [bySource, byCampaign] = [await place({ source: 'web-form' }), await place({ campaign: 'autumn' })];
    expect([bySource.json.covers, byCampaign.json.covers]).toEqual([{ leads: 1, isExact: true }, { leads: 1, isExact: true }]);
    expect(await Promise.all([held(before), held(twice)])).toEqual([true, false]);
    await acquire({ phone, source: 'web-form' });
    const later = await acquire({ campaign: 'autumn' });
    expect(await Promise.all([held(twice), held(later)])).toEqual([true, true]);
    expect((await api.call('GET', `/v1/holds/${bySource.json.holdId}`)).json.covers).toEqual({ leads: 2, isExact: true });
    for (const { json } of [bySource, byCampaign]) expect((await release(json.holdId)).status).toBe(200);
    expect(await Promise.all([before, twice, later].map(held))).toEqual([false, false, false]);
  });

  it('is about what a search describes', async () => {
    const [american, british] = [await acquire(), await acquire({ phone: '+447400123456', source: 'partner-x', campaign: 'x' })];
    for (const search of [{ jurisdiction: 'GB' }, { source: 'partner-x' }, { campaign: 'x', jurisdiction: 'GB' }, { source: 'partner-x', stage: 'acquired' }]) {
      const { json } = await place({ search });
      expect([json.covers.leads, await held(american), await held(british)]).toEqual([1, false, true]);
      await release(json.holdId);
    }
    const from = api.context.now();
    const [acquiredFrom, acquiredTo] = [1, DAY_MS].map((ms) => new Date(from.getTime() + ms).toISOString());
    const { json } = await place({ search: { acquiredFrom, acquiredTo } });
    passTime(1000);
    const within = await acquire();
    expect(await Promise.all([held(american), held(within)])).toEqual([false, true]);
    await release(json.holdId);
  });

  it('by stage keeps those that have left the stage since', async () => {
    const leadId = await acquire({ source: 'partner-x' });
    const { json } = await place({ search: { stage: 'acquired', source: 'partner-x' } });
    await api.db.updateTable('lead').set({ stage: 'archived' }).where('id', '=', leadId).execute();
    expect(await held(leadId)).toBe(false);
    const at = api.context.now();
    await api.db.insertInto('stage_change').values({ id: UNKNOWN, lead_id: leadId, from_stage: 'acquired', to_stage: 'archived', at }).execute();
    expect(await held(leadId)).toBe(true);
    await release(json.holdId);
  });

  it('ends by itself where it was placed until a day', async () => {
    const leadId = await acquire();
    const until = new Date(api.context.now().getTime() + DAY_MS).toISOString();
    const { json } = await place({ lead: leadId, until });
    expect(await held(leadId)).toBe(true);
    passTime(DAY_MS);
    expect([await held(leadId), (await api.call('GET', `/v1/holds/${json.holdId}`)).json.state]).toEqual([false, 'over']);
    const asked = await api.call('POST', `/v1/holds/${json.holdId}/release`, { body: { reason: 'late' } });
    expect([asked.status, asked.json.code]).toEqual([409, 'hold_ended']);
  });

  it('is released by two persons: one asks, another agrees, and until then it stands', async () => {
    const leadId = await acquire();
    const { json: { holdId } } = await place({ lead: leadId });
    const early = await bySecond(`/v1/holds/${holdId}/release/approve`);
    expect([early.status, early.json.code]).toEqual([409, 'release_not_asked']);
    const asked = await api.call('POST', `/v1/holds/${holdId}/release`, { body: { reason: 'Case closed' }, as: 'compliance' });
    expect(asked.json).toMatchObject({ state: 'release_asked', release: { reason: 'Case closed', approvedBy: null } });
    const again = await api.call('POST', `/v1/holds/${holdId}/release`, { body: { reason: 'Once more' } });
    expect([again.status, again.json.code]).toEqual([409, 'already_settled']);
    const alone = await api.call('POST', `/v1/holds/${holdId}/release/approve`, { as: 'compliance' });
    expect([alone.status, alone.json.code]).toEqual([403, 'second_person_needed']);
    expect(await held(leadId)).toBe(true);
    const agreed = await bySecond(`/v1/holds/${holdId}/release/approve`);
    expect([agreed.status, agreed.json.state]).toEqual([200, 'released']);
    expect(await held(leadId)).toBe(false);
    const twice = await bySecond(`/v1/holds/${holdId}/release/approve`);
    expect([twice.status, twice.json.code]).toEqual([409, 'hold_ended']);
    const { json: timeline } = await api.call('GET', `/v1/leads/${leadId}/timeline`);
    expect(timeline.items.map(({ type }: { type: string }) => type)).toEqual(expect.arrayContaining(['held', 'hold_released']));
  });

  it.each([
    ['nothing', {}, '/', 'exactly_one'],
    ['two things at once', { source: 'web-form', campaign: 'autumn' }, '/', 'exactly_one'],
    ['an empty search', { search: {} }, '/search', 'too_short'],
    ['a search by phone', { search: { jurisdiction: 'US', phone: '+12025550100' } }, '/search', 'unknown_field'],
    ['an end that is over', { source: 'web-form', until: '2020-01-01T00:00:00Z' }, '/until', 'in_past'],
    ['no reason', { source: 'web-form', reason: '' }, '/reason', 'too_short'],
    ['a source that nobody registered', { source: 'nowhere' }, '/source', 'unknown_source'],
  ])('about %s is refused', async (_, about, pointer, code) => {
    const reply = await place(about);
    expect([reply.status, placesOf(reply)]).toEqual([422, [[pointer === '/' ? '' : pointer, code]]]);
  });

  it('about nobody is refused', async () => {
    const { status, json } = await place({ lead: UNKNOWN });
    expect([status, json.code]).toEqual([404, 'unknown_lead']);
    expect((await api.call('GET', `/v1/holds/${UNKNOWN}`)).json.code).toBe('unknown_hold');
  });

  it('is listed, newest first, page by page', async () => {
    const all: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const { json } = await api.call('GET', `/v1/holds?limit=3${next === '' ? '' : `&after=${next}`}`, { as: 'auditor' });
      all.push(...json.items.map(({ holdId }: { holdId: string }) => holdId));
      next = json.next;
    }
    expect(all.length).toBeGreaterThan(6);
    expect(all).toEqual([...all].sort().reverse());
    const { count } = await api.db.selectFrom('legal_hold').select(({ fn }) => fn.countAll<bigint>().as('count')).executeTakeFirstOrThrow();
    expect(all).toHaveLength(Number(count));
  });
});

describe('placing an order', () => {
  it('waits for what is being destroyed, and what is destroyed later sees it', async () => {
    const leadId = await acquire();
    const order: string[] = [];
    const ready = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const destroying = api.db.transaction().execute(async (tx) => {
      await lockHolds(tx, 'shared');
      ready.resolve();
      await go.promise;
      order.push('destroyed');
    });
    await ready.promise;
    const placing = place({ lead: leadId }).then(() => order.push('placed'));
    // Another one that destroys is not kept waiting for ever by the order that waits.
    await sql`select pg_sleep(0.05)`.execute(api.db);
    go.resolve();
    await Promise.all([destroying, placing]);
    expect(order).toEqual(['destroyed', 'placed']);
    await api.db.transaction().execute(async (tx) => {
      await lockHolds(tx, 'shared');
      const { rows: [row] } = await sql<{ stands: boolean }>`select ${holdStands(api.context.now())} as stands from lead where id = ${leadId}`.execute(tx);
      expect(row?.stands).toBe(true);
    });
  });
});

describe('with twenty thousand orders about single leads', () => {
  it('whether one stands is read from indexes', async () => {
    const leadId = await acquire();
    await sql`insert into lead (id, token, jurisdictions, stage_since, source_id, created_at)
      select gen_random_uuid(), n + 1000, array['US'], now(), ${SOURCE.id}, now() from generate_series(1, 20000) n`.execute(api.db);
    await sql`insert into legal_hold (id, kind, lead_id, reason, placed_by, placed_at)
      select gen_random_uuid(), 'lead', id, 'many', 'key:x', now() from lead where token between 1001 and 21000`.execute(api.db);
    await sql`analyze legal_hold`.execute(api.db);
    await sql`analyze lead`.execute(api.db);
    const { rows } = await sql<{ 'QUERY PLAN': string }>`explain select ${holdStands(api.context.now())} from lead where id = ${leadId}`.execute(api.db);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('legal_hold_by_lead');
    expect(plan).not.toMatch(/Seq Scan on (legal_hold|lead)\b/);
    expect(await countHeld(api.db, { kind: 'source', sourceId: SOURCE.id })).toMatchObject({ isExact: true });
    expect(await countHeld(api.db, { kind: 'search', search: { jurisdiction: 'US' } })).toMatchObject({ isExact: true });
    await api.db.transaction().execute((tx) => insertHold(tx, { kind: 'lead', leadId }, { reason: 'x', until: null, by: 'key:x' }, new Date()));
    expect(await held(leadId)).toBe(true);
  });
});
