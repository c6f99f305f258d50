import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MOST_BYTES } from '../../proof/sections.ts';
import { proofText, proveClearance } from '../../proof/clearance-proof.ts';
import { readProofFile } from '../../proof/proof-file.ts';
import { verifyProof } from '../../proof/verify.ts';
import { ISSUED, keysFrom, longCase, OPENING, PHONE, record } from './proof-samples.ts';

const keys = keysFrom(1);
const trusted = keys.published.map(({ x }) => x);
const text = proofText(proveClearance(record(), ISSUED, keys));
const proof = JSON.parse(text) as Record<string, unknown>;

describe('a proof', () => {
  test('is valid as it was handed out, and says in words what it proves and what it does not', () => {
    const { valid, checks, explanation } = verifyProof(readProofFile(text), { trusted });
    expect([valid, checks.map(({ ok }) => ok)]).toEqual([true, [true, true, true, true]]);
    expect(explanation).toContain('DENY');
    expect(explanation).toContain('Fla. Stat. 501.616(6)');
    expect(explanation).toContain('does not prove');
  });

  test('says that the signer was not checked, when no key is trusted', () => {
    const { valid, checks, explanation } = verifyProof(proof);
    expect(valid).toBe(true);
    expect(checks.find(({ name }) => name === 'signer')?.ok).toBeNull();
    expect(explanation).toContain('NOT CHECKED');
  });

  test('of a stranger is found out by a trusted key', () => {
    expect(verifyProof(JSON.parse(proofText(proveClearance(record(), ISSUED, keysFrom(2)))), { trusted }).valid).toBe(false);
  });

  test('that was signed with a past key stays valid', () => {
    const rotated = keysFrom(1, 2);
    expect(verifyProof(proof, { trusted: rotated.published.map(({ x }) => x) }).valid).toBe(true);
    const { signature } = proveClearance(record(), ISSUED, rotated);
    expect(rotated.published.find(({ current }) => current)?.kid).toBe(signature.kid);
  });

  test('does not name the person, whose number and opening show that it is about them', () => {
    expect(text).not.toContain('2025550143');
    const opening = OPENING.toString('hex');
    expect(verifyProof(proof, { trusted, claim: { opening, e164: PHONE } }).valid).toBe(true);
    expect(verifyProof(proof, { trusted, claim: { opening, e164: '+12025550144' } }).valid).toBe(false);
    expect(verifyProof(proof, { trusted, claim: { opening: Buffer.alloc(32).toString('hex'), e164: PHONE } }).valid).toBe(false);
    expect(verifyProof(proof, { trusted, claim: { opening: 'no opening', e164: PHONE } }).valid).toBe(false);
  });

  test('with any character of any value or name changed is not valid', () => {
    const places = placesOf(text);
    fc.assert(fc.property(fc.nat(places.length - 1), fc.constantFrom(...Array.from('0aAzZ9-_.:')), (index, other) => {
      const place = places[index] ?? 0;
      fc.pre(text[place] !== other);
      const changed = readProofFile(text.slice(0, place) + other + text.slice(place + 1));
      expect(verifyProof(changed, { trusted }).valid).toBe(false);
      expect(verifyProof(changed).valid).toBe(false);
    }), { numRuns: 3_000 });
  });

  test('with the last character of its signature written in another way is not valid', () => {
    const { signature } = proveClearance(record(), ISSUED, keys);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const others = Array.from(alphabet).filter((each) => each !== signature.value.at(-1));
    const values = others.map((each) => signature.value.slice(0, -1) + each);
    expect(values.filter((value) => verifyProof({ ...proof, signature: { ...signature, value } }).valid)).toEqual([]);
  });

  test.each([
    ['a member more', { ...proof, note: 'harmless' }],
    ['a member less', { ...proof, reasons: undefined }],
    ['a signature that says more', { ...proof, signature: { ...(proof.signature as object), note: 1 } }],
    ['no signature', { ...proof, signature: null }],
    ['another key under its name', { ...proof, signature: { ...(proof.signature as object), x: keysFrom(2).published[0]?.x } }],
    ['half a surrogate pair', { ...proof, decision: '\ud800' }],
    ['nothing', null], ['a list', []], ['a text', 'proof'],
  ])('with %s is not valid', (_what, changed) => {
    expect(verifyProof(changed).valid).toBe(false);
  });

  test('with a member twice is not read at all', () => {
    expect(readProofFile(text.replace('"decision": "deny"', '"decision": "allow",\n "decision": "deny"'))).toBeNull();
    expect(readProofFile(text.replaceAll('\n', '\r\n   '))).toEqual(proof);
  });

  test('of a long case fits, says what was left out, and keeps reasons longest', () => {
    const long = proveClearance(longCase(), ISSUED, keys);
    expect(Buffer.byteLength(proofText(long))).toBeLessThanOrEqual(MOST_BYTES);
    expect(verifyProof(JSON.parse(proofText(long)), { trusted }).valid).toBe(true);
    expect(long.reasons.length).toBeGreaterThan(5);
    expect(long.omitted.reasons).toBe(80 - long.reasons.length);
    expect(long.omitted.facts).toBe(601 - long.facts.length);
  });
});

/** Where the values and names of the file stand, their quotes and the blanks between them left out. */
function placesOf(file: string): number[] {
  return [...file.matchAll(/"((?:[^"\\]|\\.)*)"|[\w.]+/g)].flatMap((match) => {
    const start = match.index + (match[0].startsWith('"') ? 1 : 0);
    const length = match[1]?.length ?? match[0].length;
    return Array.from({ length }, (_, index) => start + index);
  });
}
