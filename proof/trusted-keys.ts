import { isPublicKey } from './public-key.ts';

/**
 * The public keys (base64url) in a text: a key by itself, a JWK, or a set of them as /.well-known/leadwarden-keys.json has it.
 * Null when there is none.
 */
export function trustedKeysIn(text: string): string[] | null {
  const candidates = isPublicKey(text.trim()) ? [text.trim()] : keysOf(readJson(text)).map(keyOf);
  const keys = candidates.filter((key) => key !== null && isPublicKey(key)).filter((key) => key !== null);
  return keys.length === 0 ? null : keys;
}

function keysOf(value: unknown): unknown[] {
  return isObject(value) && Array.isArray(value.keys) ? value.keys : [value];
}

function keyOf(value: unknown): string | null {
  return isObject(value) && typeof value.x === 'string' ? value.x : null;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
