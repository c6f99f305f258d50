import { createHmac, createSecretKey } from 'node:crypto';

/**
 * What a record says instead of a phone number: HMAC-SHA256 of the E.164 number under a key that only this record has. Without
 * the key it tells nobody which number it is; with it, the holder of the number can show that it is theirs.
 */
export function commitToNumber(openingKey: Uint8Array, e164: string): Buffer {
  // A key object: given bare bytes, Node 24 takes three times as long.
  return createHmac('sha256', createSecretKey(openingKey)).update(e164).digest();
}

/** A number as people write it, as E.164; null when it is none with its country code. */
export function e164Of(text: string): string | null {
  const number = text.replace(/[\s()./-]/g, '');
  return /^\+[1-9]\d{4,14}$/.test(number) ? number : null;
}

/** Whether a digest (hexadecimal) is the commitment to this number under this opening (hexadecimal). */
export function opens(digest: string, opening: string, e164: string): boolean {
  if (!/^[0-9a-f]{64}$/.test(opening)) return false;
  return commitToNumber(Buffer.from(opening, 'hex'), e164).toString('hex') === digest;
}
