import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runFolder } from '../setup/suite.ts';
import { leadBody, placesOf, SOURCE, startApi, type Reply, type RunningApi } from './running-api.ts';

const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';
const TEXT = 'I agree that Acme may call me about its offers.';
const CERTIFICATE = 'https://cert.trustedform.com/eb9fc4dd9bed9ad451a5648946cf4bf09b5bb947';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  const consentTexts = [
    { version: '2026-03', language: 'en', text: TEXT, names: ['acme'] },
    { version: '2026-03', language: 'de', text: 'Ich bin einverstanden, dass Acme mich anruft.', names: ['acme'] },
  ];
  await api.call('POST', '/v1/sources', { body: { ...SOURCE, consentTexts } });
});
afterAll(() => api.stop());

interface Given {
  leadId: string;
  id: string;
  phone: string;
}

async function given(changes: object = {}): Promise<Given> {
  const body = leadBody();
  const { leadId } = (await api.call('POST', '/v1/leads', { body })).json;
  const evidence = { textVersion: '2026-03', method: 'web_form', language: 'en', url: 'https://canary.example/fair', statement: 'Canary said yes' };
  const consent = { channel: 'call', purpose: 'marketing', obtainedAt: '2026-02-01T00:00:00Z', expiresAt: null, evidence, ...changes };
  const { json } = await api.call('POST', `/v1/leads/${leadId}/consents`, { body: consent });
  return { leadId, id: json.id, phone: String(body.phone) };
}

const certificateOf = (id: string, as: 'auditor' | 'admin' = 'auditor') => api.call('GET', `/v1/consents/${id}/certificate`, { as });
const verify = async (body: unknown) => (await api.call('POST', '/v1/proofs/verify', { body })).json;

describe('the record of a consent', () => {
  it('says in which words, when, how, and what became of it, without a word about the person', async () => {
    const consent = await given();
    await api.call('POST', `/v1/leads/${consent.leadId}/revocations`, { body: { revokedAt: '2026-03-01T00:00:00Z', via: 'email', statement: 'Canary says no' } });
    const { status, json, text, headers } = await certificateOf(consent.id);
    expect([status, headers.get('content-disposition')]).toEqual([200, `attachment; filename="consent-${consent.id}.proof.json"`]);
    expect(json.record).toMatchObject({
      record_header: { schema_version: 'ISO/IEC TS 27560:2023', record_id: consent.id, pii_principal_id: consent.leadId },
      pii_processing: [{
        language: 'en',
        privacy_notice: { version: '2026-03', presented: [{ language: 'en', text: TEXT, source: SOURCE.id }] },
        purposes: [{ purpose: 'marketing', lawful_basis: 'consent', consent_type: 'express_written', collection_method: 'web_form' }],
      }],
      party_identification: [{ party_role: 'pii_controller', party_name: 'acme' }],
      consent_events: [{ event_id: consent.id, event_state: 'given', event_time: '2026-02-01T00:00:00.000Z' }, { event_state: 'withdrawn', method: 'email' }],
      state: { state: 'revoked' },
      evidence: { kinds: ['language', 'method', 'statement', 'textVersion', 'url'] },
      third_party_verification: null,
    });
    for (const personal of [consent.phone.slice(2), 'Canary', 'canary.example']) expect(text).not.toContain(personal);
    expect(await verify(json)).toMatchObject({ valid: true });
    expect(await verify({ ...json, record: { ...json.record, state: { ...json.record.state, state: 'granted' } } })).toMatchObject({ valid: false });
  });

  it('and its receipt are checked by the command that checks proofs, changed ones are found', async () => {
    const { id } = await given();
    const folder = await mkdtemp(join(runFolder(), 'consent-'));
    const keyFile = join(folder, 'keys.json');
    await writeFile(keyFile, (await api.call('GET', '/.well-known/leadwarden-keys.json', { as: null })).text);
    for (const path of ['certificate', 'receipt']) {
      const { text } = await api.call('GET', `/v1/consents/${id}/${path}`);
      expect(await check(folder, text, keyFile)).toEqual([0, expect.stringContaining(`of consent ${id}`)]);
      expect((await check(folder, text.replaceAll('2026-02-01', '2026-02-02'), keyFile))[0]).toBe(1);
    }
  });

  it('follows the consent: confirmed, lapsed, given again, and what a third party says', async () => {
    const { id, leadId } = await given({ expiresAt: '2026-05-01T00:00:00Z', evidence: { certificate: CERTIFICATE } });
    await api.db.updateTable('certificate_check').set({ result: 'failed', reason: 'declined', answered_at: new Date(), ended_at: new Date(), answer_digest: 'sha256:x' })
      .where('consent_id', '=', id).execute();
    const { record } = (await certificateOf(id)).json;
    expect(record.state).toMatchObject({ state: 'expired', validUntil: null });
    expect(record.third_party_verification).toMatchObject({ provider: 'trustedform', result: 'failed', answerDigest: 'sha256:x' });
    expect(record.pii_processing[0].privacy_notice).toEqual({ version: null, presented: [] });
    const again = { channel: 'call', purpose: 'marketing', obtainedAt: '2026-06-01T00:00:00Z' };
    await api.call('POST', `/v1/leads/${leadId}/consents`, { body: again });
    await api.call('POST', `/v1/leads/${leadId}/consents`, { body: { ...again, channel: 'sms' } });
    const later = (await certificateOf(id)).json.record;
    expect([later.consent_events.map((each: { event_state: string }) => each.event_state), later.state.state]).toEqual([['given', 'given'], 'granted']);
  });

  it('is about the holder of the number who has its opening', async () => {
    const { id, phone } = await given();
    const path = `/v1/consents/${id}/opening`;
    expect((await api.call('GET', path)).json.code).toBe('access_reason_missing');
    const { opening, digest } = (await api.call('GET', path, { as: 'compliance', headers: { 'access-reason': 'the person asked' } })).json;
    const proof = (await certificateOf(id)).json;
    expect(proof.person.digest).toBe(digest);
    expect(await verify({ proof, opening, phone })).toMatchObject({ valid: true });
    expect(await verify({ proof, opening, phone: '+12025550100' })).toMatchObject({ valid: false });
    const other = await given();
    expect(await verify({ proof: (await certificateOf(other.id)).json, opening, phone })).toMatchObject({ valid: false });
  });

  it('of a lead that is disposed of has text, times and events still, and names nobody', async () => {
    const { id, leadId } = await given();
    await api.db.deleteFrom('keyring.subject_key').where('lead_id', '=', leadId).execute();
    await api.db.updateTable('lead').set({ disposed_at: new Date() }).where('id', '=', leadId).execute();
    const { json } = await certificateOf(id);
    expect([json.person.digest, json.record.evidence, json.record.state.state]).toEqual([null, null, 'granted']);
    // Which language it was is evidence, and gone: all in which the version was shown are there.
    expect(json.record.pii_processing[0].privacy_notice.presented.map((each: { language: string }) => each.language).sort()).toEqual(['de', 'en']);
    expect(await verify(json)).toMatchObject({ valid: true });
    const opened: Reply = await api.call('GET', `/v1/consents/${id}/opening`, { headers: { 'access-reason': 'the person asked' } });
    expect(opened.json.code).toBe('lead_disposed');
  });

  it('is there for consents that were given alone', async () => {
    const { leadId } = await given();
    const { json } = await api.call('POST', `/v1/leads/${leadId}/revocations`, { body: {} });
    for (const id of [UNKNOWN, json.id, 'x']) {
      for (const path of ['certificate', 'receipt']) {
        const reply = await api.call('GET', `/v1/consents/${id}/${path}`);
        expect([reply.status, reply.json.code]).toEqual([404, 'unknown_consent']);
      }
    }
  });
});

describe('the certificate of a third party', () => {
  const path = (id: string) => `/v1/consents/${id}/verification`;

  it('is asked about by itself, and again when somebody wants it', async () => {
    const { id, leadId } = await given({ evidence: { certificate: CERTIFICATE } });
    const { json } = await api.call('GET', path(id), { as: 'agent' });
    expect(json).toMatchObject({ consentId: id, result: 'unverified', checks: [{ provider: 'trustedform', leadId, requestedBy: 'intake', attempts: 0, endedAt: null }] });
    expect(json.checks[0].links.temporal).toContain(encodeURIComponent(`certificate/${json.checks[0].checkId}`));
    const running = await api.call('POST', path(id));
    expect([running.status, running.json.checks.length]).toEqual([202, 1]);
    expect(api.announced).toContain(json.checks[0].checkId);
    const answered = { result: 'failed' as const, reason: 'declined', answered_at: new Date(), ended_at: new Date() };
    await api.db.updateTable('certificate_check').set(answered).where('consent_id', '=', id).execute();
    const again = (await api.call('POST', path(id), { as: 'compliance' })).json;
    expect([again.result, again.checks.length, again.checks[0].requestedBy.startsWith('key:')]).toEqual(['failed', 2, true]);
    const queue = (await api.call('GET', '/v1/queues/failed-certificates', { as: 'operator' })).json.items;
    expect(queue.map((each: { consentId: string }) => each.consentId)).toContain(id);
  });

  it('that comes with an acquisition is asked about too, and leaves what the gate answers as it is', async () => {
    const consents = [{ channel: 'call', purpose: 'marketing', obtainedAt: '2026-01-01T00:00:00Z', grade: 'express_written', evidence: { certificate: CERTIFICATE } }];
    const body = leadBody({ consents });
    const { leadId } = (await api.call('POST', '/v1/leads', { body })).json;
    const question = { phone: body.phone, channel: 'call', purpose: 'marketing', dialerMode: 'manual', at: '2026-11-24T17:00:00Z' };
    const codes = async () => (await api.call('POST', '/v1/clearances/preview', { body: question })).json.reasons.map((reason: { code: string }) => reason.code);
    const before = await codes();
    const failed = { result: 'failed' as const, reason: 'declined', answered_at: new Date(), ended_at: new Date() };
    expect((await api.db.updateTable('certificate_check').set(failed).where('lead_id', '=', leadId).executeTakeFirst()).numUpdatedRows).toBe(1n);
    expect(await codes()).toEqual(before);
  });

  it('needs a consent that names one', async () => {
    const { id } = await given();
    expect((await api.call('GET', path(id))).json).toEqual({ consentId: id, result: null, checks: [] });
    const none = await api.call('POST', path(id));
    expect([none.status, none.json.code]).toEqual([422, 'no_certificate']);
    expect((await api.call('POST', path(UNKNOWN))).json.code).toBe('unknown_consent');
    expect((await api.call('GET', path(UNKNOWN))).json.code).toBe('unknown_consent');
    expect(placesOf(await api.call('GET', '/v1/queues/failed-certificates?limit=0'))).toEqual([['?limit', 'too_short']]);
  });
});

async function check(folder: string, text: string, keyFile: string): Promise<[code: number, output: string]> {
  const file = join(folder, 'consent.proof.json');
  await writeFile(file, text);
  const command = join(import.meta.dirname, '../../proof/verify-main.ts');
  const run = promisify(execFile)(process.execPath, ['--disable-warning=ExperimentalWarning', command, file, '--key', keyFile]);
  return run.then(({ stdout }) => [0, stdout], (error: unknown) => {
    const { code, stdout } = error as { code: number; stdout: string };
    return [code, stdout];
  });
}
