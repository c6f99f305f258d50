import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const HOUR_MS = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();

async function newLead(): Promise<string> {
  const { json } = await api.call('POST', '/v1/leads', { body: leadBody({ acquiredAt: ago(99) }) });
  return json.leadId;
}

async function codesOf(leadId: string, changes: object = {}): Promise<string[]> {
  const body = { leadId, channel: 'email', purpose: 'marketing', ...changes };
  const { status, json } = await api.call('POST', '/v1/clearances/preview', { body });
  expect(status).toBe(200);
  return json.reasons.map(({ code }: { code: string }) => code);
}

describe('a preview of a past moment', () => {
  it('goes by the answer about a reassigned number that was there then', async () => {
    const leadId = await newLead();
    for (const [answer, hours] of [['no', 9], ['yes', 6], ['no', 3]] as const) {
      const body = { answer, askedAt: ago(hours), lastKnownGoodAt: ago(98) };
      expect((await api.call('POST', `/v1/leads/${leadId}/reassigned-answers`, { body })).status).toBe(201);
    }
    const found = await Promise.all([12, 8, 5, 1].map(async (hours) => {
      return (await codesOf(leadId, { channel: 'sms', at: ago(hours) })).filter((code) => code === 'reassigned');
    }));
    expect(found).toEqual([[], [], ['reassigned'], []]);
  });

  it('does not see a clearance that was given later', async () => {
    const leadId = await newLead();
    const asked = { leadId, channel: 'email', purpose: 'marketing', campaign: 'spring', seller: 'acme' };
    const { json } = await api.call('POST', '/v1/clearances', { body: asked });
    expect(json.decision).toBe('allow');
    const moments = [ago(1), json.at, undefined, json.validUntil];
    const found = await Promise.all(moments.map((at) => codesOf(leadId, { at })));
    expect(found).toEqual([[], ['open_clearance'], ['open_clearance'], []]);
  });
});
