import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { sha256Of } from './digest.ts';

/** Where the company publishes its public keys. */
export const KEYS_PATH = '/.well-known/leadwarden-keys.json';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** The name of an Ed25519 key: the SHA-256 thumbprint of its JWK (RFC 7638), so that a name cannot be given to another key. */
export function thumbprint(x: string): string {
  const digest = sha256Of(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`);
  return Buffer.from(digest.slice('sha256:'.length), 'hex').toString('base64url');
}

/** Whether a signature (base64url) over a text was made with the key `x` (base64url). Never throws. */
export function isSignedWith(x: string, text: string, signature: string): boolean {
  const bytes = exactBytes(signature, SIGNATURE_BYTES);
  const key = publicKey(x);
  return bytes !== null && key !== null && verify(null, Buffer.from(text), key, bytes);
}

/** Whether this is an Ed25519 public key in base64url. */
export function isPublicKey(x: string): boolean {
  return publicKey(x) !== null;
}

function publicKey(x: string): KeyObject | null {
  if (exactBytes(x, KEY_BYTES) === null) return null;
  try {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  } catch {
    return null;
  }
}

/** The bytes of a base64url text, where it is the one way to write just so many: its last character has bits that say nothing. */
function exactBytes(text: string, length: number): Buffer | null {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === length && bytes.toString('base64url') === text ? bytes : null;
}
