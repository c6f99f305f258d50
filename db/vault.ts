import { createCipheriv, createDecipheriv, createHmac, createSecretKey, randomBytes, randomFillSync, type KeyObject } from 'node:crypto';
import { canonicalEmail } from './canonical-email.ts';

const CIPHER = 'aes-256-gcm';
const KEY = 32;
const IV = 12;
const TAG = 16;
const FORMAT = 1;

/** The keys that live outside the database: one for tokens, and the numbered key-encryption keys, newest in use. */
export interface Keys {
  token: Buffer;
  keks: ReadonlyMap<number, Buffer>;
  newestKek: number;
}

/** How many bytes a number takes that is to become a token. */
export const TOKEN_BLOCK = 16;

/** What a sealed record is bound to: moved to another lead, fact or tier it no longer opens. */
export interface SealContext {
  leadId: string;
  factId: string;
  tier: 1 | 2;
}

/** A lead's data key, wrapped as it is stored. */
export interface WrappedKey {
  kek: number;
  wrapped: Buffer;
}

/**
 * Seals and opens personal data. Every lead has a random AES-256 data key of its own, wrapped by a key-encryption key that
 * is never in the database; destroying the wrapped key destroys the data (cryptographic erase, NIST SP 800-88).
 */
export class Vault {
  #keks: ReadonlyMap<number, KeyObject>;
  #wrapsWith: number;
  readonly #tokenKey: KeyObject;
  readonly #emailKey: KeyObject;
  readonly #openingKey: KeyObject;
  readonly #referenceKey: KeyObject;
  readonly #secretKey: KeyObject;
  readonly #digestKey: KeyObject;
  readonly #codeKey: KeyObject;
  /** Told when a key turns up that is wrapped under a number nobody has shown it yet. */
  onUnknownKek: () => void = () => undefined;

  constructor(keys: Keys) {
    this.#keks = keyObjectsOf(keys.keks);
    this.#wrapsWith = keys.newestKek;
    this.#tokenKey = createSecretKey(keys.token);
    this.#emailKey = createSecretKey(createHmac('sha256', this.#tokenKey).update('email token').digest());
    this.#openingKey = createSecretKey(createHmac('sha256', this.#tokenKey).update('clearance opening').digest());
    this.#referenceKey = createSecretKey(createHmac('sha256', this.#tokenKey).update('reference token').digest());
    this.#secretKey = createSecretKey(createHmac('sha256', this.#tokenKey).update('shared secrets').digest());
    this.#digestKey = createSecretKey(createHmac('sha256', this.#tokenKey).update('origin digest').digest());
    this.#codeKey = createSecretKey(createHmac('sha256', this.#tokenKey).update('one-time code').digest());
  }

  /** A new data key, plain for use now and wrapped for storage. */
  createKey(leadId: string): { key: Buffer; stored: WrappedKey } {
    const key = newDataKey();
    return { key, stored: this.wrapKey(leadId, key) };
  }

  /** A data key as it is stored, bound to its lead. */
  wrapKey(leadId: string, key: Uint8Array): WrappedKey {
    const kek = this.#wrapsWith;
    return { kek, wrapped: encrypt(this.#kek(kek), uuidBytes(leadId), key) };
  }

  /** The data key of a lead. Throws when the wrapping does not belong to this lead or this key-encryption key. */
  unwrapKey(leadId: string, stored: WrappedKey): Buffer {
    return decrypt(this.#kek(stored.kek), uuidBytes(leadId), stored.wrapped);
  }

  /** The same data key, wrapped by the key-encryption key in use. Throws as `unwrapKey` does. */
  rewrapKey(leadId: string, stored: WrappedKey): WrappedKey {
    const key = this.unwrapKey(leadId, stored);
    const fresh = this.wrapKey(leadId, key);
    key.fill(0);
    return fresh;
  }

  /** The numbers of the key-encryption keys that it can unwrap with. */
  get keks(): number[] {
    return [...this.#keks.keys()];
  }

  /** The number of the key-encryption key that it wraps with. */
  get wrapsWith(): number {
    return this.#wrapsWith;
  }

  /** Adds key-encryption keys, to unwrap with only. */
  adopt(added: ReadonlyMap<number, Buffer>): void {
    this.#keks = new Map([...this.#keks, ...keyObjectsOf(added)]);
  }

  /** Forgets a key-encryption key that was destroyed; never the one in use. */
  forget(number: number): void {
    if (number !== this.#wrapsWith) this.#keks = new Map([...this.#keks].filter(([each]) => each !== number));
  }

  /** From now on wraps with this key-encryption key, which it has to have. */
  wrapWith(number: number): void {
    this.#kek(number);
    this.#wrapsWith = number;
  }

  /** Digests of the keys in use, to notice a store that was opened with the keys of another. */
  fingerprints(): Map<string, Buffer> {
    const found = new Map([['token', fingerprint(this.#tokenKey)]]);
    for (const [number, key] of this.#keks) found.set(`kek-${number}`, fingerprint(key));
    return found;
  }

  /** Keyed 64-bit pseudonym of one canonical E.164 number. Two numbers can share it: compare the numbers themselves. */
  phoneToken(e164: string): bigint {
    return this.phoneTokens([e164])[0] as bigint;
  }

  /** The tokens of many numbers in one pass: one AES block each, truncated. */
  phoneTokens(e164s: readonly string[]): BigInt64Array {
    const blocks = Buffer.alloc(e164s.length * TOKEN_BLOCK);
    e164s.forEach((number, index) => blocks.write(number, index * TOKEN_BLOCK, TOKEN_BLOCK, 'latin1'));
    const encrypted = this.encryptNumbers(blocks);
    const tokens = new BigInt64Array(e164s.length);
    for (let index = 0; index < tokens.length; index += 1) tokens[index] = encrypted.readBigInt64BE(index * TOKEN_BLOCK);
    return tokens;
  }

  /**
   * Tokens of numbers that are laid out already, in blocks of 16 bytes: a plus, the digits, zeros. The first eight bytes of each
   * block answered are the token, the highest first.
   */
  encryptNumbers(blocks: Uint8Array): Buffer {
    return createCipheriv('aes-256-ecb', this.#tokenKey, null).setAutoPadding(false).update(blocks);
  }

  /** Keyed 64-bit pseudonym of an e-mail address, the same for every spelling of it. */
  emailToken(email: string): bigint {
    return createHmac('sha256', this.#emailKey).update(canonicalEmail(email)).digest().readBigInt64BE();
  }

  /** Keyed 64-bit pseudonym of what a source calls a contact by. */
  referenceToken(sourceId: string, reference: string): bigint {
    return createHmac('sha256', this.#referenceKey).update(`${sourceId}\0${reference}`).digest().readBigInt64BE();
  }

  /** A secret that is shared with somebody outside, sealed for its place: moved elsewhere it no longer opens. */
  sealSecret(place: string, secret: string): Buffer {
    return encrypt(this.#secretKey, Buffer.from(place), secret, FORMAT);
  }

  /** The secret that was sealed for a place. Throws when it was altered or moved. */
  openSecret(place: string, sealed: Buffer): string {
    if (sealed[0] !== FORMAT) throw new Error('this sealed secret has an unknown format');
    return decrypt(this.#secretKey, Buffer.from(place), sealed.subarray(1)).toString();
  }

  /** The key of one clearance under which its record commits to the phone number; given out, it opens that record only. */
  openingKey(clearanceId: string): Buffer {
    return createHmac('sha256', this.#openingKey).update(clearanceId).digest();
  }

  /** Keyed digest of a text that is not to be kept, such as the address of a request: comparable, and not to be guessed. */
  keyedDigest(text: string): string {
    return createHmac('sha256', this.#digestKey).update(text).digest('hex');
  }

  /**
   * Eight digits that follow from an id, for whoever has the key: they need not be kept anywhere, and sent twice are the same.
   */
  oneTimeCode(id: string): string {
    const mac = createHmac('sha256', this.#codeKey).update(id).digest();
    return String(mac.readBigUInt64BE() % 100_000_000n).padStart(8, '0');
  }

  #kek(number: number): KeyObject {
    const key = this.#keks.get(number);
    if (!key) this.onUnknownKek();
    if (!key) throw new Error(`key-encryption key ${number} is not among the key files`);
    return key;
  }
}

function keyObjectsOf(keks: ReadonlyMap<number, Buffer>): Map<number, KeyObject> {
  return new Map([...keks].map(([number, key]) => [number, createSecretKey(key)]));
}

/** A random data key, plain. */
export function newDataKey(): Buffer {
  return fillRandom(Buffer.allocUnsafe(KEY));
}

/** AES-256-GCM under a lead's data key: format byte, IV, ciphertext, 16-byte tag. */
export function seal(key: Uint8Array, context: SealContext, plain: string): Buffer {
  return encrypt(createSecretKey(key), associatedData(context), plain, FORMAT);
}

/** The text that was sealed. Throws when the record was altered, moved, or sealed under another key. */
export function open(key: Buffer, context: SealContext, sealed: Buffer): string {
  if (sealed[0] !== FORMAT) throw new Error('this sealed record has an unknown format');
  return decrypt(createSecretKey(key), associatedData(context), sealed.subarray(1)).toString();
}

/** Everything of a lead that leaves for the archive together: format byte, IV, ciphertext, 16-byte tag; under its data key. */
export function sealBundle(key: Uint8Array, leadId: string, plain: Uint8Array): Buffer {
  return encrypt(createSecretKey(key), bundleData(leadId), plain, FORMAT);
}

/** What was sealed for the archive. Throws when it was altered, is another lead's, or was sealed under another key. */
export function openBundle(key: Uint8Array, leadId: string, sealed: Buffer): Buffer {
  if (sealed[0] !== FORMAT) throw new Error('this sealed bundle has an unknown format');
  return decrypt(createSecretKey(key), bundleData(leadId), sealed.subarray(1));
}

/** Digest of a number under a lead's own data key: once the key is gone, it says nothing to anybody. */
export function numberCheck(key: Uint8Array, e164: string): Buffer {
  const checkKey = createHmac('sha256', createSecretKey(key)).update('number check').digest();
  return createHmac('sha256', createSecretKey(checkKey)).update(e164).digest();
}

function bundleData(leadId: string): Buffer {
  return Buffer.concat([uuidBytes(leadId), Buffer.from('archive bundle'), Buffer.from([FORMAT])]);
}

function associatedData({ leadId, factId, tier }: SealContext): Buffer {
  return Buffer.from(`${leadId}${factId}0${tier}0${FORMAT}`.replaceAll('-', ''), 'hex');
}

// Keys go in as key objects: given a bare buffer, Node 24 takes three times as long to make a cipher as it does to encrypt.
function encrypt(key: KeyObject, aad: Buffer, plain: string | Uint8Array, ...format: number[]): Buffer {
  const iv = fillRandom(Buffer.allocUnsafe(IV));
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG }).setAAD(aad);
  const body = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  cipher.final();
  return Buffer.concat([Buffer.from(format), iv, body, cipher.getAuthTag()]);
}

function decrypt(key: KeyObject, aad: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV), { authTagLength: TAG }).setAAD(aad);
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  return Buffer.concat([decipher.update(sealed.subarray(IV, sealed.length - TAG)), decipher.final()]);
}

/** A digest by which a key is recognised, and from which nothing of it can be learned. */
export function fingerprint(key: KeyObject | Buffer): Buffer {
  return createHmac('sha256', key).update('leadwarden key check').digest();
}

/** The 16 bytes of a UUID. */
export function uuidBytes(id: string): Buffer {
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

const pool = { bytes: randomBytes(0), used: 0 };
const POOL_BYTES = 64 * 1024;

/** Fills a buffer from a pool of random bytes, made 64 KB at a time; each byte is handed out once and wiped from the pool. */
function fillRandom(target: Buffer): Buffer {
  if (pool.used + target.length > pool.bytes.length) {
    pool.bytes = randomFillSync(Buffer.allocUnsafeSlow(POOL_BYTES));
    pool.used = 0;
  }
  const end = pool.used + target.length;
  pool.bytes.copy(target, 0, pool.used, end);
  pool.bytes.fill(0, pool.used, end);
  pool.used = end;
  return target;
}
