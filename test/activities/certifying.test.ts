import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CertificateAdapter } from '../../activities/certifying/certificate-adapter.ts';
import { Jornaya } from '../../activities/certifying/jornaya.ts';
import { TrustedForm } from '../../activities/certifying/trusted-form.ts';
import { ProviderFailure } from '../../activities/questioning/provider-failure.ts';
import { json, LEADID, nothing, raw, startCertificateServer, trustedForm, type Answer, type CertificateServer } from './certificate-server.ts';

const ID = 'eb9fc4dd9bed9ad451a5648946cf4bf09b5bb947';
const PERSON = { phone: '+12025550143', email: 'ada@example.com', leadId: '0198c0de-7a1e-7b3c-9d4e-5f60718293a4', company: 'Acme' };
const LIMITS = { allowsPrivate: true, timeoutMs: 300 };

let server: CertificateServer;
beforeAll(async () => {
  server = await startCertificateServer();
});
afterAll(() => server.close());

const trusted = (limits = LIMITS) => new TrustedForm({ baseUrl: server.url, authorization: 'Basic QVBJOmtleQ==', verifies: true }, limits);
const jornaya = () => new Jornaya({ baseUrl: server.url, accountCode: 'lac-1', auditKey: 'lak-1', providerCode: 'lpc-1' }, LIMITS);

/** What came of asking: result and reason, or why there is no answer. */
async function ask(adapter: CertificateAdapter, reference: string, ...answers: Answer[]): Promise<string> {
  server.answer(...answers);
  return adapter.verify(reference, PERSON, new AbortController().signal).then(
    ({ result, reason }) => `${result}: ${reason}`,
    (error: unknown) => (error instanceof ProviderFailure ? `${error.code}${error.isPassing ? ', passing' : ''}` : String(error)),
  );
}

const html = raw(200, '<html>maintenance</html>');
const large = raw(200, JSON.stringify({ outcome: 'success', filler: 'x'.repeat(1_100_000) }));

describe('TrustedForm', () => {
  it('is asked by one POST to the certificate, with key, version, and the person to match', async () => {
    expect(await ask(trusted(), ID, json(trustedForm('success', true)))).toBe('verified: confirmed');
    const [question] = server.asked;
    expect([question?.method, question?.url]).toEqual(['POST', `/${ID}`]);
    expect(question?.headers).toMatchObject({ authorization: 'Basic QVBJOmtleQ==', 'api-version': '4.0', 'content-type': 'application/json' });
    expect(JSON.parse(question?.body ?? '')).toEqual({
      match_lead: { phone: '2025550143', email: 'ada@example.com' }, retain: { reference: PERSON.leadId }, verify: { advertiser_name: 'Acme' },
    });
  });

  it.each<[string, Answer, string]>([
    ['a 200 that says failure', json(trustedForm('failure', true, 'consent language not approved')), 'failed: declined'],
    ['a 200 that says failure because the lead is another one', json(trustedForm('failure', false)), 'failed: other_person'],
    ['a success without a match', json(trustedForm('success', false)), 'failed: other_person'],
    ['a success that does not say whether it matches', json({ outcome: 'success' }), 'failed: other_person'],
    ['a certificate that is not there', json({ message: 'not found' }, 404), 'failed: not_found'],
    ['an error inside of a 200', json({ outcome: 'error', reason: 'try again' }), 'busy, passing'],
    ['an outcome that is none', json({ outcome: 'maybe' }), 'unreadable_answer, passing'],
    ['a page', html, 'unreadable_answer, passing'],
    ['an answer without end', large, 'unreadable_answer, passing'],
    ['a server that is overloaded', raw(503, ''), 'busy, passing'],
    ['too many questions', raw(429, '', { 'retry-after': '7' }), 'busy, passing'],
    ['a wrong key', raw(401, ''), 'credentials_refused'],
    ['an account without funds', raw(402, ''), 'credentials_refused'],
    ['a question that is not understood', raw(422, ''), 'refused'],
    ['a redirect', raw(302, '', { location: 'https://elsewhere.example/' }), 'refused'],
    ['silence', nothing, 'stalled, passing'],
    ['half an answer', (response) => void response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy()), 'unreachable, passing'],
  ])('%s is what it is', async (_what, answer, wanted) => {
    expect(await ask(trusted(), ID, answer)).toBe(wanted);
  });

  it('says for how long it wants to be left alone', async () => {
    server.answer(raw(429, '', { 'retry-after': '7' }));
    await expect(trusted().verify(ID, PERSON, new AbortController().signal)).rejects.toMatchObject({ retryAfterMs: 7_000 });
  });

  it('is not asked at an address inside of the house, unless that is allowed', async () => {
    expect(await ask(trusted({ ...LIMITS, allowsPrivate: false }), ID, json(trustedForm('success', true)))).toBe('address_refused');
    const named = new TrustedForm({ baseUrl: 'https://localhost:1', authorization: 'x', verifies: false }, { ...LIMITS, allowsPrivate: false });
    expect(await ask(named, ID, nothing)).toBe('address_refused');
    expect(server.asked).toEqual([]);
  });
});

describe('Jornaya', () => {
  it('is asked by POST, so that nothing of the person stands in an address', async () => {
    expect(await ask(jornaya(), LEADID, json({ audit: { authentic: 1, token: LEADID, data: { phone1: 1 } } }))).toBe('verified: confirmed');
    const [question] = server.asked;
    expect([question?.method, question?.url]).toEqual(['POST', '/SingleQuery']);
    expect(Object.fromEntries(new URLSearchParams(question?.body))).toEqual({
      lac: 'lac-1', lak: 'lak-1', lpc: 'lpc-1', id: LEADID, data: 'phone1;2025550143|email;ada@example.com', recordid: PERSON.leadId, format: 'json',
    });
  });

  it.each<[string, Answer, string]>([
    ['a token that is not theirs', json({ audit: { authentic: '0', token: LEADID } }), 'failed: declined'],
    ['a token of somebody else', json({ audit: { authentic: '1', token: LEADID, data: { phone1: '0' } } }), 'failed: other_person'],
    ['the shorter answer', json({ authenticate: { authentic: 1, token: LEADID } }), 'verified: confirmed'],
    ['XML', raw(200, `<?xml version="1.0"?><audit><authentic>1</authentic><token>${LEADID}</token></audit>`), 'verified: confirmed'],
    ['XML that denies', raw(200, `<audit><authentic>0</authentic><token>${LEADID}</token></audit>`), 'failed: declined'],
    ['an answer about another token', json({ audit: { authentic: '1', token: 'C330E9E4-64E9-417E-955B-8C06832311E3' } }), 'unreadable_answer, passing'],
    ['an answer that does not say it', json({ audit: { token: LEADID } }), 'unreadable_answer, passing'],
    ['a page', html, 'unreadable_answer, passing'],
    ['a wrong key', raw(403, ''), 'credentials_refused'],
    ['silence', nothing, 'stalled, passing'],
  ])('%s is what it is', async (_what, answer, wanted) => {
    expect(await ask(jornaya(), LEADID, answer)).toBe(wanted);
  });
});
