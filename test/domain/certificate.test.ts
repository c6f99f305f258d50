import { describe, expect, test } from '@jest/globals';
import { certificateCard, recogniseCertificate } from '../../domain/certificate.ts';

const ID = 'eb9fc4dd9bed9ad451a5648946cf4bf09b5bb947';
const TOKEN = 'B330E9E4-64E9-417E-955B-8C06832311E3';

describe('the certificate of a consent', () => {
  test.each([
    [`https://cert.trustedform.com/${ID}`, { provider: 'trustedform', reference: ID }],
    [` https://cert.trustedform.com/${ID.toUpperCase()}/ `, { provider: 'trustedform', reference: ID }],
    [TOKEN.toLowerCase(), { provider: 'jornaya', reference: TOKEN }],
  ])('%s is recognised', (text, wanted) => {
    expect(recogniseCertificate(text)).toEqual(wanted);
  });

  // The key goes along with the question: a look-alike must never be asked.
  test.each([
    undefined, '', 'certificate 4711', ID, `http://cert.trustedform.com/${ID}`, `https://cert.trustedform.com.example/${ID}`,
    `https://user@cert.trustedform.com/${ID}`, `https://cert.trustedform.com/${ID}/../x`, `https://cert.trustedform.com/${ID.slice(1)}`,
    `https://cert.trustedform.com/${ID}?next=x`, `${TOKEN}-1`, `${TOKEN}\nx`,
  ])('%s is none that is known here', (text) => {
    expect(recogniseCertificate(text)).toBeNull();
  });

  test('is shown to operators with what came of it, and how to ask again where nothing did', () => {
    expect(certificateCard(null)).toMatch(/^### asking/);
    const answered = certificateCard({ provider: 'jornaya', result: 'failed', reason: 'declined', problem: null });
    expect([answered.startsWith('### failed'), answered.includes('does not confirm'), answered.includes('asks again')]).toEqual([true, true, false]);
    const silent = certificateCard({ provider: 'trustedform', result: 'unverified', reason: null, problem: 'The provider cannot be reached.' });
    expect([silent.startsWith('### unverified'), silent.includes('cannot be reached'), silent.includes('asks again')]).toEqual([true, true, true]);
  });
});
