import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../../db/ids.ts';
import { Vault, open, seal, type SealContext } from '../../db/vault.ts';

const keys = () => ({ token: randomBytes(32), keks: new Map([[1, randomBytes(32)]]), newestKek: 1 });
const context = (changes: Partial<SealContext> = {}): SealContext => ({ leadId: newId(), factId: newId(), tier: 2, ...changes });

describe('a sealed record', () => {
  it('opens to what was sealed, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const [key, where] = [randomBytes(32), context()];
        expect(open(key, where, seal(key, where, text))).toBe(text);
      }),
    );
  });

  it('does not open for another lead, another fact, another tier or under another key', () => {
    const [key, where] = [randomBytes(32), context()];
    const sealed = seal(key, where, 'Ada');
    expect(() => open(key, { ...where, leadId: newId() }, sealed)).toThrow();
    expect(() => open(key, { ...where, factId: newId() }, sealed)).toThrow();
    expect(() => open(key, { ...where, tier: 1 }, sealed)).toThrow();
    expect(() => open(randomBytes(32), where, sealed)).toThrow();
  });

  it('does not open once any single bit of it was changed', () => {
    const [key, where] = [randomBytes(32), context()];
    const sealed = seal(key, where, 'Ada Lovelace');
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const tampered = Buffer.from(sealed);
      tampered[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => open(key, where, tampered)).toThrow();
    }
  });

  it('never looks the same twice', () => {
    const [key, where] = [randomBytes(32), context()];
    const seen = new Set(Array.from({ length: 5000 }, () => seal(key, where, 'Ada').toString('hex')));
    expect(seen.size).toBe(5000);
  });
});

describe('a data key', () => {
  it('is another one for every lead, and unwraps only for its own lead', () => {
    const vault = new Vault(keys());
    const [a, b] = [newId(), newId()];
    const { key, stored } = vault.createKey(a);
    expect(vault.unwrapKey(a, stored)).toEqual(key);
    expect(vault.createKey(b).key).not.toEqual(key);
    expect(() => vault.unwrapKey(b, stored)).toThrow();
  });

  it('does not unwrap with the key files of another store', () => {
    const id = newId();
    const { stored } = new Vault(keys()).createKey(id);
    expect(() => new Vault(keys()).unwrapKey(id, stored)).toThrow();
  });

  it('names the key-encryption key that is missing', () => {
    const vault = new Vault(keys());
    expect(() => vault.unwrapKey(newId(), { kek: 7, wrapped: Buffer.alloc(60) })).toThrow('key-encryption key 7');
  });
});

describe('a token', () => {
  const vault = new Vault({ token: Buffer.alloc(32, 7), keks: new Map([[1, Buffer.alloc(32, 8)]]), newestKek: 1 });
  const e164 = fc.stringMatching(/^\+[1-9][0-9]{6,14}$/);

  it('is the same for one number alone and among others', () => {
    fc.assert(
      fc.property(fc.array(e164, { minLength: 1 }), (numbers) => {
        expect([...vault.phoneTokens(numbers)]).toEqual(numbers.map((number) => vault.phoneToken(number)));
      }),
    );
  });

  it('differs for different numbers and under a different key', () => {
    const numbers = Array.from({ length: 100_000 }, (_, n) => `+1202${String(5_550_000 + n)}`);
    expect(new Set(vault.phoneTokens(numbers)).size).toBe(numbers.length);
    expect(new Vault(keys()).phoneToken('+12025550143')).not.toBe(vault.phoneToken('+12025550143'));
  });

  it('does not change between releases: stored tokens depend on it', () => {
    expect(vault.phoneToken('+12025550143')).toBe(PHONE_TOKEN);
    expect(vault.emailToken('Ada@Example.com ')).toBe(EMAIL_TOKEN);
  });

  it('of an address ignores capitals and blanks around it', () => {
    expect(vault.emailToken(' ADA@example.COM')).toBe(vault.emailToken('ada@example.com'));
  });

  it.each([
    ['composed and not', 'rené@example.com', 'rene\u0301@example.com'],
    ['a domain as people and as name servers write it', 'ada@müller.example', 'ada@xn--mller-kva.example'],
    ['such a domain in capitals', 'Ada@MÜLLER.example', 'ada@xn--mller-kva.example'],
  ])('of an address is the same for %s', (_, one, other) => {
    expect(vault.emailToken(one)).toBe(vault.emailToken(other));
  });

  it('of an address is another for another person', () => {
    expect(new Set(['rené@example.com', 'rene@example.com', 'ada@müller.example', 'ada@muller.example', 'ada'].map((each) => vault.emailToken(each))).size).toBe(5);
  });
});

const PHONE_TOKEN = 5761683033531629368n;
const EMAIL_TOKEN = -4770969591713049518n;
