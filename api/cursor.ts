import { DomainError } from '../domain/problem.ts';

/** An opaque cursor of some values; callers only ever hand it back. */
export function encodeCursor(...values: string[]): string {
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** The values of a cursor, each checked by its pattern; null for no cursor. Refuses one that is not ours. */
export function decodeCursor<const Patterns extends readonly RegExp[]>(
  cursor: string | undefined,
  patterns: Patterns,
): { [K in keyof Patterns]: string } | null {
  if (cursor === undefined) return null;
  const values = parse(cursor);
  if (Array.isArray(values) && values.length === patterns.length) {
    const fits = patterns.every((pattern, index) => typeof values[index] === 'string' && pattern.test(values[index]));
    if (fits) return values as { [K in keyof Patterns]: string };
  }
  throw new DomainError('invalid_request', 'This list has no such page.', [
    { pointer: '?after', code: 'unknown_cursor', detail: 'must be the `next` of an earlier page of the same list' },
  ]);
}

export const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const INSTANT_PATTERN = /^(19|2[01])\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return null;
  }
}
