import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  for (const id of [SOURCE.id, 'sold']) await api.call('POST', '/v1/sources', { body: { ...SOURCE, id } });
});
afterAll(() => api.stop());

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

interface Lead {
  id: string;
  phone: string;
}

/** The codes that stand against a call to a new lead, once something was reported of it. */
async function codesAfter(report: (lead: Lead) => Promise<unknown>, changes: object = {}): Promise<string[]> {
  const body = leadBody({ acquiredAt: ago(10_000), ...changes });
  const { json } = await api.call('POST', '/v1/leads', { body });
  await report({ id: json.leadId, phone: body.phone as string });
  const preview = await api.call('POST', '/v1/clearances/preview', { body: { leadId: json.leadId, channel: 'call', purpose: 'marketing' } });
  expect(preview.status).toBe(200);
  return preview.json.reasons.map((reason: { code: string }) => reason.code);
}

const post = (path: string, body: object) => api.call('POST', path, { body });

describe('what is reported of a person', () => {
  it.each<[string, string, (lead: Lead) => Promise<unknown>]>([
    ['a suppression', 'suppressed', ({ phone }) => post('/v1/suppressions', { phone, kind: 'complaint' })],
    ['an opt-out in a call', 'suppressed', ({ id }) => post(`/v1/leads/${id}/contacts`, {
      channel: 'call', purpose: 'marketing', startedAt: ago(20), endedAt: ago(19), outcome: 'opted_out',
    })],
    ['a refusal', 'cooldown', ({ id }) => post(`/v1/leads/${id}/contacts`, {
      channel: 'call', purpose: 'marketing', startedAt: ago(20), endedAt: ago(19), outcome: 'refused',
    })],
    ['a withdrawal of everything', 'consent_revoked', ({ id }) => post(`/v1/leads/${id}/revocations`, {})],
    ['words that may be an opt-out', 'opt_out_unclear', ({ id }) => post(`/v1/leads/${id}/revocations`, { unclear: true })],
    ['a number that somebody else has', 'reassigned', ({ id }) => post(`/v1/leads/${id}/reassigned-answers`, { answer: 'yes', askedAt: ago(5) })],
  ])('counts at the gate: %s is %s', async (_, code, report) => {
    expect(await codesAfter(() => Promise.resolve())).not.toContain(code);
    expect(await codesAfter(report)).toContain(code);
  });

  it('counts no longer once it is lifted, restored or settled', async () => {
    const lifted = await codesAfter(async ({ phone }) => {
      const { json } = await post('/v1/suppressions', { phone, kind: 'opt_out' });
      await post(`/v1/suppressions/${json.id}/lift`, { reason: 'Wrong person', evidence: { method: 'letter' } });
    });
    const restored = await codesAfter(async ({ id }) => {
      await post(`/v1/leads/${id}/revocations`, { revokedAt: ago(10) });
      await post(`/v1/leads/${id}/consents`, { channel: 'call', purpose: 'marketing', obtainedAt: ago(5) });
    });
    const settled = await codesAfter(async ({ id }) => {
      const { json } = await post(`/v1/leads/${id}/revocations`, { unclear: true });
      await post(`/v1/queues/unclear-opt-outs/${json.id}/resolve`, { meaning: 'no_opt_out' });
    });
    const codes = [...lifted, ...restored, ...settled];
    for (const code of ['suppressed', 'consent_revoked', 'opt_out_unclear']) expect(codes).not.toContain(code);
  });

  it('counts of a source too: people who came from a suspended one are not called', async () => {
    const suspend = () => post('/v1/sources/sold/suspension', { reason: 'Sold without consent' });
    expect(await codesAfter(suspend, { source: 'sold' })).toContain('source_suspended');
    expect(await codesAfter(() => api.call('DELETE', '/v1/sources/sold/suspension'), { source: 'sold' })).not.toContain('source_suspended');
  });
});
