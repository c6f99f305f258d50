/**
 * The one way to write a JSON value, as RFC 8785 wants it: no blanks, keys in the order of their UTF-16 code units, numbers
 * and strings as ECMAScript writes them. Throws on what JSON cannot say, so that nothing is signed that reads back differently.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return stringText(value);
  if (Array.isArray(value)) return `[${Array.from(value, (item: unknown) => canonicalJson(item)).join(',')}]`;
  if (isPlainObject(value)) return objectText(value);
  throw new TypeError(`a value of type ${typeof value} has no canonical JSON`);
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError('a number that is not finite has no canonical JSON');
  return JSON.stringify(value);
}

function stringText(value: string): string {
  if (!value.isWellFormed()) throw new TypeError('half of a surrogate pair has no canonical JSON');
  return JSON.stringify(value);
}

/** Default sorting compares UTF-16 code units, which is the order of the RFC. */
function objectText(value: object): string {
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${members.map(([key, item]) => `${stringText(key)}:${canonicalJson(item)}`).join(',')}}`;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
