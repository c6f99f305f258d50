import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createReviewActivities } from '../../activities/review.ts';
import { tellClosed } from '../../db/closures.ts';
import { createClockedApi } from './clocked-api.ts';
import { leadBody, SOURCE, type RunningApi } from './running-api.ts';

let api: RunningApi;
let passTime: (ms: number) => void;
beforeAll(async () => {
  ({ api, passTime } = await createClockedApi());
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const acquire = async (changes: object = {}): Promise<string> => (await api.call('POST', '/v1/leads', { body: leadBody(changes) })).json.leadId;
const register = (id: string) => api.call('POST', '/v1/sources', { body: { ...SOURCE, id } });
const close = (id: string) => api.call('POST', `/v1/sources/${id}/close`, { as: 'compliance', body: { reason: 'The fair is over' } });
const review = (leadId: string) => createReviewActivities({ db: api.db, now: api.context.now }).reviewLead(leadId);
const forget = () => api.db.deleteFrom('outbox').execute();
const told = async () => (await api.db.selectFrom('outbox').select(['subject', 'signal', 'lane', 'said']).orderBy('subject').execute());

/** Tells everybody, so many acquisitions at a time; answers what each turn came to. */
async function tellAll(limit: number) {
  const turns = [];
  const tell = () => tellClosed(api.db, api.context.now(), limit);
  for (let turn = await tell(); turn; turn = await tell()) turns.push(turn);
  return turns;
}

describe('a source that is closed', () => {
  it('has those archived that came from it alone, from the next look on, and nobody else', async () => {
    await register('closing');
    const phone = leadBody().phone;
    const [alone, elsewhere, both] = [await acquire({ source: 'closing' }), await acquire(), await acquire({ phone, source: 'closing' })];
    await acquire({ phone });
    for (const leadId of [alone, elsewhere, both]) expect((await review(leadId)).action).toBeUndefined();
    passTime(60_000);
    const { status, json } = await close('closing');
    expect([status, json]).toMatchObject([200, { source: 'closing', campaign: null, reason: 'The fair is over', toldAt: null }]);
    const reviewed = await Promise.all([alone, elsewhere, both].map(review));
    expect(reviewed.map(({ action }) => action)).toEqual(['archive', undefined, undefined]);
    expect(reviewed[0]?.archiveDueAt).toBe(json.closedAt);
    const { archive_rule: rule } = await api.db.selectFrom('lead').select('archive_rule').where('id', '=', alone).executeTakeFirstOrThrow();
    expect(rule).toBe('closure');
    expect((await api.call('GET', `/v1/leads/${alone}/retention`)).json.archiveDueAt).toBe(json.closedAt);
  });

  it('is out of use at once and for good, and stays as it was when it is closed again', async () => {
    await register('over');
    const leadId = await acquire({ source: 'over' });
    const first = await close('over');
    passTime(1_000);
    expect((await close('over')).json).toEqual(first.json);
    const call = { leadId, channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', agent: 'a-17', dialerMode: 'manual', callerId: '+12025550100' };
    const { reasons } = (await api.call('POST', '/v1/clearances', { body: call })).json;
    expect(reasons.map(({ code }: { code: string }) => code)).toContain('source_suspended');
    const resumed = await api.call('DELETE', '/v1/sources/over/suspension');
    expect([resumed.status, resumed.json.code]).toEqual([409, 'already_settled']);
    expect((await close('no-such-source')).json.code).toBe('source_not_found');
  });

  it('takes what still comes in, which is archived with its first review', async () => {
    await register('late');
    await close('late');
    passTime(60_000);
    const leadId = await acquire({ source: 'late' });
    expect(await review(leadId)).toMatchObject({ action: 'archive', archiveDueAt: api.context.now().toISOString() });
    await acquire({ source: SOURCE.id, phone: leadBody().phone });
  });
});

describe('a campaign that is closed', () => {
  it('has those archived who came with it alone', async () => {
    const [alone, other] = [await acquire({ campaign: 'summer' }), await acquire({ campaign: 'winter' })];
    const { json } = await api.call('POST', '/v1/campaigns/close', { as: 'admin', body: { campaign: 'summer', reason: 'Sold out' } });
    expect(json).toMatchObject({ source: null, campaign: 'summer' });
    expect((await Promise.all([alone, other].map(review))).map(({ action }) => action)).toEqual(['archive', undefined]);
    const first = (await api.call('GET', '/v1/closures?limit=1')).json;
    const rest = (await api.call('GET', `/v1/closures?after=${first.next}`)).json;
    expect([...first.items, ...rest.items].map(({ source, campaign }) => source ?? campaign)).toEqual(['closing', 'over', 'late', 'summer']);
  });
});

describe('the leads of what was closed', () => {
  it('are told a few at a time, each once, and only those that nothing else keeps in use', async () => {
    await tellAll(100);
    await forget();
    await register('many');
    const leads = [];
    for (let nth = 0; nth < 5; nth += 1) leads.push(await acquire({ source: 'many' }));
    const phone = leadBody().phone;
    const kept = await acquire({ source: 'many', phone });
    await acquire({ phone });
    const archived = await acquire({ source: 'many' });
    await api.db.updateTable('lead').set({ archived_at: api.context.now() }).where('id', '=', archived).execute();
    await forget();
    await close('many');
    // Of two at once one may find it taken, and leaves it to the other.
    const together = await Promise.all([tellClosed(api.db, api.context.now(), 2), tellClosed(api.db, api.context.now(), 2)]);
    expect(together.some((turn) => turn !== null)).toBe(true);
    const turns = await tellAll(2);
    expect(turns.length).toBeGreaterThanOrEqual(2);
    const words = await told();
    const word = { signal: 'lifecycleChanged', lane: 1, said: 'its source was closed' };
    expect(words).toEqual(leads.sort().map((subject) => ({ subject, ...word })));
    expect(words.map(({ subject }) => subject)).not.toContain(kept);
    const { toldAt } = (await api.call('GET', '/v1/closures')).json.items.find(({ source }: { source: string }) => source === 'many');
    expect(toldAt).toBe(api.context.now().toISOString());
    expect(await tellClosed(api.db, api.context.now(), 2)).toBeNull();
  });
});
