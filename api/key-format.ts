import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const FORM = /^lw_([a-z2-7]{16})_([a-z2-7]{52})_([0-9a-f]{8})$/;
/** The id of a key, the part of it that may be shown. */
export const KEY_ID = /^[a-z2-7]{16}$/;
const ID_BYTES = 10;
const SECRET_BYTES = 32;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** A new API key `lw_<id>_<secret>_<checksum>`: 256 random bits, in a form that scanners for leaked secrets recognise. */
export function createApiKey(): string {
  const body = `lw_${base32(randomBytes(ID_BYTES))}_${base32(randomBytes(SECRET_BYTES))}`;
  return `${body}_${checksumOf(body)}`;
}

/** The id inside a key, or null for a text that is no key of ours: a typo costs no query. */
export function keyIdOf(key: string): string | null {
  const parts = FORM.exec(key);
  if (!parts?.[1]) return null;
  return checksumOf(key.slice(0, key.lastIndexOf('_'))) === parts[3] ? parts[1] : null;
}

/** What is kept of a key. The secret is random and long, so a fast digest gives nothing away. */
export function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer');
}

function checksumOf(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}

/** RFC 4648 base 32 in small letters, without padding. */
function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
}
