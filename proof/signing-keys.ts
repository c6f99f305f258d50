import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { thumbprint } from './public-key.ts';

/** An Ed25519 private key is made from 32 random bytes. */
export interface SigningSeed {
  seed: Buffer;
  createdAt: Date;
}

/** A public key as it is published: a JWK with when it was made, and whether it signs now. */
export interface PublishedKey {
  kid: string;
  kty: 'OKP';
  crv: 'Ed25519';
  x: string;
  createdAt: Date;
  current: boolean;
}

/** What is added to a document: by which key, the key itself, and the signature. */
export interface Signature {
  alg: 'Ed25519';
  kid: string;
  x: string;
  value: string;
}

/** RFC 8410: what stands before the 32 bytes in a PKCS #8 file. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The company's signing keys by number: the one with the highest number signs, the others are known still. */
export class SigningKeys {
  readonly published: readonly PublishedKey[];
  readonly #current: { key: KeyObject; kid: string; x: string };

  constructor(seeds: ReadonlyMap<number, SigningSeed>) {
    const newestFirst = [...seeds]
      .sort(([one], [other]) => other - one)
      .map(([, { seed, createdAt }]) => ({ ...keyOf(seed), createdAt }));
    const [current] = newestFirst;
    if (!current) throw new Error('there is no signing key');
    this.#current = current;
    this.published = newestFirst.map(({ kid, x, createdAt }) => {
      return { kid, kty: 'OKP', crv: 'Ed25519', x, createdAt, current: kid === current.kid };
    });
  }

  /** Signs a text with the newest key. */
  sign(text: string): Signature {
    const { key, kid, x } = this.#current;
    return { alg: 'Ed25519', kid, x, value: sign(null, Buffer.from(text), key).toString('base64url') };
  }
}

function keyOf(seed: Buffer): { key: KeyObject; kid: string; x: string } {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const { x } = createPublicKey(key).export({ format: 'jwk' });
  if (x === undefined) throw new Error('a signing key has no public part');
  return { key, kid: thumbprint(x), x };
}
