import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MOST_BYTES } from '../../proof/sections.ts';
import { verifyProof } from '../../proof/verify.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

const PHONE = '+12025550142';
const QUESTION = { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12025550100' };
const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';

let api: RunningApi;
let clearanceId: string;
let leadId: string;

beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
  ({ leadId } = (await api.call('POST', '/v1/leads', { body: leadBody({ phone: PHONE }) })).json);
  ({ clearanceId } = (await api.call('POST', '/v1/clearances', { body: { phone: PHONE, ...QUESTION } })).json);
});
afterAll(() => api.stop());

const proofOf = (id: string) => api.call('GET', `/v1/clearances/${id}/proof`);
const verify = (body: unknown) => api.call('POST', '/v1/proofs/verify', { as: 'auditor', body });

describe('the proof of a clearance', () => {
  test('is a small file of what was answered, and tells nobody about whom', async () => {
    const { status, text, json, headers } = await proofOf(clearanceId);
    const answer = (await api.call('GET', `/v1/clearances/${clearanceId}`)).json;
    const file = headers.get('content-disposition');
    expect([status, file]).toEqual([200, `attachment; filename="clearance-${clearanceId}.proof.json"`]);
    expect(text.length).toBeLessThanOrEqual(MOST_BYTES);
    const { decision, reasons, policyVersion } = answer;
    expect(json).toMatchObject({ decision, reasons, law: { policyVersion } });
    expect(json.law.applied.map(({ rule }: { rule: string }) => rule)).toContain('call_window');
    for (const personal of [PHONE.slice(2), leadId]) expect(text).not.toContain(personal);
  });

  test('is checked with the published keys alone', async () => {
    const { json: published, headers } = await api.call('GET', '/.well-known/leadwarden-keys.json', { as: null });
    expect(headers.get('cache-control')).toContain('public');
    const trusted = published.keys.map(({ x }: { x: string }) => x);
    const { json } = await proofOf(clearanceId);
    expect(verifyProof(json, { trusted }).valid).toBe(true);
    expect(verifyProof({ ...json, decision: 'allow' }, { trusted }).valid).toBe(false);
  });

  test('is checked by the API, whose own keys are trusted', async () => {
    const { json: proof } = await proofOf(clearanceId);
    expect((await verify(proof)).json).toMatchObject({ valid: true });
    expect((await verify({ proof })).json).toMatchObject({ valid: true });
    expect((await verify({ ...proof, decision: 'allow' })).json).toMatchObject({ valid: false });
    expect((await verify({})).json).toMatchObject({ valid: false });
    expect((await verify({ proof, phone: PHONE })).json).toMatchObject({ valid: true });
    expect((await verify({ proof, opening: 'aa' })).status).toBe(422);
    expect((await verify({ proof, phone: '2025550142', opening: 'aa' })).status).toBe(422);
  });

  test('can be shown to be about oneself with the opening, which is handed out for a stated reason and on record', async () => {
    const path = `/v1/clearances/${clearanceId}/opening`;
    expect((await api.call('GET', path)).json.code).toBe('access_reason_missing');
    const { json } = await api.call('GET', path, { as: 'compliance', headers: { 'access-reason': 'asked by the person' } });
    const { json: proof } = await proofOf(clearanceId);
    expect((await verify({ proof, opening: json.opening, phone: '+1 (202) 555-0142' })).json.valid).toBe(true);
    expect((await verify({ proof, opening: json.opening, phone: '+12025550143' })).json.valid).toBe(false);
    const logged = await api.db.selectFrom('access_log').select(['lead_id', 'fields']).execute();
    expect(logged).toEqual([{ lead_id: leadId, fields: ['opening'] }]);
  });

  test.each(['proof', 'opening'])('of a clearance that is not on record does not exist: %s', async (what) => {
    const { status, json } = await api.call('GET', `/v1/clearances/${UNKNOWN}/${what}`, { headers: { 'access-reason': 'a test' } });
    expect([status, json.code]).toEqual([404, 'unknown_clearance']);
  });
});

describe('a replay', () => {
  const replay = (body: unknown, id = clearanceId) => api.call('POST', `/v1/clearances/${id}/replay`, { as: 'auditor', body });

  test('under the law of the answer is equal to it', async () => {
    const { json } = await replay({ policy: 'then' });
    expect([json.equal, json.differences]).toEqual([true, []]);
    expect(json.now.reasons).toEqual(json.then.reasons);
  });

  test('under its policy version, by name, is the same as then', async () => {
    const { json: then } = await replay({ policy: 'then' });
    expect((await replay({ policy: then.then.policyVersion })).json).toEqual(then);
  });

  test('under the law of today shows what other settings would have answered', async () => {
    const { json: settings, headers } = await api.call('GET', '/v1/settings');
    const stricter = { ...settings, reassigned: { ...settings.reassigned, required: true } };
    const changed = await api.call('PUT', '/v1/settings', { body: stricter, headers: { 'if-match': headers.get('etag') ?? '' } });
    expect(changed.status).toBe(200);
    const { json } = await replay({ policy: 'today' });
    expect(json.equal).toBe(false);
    expect(json.differences).toContainEqual(expect.objectContaining({ path: 'reasons/reassigned_unknown/company', before: null }));
    expect((await replay({ policy: 'now' })).json.differences).toEqual(json.differences);
    expect((await replay({ policy: 'then' })).json.equal).toBe(true);
  });

  test('judges another moment where one is given', async () => {
    const { json } = await replay({ policy: 'then', at: '2026-01-01T03:00:00Z' });
    expect(json.now.at).toBe('2026-01-01T03:00:00.000Z');
  });

  test('refuses policies that no answer was given under, and clearances that are not on record', async () => {
    expect((await replay({ policy: `sha256:${'0'.repeat(64)}` })).json.code).toBe('unknown_policy_version');
    expect((await replay({ policy: 'tomorrow' })).json.code).toBe('invalid_request');
    expect((await replay({ policy: 'then' }, UNKNOWN)).json.code).toBe('unknown_clearance');
  });
});
