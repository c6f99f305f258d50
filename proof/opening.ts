import { createHmac } from 'node:crypto';

/**
 * What a record says instead of a phone number: HMAC-SHA256 of the E.164 number under a key that only this record has. Without
 * the key it tells nobody which number it is; with it, the holder of the number can show that it is theirs.
 */
export function commitToNumber(openingKey: Uint8Array, e164: string): Buffer {
  return createHmac('sha256', openingKey).update(e164).digest();
}
