import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { plus } from '../../domain/civil-time.ts';
import { newId } from '../../db/ids.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const acquire = async (changes: object = {}) => (await api.call('POST', '/v1/leads', { body: leadBody(changes) })).json;
const retention = async (leadId: string) => (await api.call('GET', `/v1/leads/${leadId}/retention`, { as: 'agent' })).json;

describe('how long a lead is kept', () => {
  it('is told with every reason, from the facts as they are', async () => {
    const { leadId, receivedAt } = await acquire();
    const fresh = await retention(leadId);
    const unused = plus(new Date(receivedAt), 'P6M').toISOString();
    expect(fresh).toMatchObject({
      leadId, retainUntil: unused, archivedAt: null, erasureAskedAt: null, held: [], disposal: null,
      duties: [{ ground: 'company', rule: 'retention.unusedLead', jurisdiction: null, protects: 'acquisition', anchor: receivedAt, until: unused }],
    });
    const question = { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', agent: 'a-1', dialerMode: 'manual' };
    const { json: clearance } = await api.call('POST', '/v1/clearances', { body: { leadId, ...question, callerId: '+12025550100' } });
    expect(clearance).toMatchObject({ leadId });
    const asked = await retention(leadId);
    expect(asked.duties[0]).toEqual({
      ground: 'law', rule: 'evidence_retention', jurisdiction: 'US', source: '16 CFR 310.5(a); 89 FR 26760', protects: 'clearance',
      anchor: clearance.at, until: plus(new Date(clearance.at), 'P5Y').toISOString(),
    });
    expect([asked.retainUntil, asked.archiveDueAt]).toEqual([asked.duties[0].until, unused]);
    const { json: shown } = await api.call('GET', `/v1/leads/${leadId}`);
    expect([shown.retainUntil, shown.archiveDueAt]).toEqual([asked.retainUntil, asked.archiveDueAt]);
  });

  it('names the end of a contact, the use of a consent and a request', async () => {
    const { leadId } = await acquire({ consents: [{ channel: 'call', purpose: 'marketing', grade: 'express', obtainedAt: '2026-01-01T15:04:05Z' }] });
    const endedAt = new Date(Date.now() - 60_000).toISOString();
    await api.call('POST', `/v1/leads/${leadId}/contacts`, {
      body: { channel: 'call', purpose: 'marketing', startedAt: endedAt, endedAt, outcome: 'answered', reference: 'x' },
    });
    await api.call('POST', '/v1/subject-requests', { body: { leadId, kind: 'access' } });
    const { duties } = await retention(leadId);
    const law = duties.filter(({ ground }: { ground: string }) => ground === 'law').map(({ protects }: { protects: string }) => protects);
    expect(law.sort()).toEqual(['consent', 'contact', 'subject_request', 'use']);
  });

  it('is only law once the person asked to be forgotten', async () => {
    const { leadId } = await acquire();
    const at = new Date();
    await api.db.updateTable('lead').set({ erasure_asked_at: at }).where('id', '=', leadId).execute();
    expect(await retention(leadId)).toMatchObject({
      duties: [], retainUntil: at.toISOString(), erasureAskedAt: at.toISOString(),
    });
  });

  it('is nothing once it is disposed of, but its disposal is told', async () => {
    const { leadId } = await acquire();
    const at = new Date();
    const disposalId = newId();
    await api.db.insertInto('disposal').values({ id: disposalId, lead_id: leadId, ground: 'retention', opened_by: 'retention', opened_at: at }).execute();
    await api.db.insertInto('disposal_step').values({ disposal_id: disposalId, store: 'archive' }).execute();
    expect((await retention(leadId)).disposal).toMatchObject({ disposalId, ground: 'retention', completedAt: null, waitsFor: ['archive'] });
    await api.db.updateTable('lead').set({ disposed_at: at, stage: 'disposed', token: null }).where('id', '=', leadId).execute();
    expect(await retention(leadId)).toMatchObject({ stage: 'disposed', duties: [], retainUntil: null, archiveDueAt: null, disposal: { disposalId } });
  });

  it('tells nothing personal, and nothing of nobody', async () => {
    const body = leadBody({ subject: { name: 'Ada Lovelace', email: 'ada@example.com' } });
    const { json: { leadId } } = await api.call('POST', '/v1/leads', { body });
    const { text } = await api.call('GET', `/v1/leads/${leadId}/retention`);
    expect(text).not.toMatch(new RegExp(`Ada|example\\.com|${String(body.phone).slice(2)}`));
    expect((await api.call('GET', `/v1/leads/${UNKNOWN}/retention`)).json.code).toBe('unknown_lead');
  });
});
