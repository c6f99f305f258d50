import { timingSafeEqual } from 'node:crypto';

/** Whether a signature in base64 is the one expected; takes the same time whatever is wrong with it. */
export function isSignature(given: string, expected: Buffer): boolean {
  const bytes = Buffer.from(given, 'base64');
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}
