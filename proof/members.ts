/** Members of a file that anybody may have written: whatever they are, reading them never fails. */
export function objectAt(value: Record<string, unknown>, key: string): Record<string, unknown> {
  return asObject(value[key]);
}

/** The objects of a list; none where it is no list. */
export function listAt(value: Record<string, unknown>, key: string): Record<string, unknown>[] {
  const list: unknown = value[key];
  return Array.isArray(list) ? list.map(asObject) : [];
}

/** The first of some members that is a text or a number, without what could steer a terminal; else `nothing`. */
export function textAt(value: Record<string, unknown>, ...keys: string[]): string {
  const text = keys.map((key) => value[key]).find((member) => typeof member === 'string' || typeof member === 'number');
  return typeof text === 'string' || typeof text === 'number' ? String(text).replace(/\p{C}/gu, '') : 'nothing';
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
