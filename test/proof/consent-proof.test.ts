import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from '../../proof/canonical-json.ts';
import { proofText } from '../../proof/clearance-proof.ts';
import { proveConsent, receiptOf, type ConsentOnRecord } from '../../proof/consent-proof.ts';
import { sha256Of } from '../../proof/digest.ts';
import { commitToNumber } from '../../proof/opening.ts';
import { readProofFile } from '../../proof/proof-file.ts';
import { verifyProof } from '../../proof/verify.ts';
import { idOf, keysFrom, OPENING, PHONE } from './proof-samples.ts';

const keys = keysFrom(1);
const trusted = keys.published.map(({ x }) => x);
const ISSUED = { issuedAt: new Date('2026-11-24T10:00:00Z'), keysUrl: '/.well-known/leadwarden-keys.json' };
const TEXT = 'I agree that Acme may call me about its offers.';

const ON_RECORD: ConsentOnRecord = {
  consentId: idOf(1),
  leadId: idOf(2),
  personDigest: commitToNumber(OPENING, PHONE).toString('hex'),
  company: 'Acme',
  channel: 'call',
  purpose: 'marketing',
  grade: 'express_written',
  confirmation: 'none',
  effect: 'in_force',
  jurisdictions: ['US', 'US-DC'],
  presented: [{ source: 'spring-fair', version: '2026-03', language: 'en', text: TEXT }],
  textVersion: '2026-03',
  language: 'en',
  method: 'web_form',
  evidence: { kinds: ['method', 'textVersion', 'url'], digest: 'ab'.repeat(32) },
  thirdParty: { provider: 'trustedform', result: 'verified', answeredAt: '2026-11-02T00:00:00.000Z', answerDigest: `sha256:${'cd'.repeat(32)}` },
  events: [
    { id: idOf(1), state: 'given', at: '2026-11-01T00:00:00.000Z', receivedAt: '2026-11-01T00:00:01.000Z', validUntil: null, method: 'web_form', channel: 'call', purpose: 'marketing' },
    { id: idOf(3), state: 'withdrawn', at: '2026-11-20T00:00:00.000Z', receivedAt: '2026-11-20T00:00:01.000Z', validUntil: null, method: 'email', channel: 'all', purpose: 'all' },
  ],
  state: { state: 'revoked', at: '2026-11-24T10:00:00.000Z', validUntil: null },
};

const files = [['record', proveConsent(ON_RECORD, ISSUED, keys)], ['receipt', receiptOf(ON_RECORD, ISSUED, keys)]] as const;

describe.each(files)('the %s of a consent', (kind, file) => {
  const text = proofText(file);

  test('is valid as it was handed out, and says what became of the consent and what it does not prove', () => {
    const { valid, checks, explanation } = verifyProof(readProofFile(text), { trusted });
    expect([valid, checks.map(({ ok }) => ok)]).toEqual([true, [true, true, true, true]]);
    for (const word of [kind, 'that Acme may be in touch by call for marketing', 'given at 2026-11-01', 'withdrawn at 2026-11-20', 'REVOKED', 'does not prove']) expect(explanation).toContain(word);
  });

  test('has the words that were shown, and nothing of the person but what number and opening show to be theirs', () => {
    expect(text).toContain(TEXT);
    expect(text).not.toContain('2025550143');
    const claim = { opening: OPENING.toString('hex'), e164: PHONE };
    expect(verifyProof(file, { trusted, claim }).valid).toBe(true);
    expect(verifyProof(file, { trusted, claim: { ...claim, e164: '+12025550144' } }).valid).toBe(false);
  });

  test('is not valid with any value changed, left out or added, anywhere', () => {
    const places = placesIn(file);
    expect(places.length).toBeGreaterThan(20);
    const changes = fc.constantFrom<unknown>('forged', 4_711, null, true, [], {});
    fc.assert(fc.property(fc.constantFrom(...places), changes, fc.constantFrom('change', 'remove', 'add'), (place, value, how) => {
      const changed = JSON.parse(text) as Record<string, unknown>;
      const parent = place.slice(0, -1).reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, changed);
      const name = place.at(-1) as string;
      fc.pre(how !== 'change' || canonicalJson(parent[name]) !== canonicalJson(value));
      if (how === 'change') parent[name] = value;
      else if (how === 'add') parent[Array.isArray(parent) ? String(parent.length) : 'note'] = value;
      else if (Array.isArray(parent)) parent.splice(Number(name), 1);
      else Reflect.deleteProperty(parent, name);
      expect(verifyProof(changed, { trusted }).valid).toBe(false);
    }), { numRuns: 2_000 });
  });

  test('of a stranger, or under a key that is no longer trusted, is not valid', () => {
    const strangers = keysFrom(2);
    const forged = kind === 'record' ? proveConsent(ON_RECORD, ISSUED, strangers) : receiptOf(ON_RECORD, ISSUED, strangers);
    expect(verifyProof(forged).valid).toBe(true);
    expect(verifyProof(forged, { trusted }).valid).toBe(false);
    expect(verifyProof(file, { trusted: strangers.published.map(({ x }) => x) }).valid).toBe(false);
  });

  test('is not taken for the file of another kind', () => {
    for (const other of ['clearance', 'listing', kind === 'record' ? 'consent_receipt' : 'consent']) {
      expect(verifyProof({ ...file, kind: other }, { trusted }).valid).toBe(false);
    }
  });
});

describe('receipt and record', () => {
  test('belong together by the digest of the record', () => {
    const [[, record], [, receipt]] = files;
    expect('record' in record && 'receipt' in receipt && receipt.receipt.record_digest === sha256Of(canonicalJson(record.record))).toBe(true);
  });

  test('of a person whose number is forgotten name nobody, and are valid', () => {
    const file = proveConsent({ ...ON_RECORD, personDigest: null, evidence: null }, ISSUED, keys);
    expect(verifyProof(JSON.parse(proofText(file)), { trusted }).valid).toBe(true);
    expect(verifyProof(file, { trusted, claim: { opening: OPENING.toString('hex'), e164: PHONE } }).valid).toBe(false);
  });
});

/** The path to every value of a file, objects and lists included. */
function placesIn(value: unknown, path: readonly string[] = []): string[][] {
  const members = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const here = path.length === 0 ? [] : [[...path]];
  return [...here, ...members.flatMap(([name, member]) => placesIn(member, [...path, name]))];
}
