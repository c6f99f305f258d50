import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { answerDocument } from '../../api/person/answer-document.ts';
import { look } from '../../gate/lead-review.ts';
import { everythingAbout } from '../../intake/subject-answers.ts';
import { verifyProof } from '../../proof/verify.ts';
import { leadBody, placesOf, SOURCE, startApi, type Reply, type RunningApi } from './running-api.ts';

const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';
/** In Arizona, where mobiles are not called by hand either. */
const PHOENIX = { subject: { address: { country: 'US', region: 'AZ' } } };
const PORTED = { at: '2026-03-01T00:00:00Z', lineType: 'mobile' };

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

async function lead(changes: object = {}): Promise<string> {
  return (await api.call('POST', '/v1/leads', { body: leadBody(changes) })).json.leadId;
}

const port = (id: string, body: object = PORTED): Promise<Reply> => api.call('POST', `/v1/leads/${id}/portings`, { body });
const codesOf = ({ json }: Reply): string[] => json.reasons.map(({ code }: { code: string }) => code);
const asked = { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12025550100' };

describe('a porting', () => {
  it('is on record, listed, in the timeline, and the workflow hears of it', async () => {
    const id = await lead();
    const { status, json } = await port(id);
    expect([status, json]).toEqual([201, { id: json.id, at: '2026-03-01T00:00:00.000Z', lineType: 'mobile', receivedAt: json.receivedAt }]);
    await port(id, { at: '2026-02-01T00:00:00Z', lineType: 'voip' });
    const first = await api.call('GET', `/v1/leads/${id}/portings?limit=1`);
    const rest = await api.call('GET', `/v1/leads/${id}/portings?limit=1&after=${first.json.next}`);
    expect([...first.json.items, ...rest.json.items].map(({ lineType }: { lineType: string }) => lineType)).toEqual(['mobile', 'voip']);
    const told = await api.db.selectFrom('outbox').select(['subject', 'signal', 'lane']).where('fact_id', '=', json.id).execute();
    expect(told).toEqual([{ subject: id, signal: 'lifecycleChanged', lane: 0 }]);
    expect(api.announced).toContain(id);
    const { json: { items } } = await api.call('GET', `/v1/leads/${id}/timeline`);
    expect(items.filter(({ type }: { type: string }) => type === 'ported').map(({ at, summary }: Record<string, string>) => [at, summary])).toEqual([
      ['2026-02-01T00:00:00.000Z', 'Ported: the number is one of a voip line from then on.'],
      ['2026-03-01T00:00:00.000Z', 'Ported: the number is one of a mobile line from then on.'],
    ]);
  });

  it.each([
    ['to come', { at: '2999-01-01T00:00:00Z', lineType: 'mobile' }, '/at', 'in_future'],
    ['to no kind of line', { at: PORTED.at, lineType: 'Zyxwcanary' }, '/lineType', 'not_allowed'],
    ['to nowhere', { at: PORTED.at }, '/lineType', 'required'],
    ['with more than is known', { ...PORTED, phone: '+12025550123' }, '', 'unknown_field'],
  ])('%s is refused', async (_, body, pointer, code) => {
    const reply = await port(await lead(), body);
    expect([reply.status, placesOf(reply)]).toEqual([422, [[pointer, code]]]);
    expect(reply.text).not.toMatch(/zyxw|2025550123/i);
  });

  it('needs a lead', async () => {
    expect((await port(UNKNOWN)).json.code).toBe('unknown_lead');
    expect((await api.call('GET', `/v1/leads/${UNKNOWN}/portings`)).json.code).toBe('unknown_lead');
  });

  it('is told to the person with everything else that is held', async () => {
    const id = await lead();
    await port(id);
    const held = await everythingAbout(api.db, api.context.vault, id, 'Acme', new Date());
    if (!held) throw new Error('nothing is held');
    expect(held.portings).toEqual([{ at: '2026-03-01T00:00:00+00:00', lineType: 'mobile' }]);
    expect(answerDocument('en', { ...held, duties: [] })).toContain('Your number was taken along to another kind of line');
  });
});

describe('at the gate, a number that became a mobile', () => {
  it('is judged as one from the next question on, and by the review; before it was ported it was none', async () => {
    const id = await lead(PHOENIX);
    const preview = (at?: string) => api.call('POST', '/v1/clearances/preview', { body: { leadId: id, channel: 'call', purpose: 'marketing', at } });
    expect(codesOf(await preview())).not.toContain('dialer_mode');
    await port(id);
    const answer = await api.call('POST', '/v1/clearances', { body: { leadId: id, ...asked } });
    expect(codesOf(answer)).toContain('dialer_mode');
    expect(codesOf(await preview('2026-03-01T00:00:00Z'))).toContain('dialer_mode');
    expect(codesOf(await preview('2026-02-28T23:59:59Z'))).not.toContain('dialer_mode');
    const looked = await api.db.transaction().execute((tx) => look(tx, id, new Date()));
    expect(looked?.decided.blockers).toContain('dialer_mode');
    expect((await api.call('GET', `/v1/leads/${id}`)).json.blockers).toContain('dialer_mode');
    const { json: replay } = await api.call('POST', `/v1/clearances/${answer.json.clearanceId}/replay`, { body: { policy: 'then' } });
    expect([replay.equal, replay.differences]).toEqual([true, []]);
  });

  it('leaves every answer that was given before as it was, with its proof', async () => {
    const id = await lead(PHOENIX);
    const { json: { clearanceId } } = await api.call('POST', '/v1/clearances', { body: { leadId: id, ...asked } });
    // As it was recorded before anybody knew of portings.
    await sql`update clearance set facts = (facts::jsonb - 'portings')::text where id = ${clearanceId}`.execute(api.db);
    const { json: before } = await api.call('GET', `/v1/clearances/${clearanceId}/proof`);
    await port(id);
    const { json: after } = await api.call('GET', `/v1/clearances/${clearanceId}/proof`);
    const { json: { equal, differences } } = await api.call('POST', `/v1/clearances/${clearanceId}/replay`, { body: { policy: 'then' } });
    expect([equal, differences]).toEqual([true, []]);
    expect([after.reasons, after.facts, after.recordDigest]).toEqual([before.reasons, before.facts, before.recordDigest]);
    expect(verifyProof(after).valid).toBe(true);
  });

  it('is named in the proof by the digest of the porting', async () => {
    const id = await lead(PHOENIX);
    const { json: { id: portingId } } = await port(id);
    const { json: { clearanceId } } = await api.call('POST', '/v1/clearances', { body: { leadId: id, ...asked } });
    const { json: { facts } } = await api.call('GET', `/v1/clearances/${clearanceId}/proof`);
    expect(facts).toContainEqual({ type: 'porting', id: portingId, digest: expect.stringMatching(/^sha256:/) as unknown });
  });
});

describe('the place of a ported number', () => {
  const zonesOf = async (id: string): Promise<string[]> => (await api.call('GET', `/v1/leads/${id}`)).json.zones.toSorted();
  const AUSTRALIA = ['Adelaide', 'Brisbane', 'Eucla', 'Lord_Howe', 'Perth', 'Sydney'].map((city) => `Australia/${city}`);

  it.each<[string, string, string[]]>([
    ['mobile', '+61293744001', AUSTRALIA],
    ['voip', '+61293744002', AUSTRALIA],
    ['fixed', '+61293744003', ['Australia/Sydney']],
  ])('is the whole of Australia once it is a %s, and stays what was known of a fixed line: %s', async (lineType, phone, zones) => {
    const id = await lead({ phone });
    expect(await zonesOf(id)).toEqual(['Australia/Sydney']);
    await port(id, { ...PORTED, lineType });
    expect(await zonesOf(id)).toEqual(zones);
    await port(id, { at: '2026-04-01T00:00:00Z', lineType: 'fixed' });
    expect(await zonesOf(id)).toEqual(zones);
  });

  it('is what its area code says in North America, as for every mobile there', async () => {
    const id = await lead({ phone: '+12025550177' });
    await port(id);
    expect(await zonesOf(id)).toEqual(['America/New_York']);
  });

  it('is on the lists that it was on', async () => {
    const id = await lead();
    await api.db.insertInto('dnc_list').values({ id: 'own', jurisdiction: 'US', name: 'Own', effect: 'block', created_at: new Date() }).execute();
    await api.db.insertInto('dnc_hit').values({ lead_id: id, list_id: 'own', since: new Date(PORTED.at), release_id: UNKNOWN }).execute();
    const { json: { reasons: before } } = await api.call('POST', '/v1/clearances/preview', { body: { leadId: id, ...asked } });
    await port(id);
    const { json: { reasons } } = await api.call('POST', '/v1/clearances/preview', { body: { leadId: id, ...asked } });
    expect(before.map(({ code }: { code: string }) => code)).toContain('dnc_listed');
    expect(reasons.filter(({ code }: { code: string }) => code === 'dnc_listed')).toEqual(before.filter(({ code }: { code: string }) => code === 'dnc_listed'));
    const hits = await api.db.selectFrom('dnc_hit').select(['list_id', 'freed_by']).where('lead_id', '=', id).execute();
    expect(hits).toEqual([{ list_id: 'own', freed_by: null }]);
  });
});
