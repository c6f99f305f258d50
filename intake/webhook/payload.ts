import { DomainError } from '../../domain/problem.ts';
import { WEBHOOK_FIELDS, type WebhookMapping, type WebhookType } from '../../domain/webhook.ts';
import type { RawEvent, SignedRequest } from './adapter.ts';

export type JsonObject = Record<string, unknown>;

const UTF8 = new TextDecoder('utf-8', { fatal: true });
const MOST_EVENTS = 1_000;

/** The JSON of a body. Refuses what is none. */
export function jsonOf({ body }: SignedRequest): unknown {
  try {
    return JSON.parse(UTF8.decode(body)) as unknown;
  } catch {
    throw new DomainError('malformed_json', 'The body is not JSON in UTF-8.');
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The events of one object, or of a list of them; what is no object in a list is an event that cannot be read, and keeps none of
 * the others. `delivery` names the request, where something does. Refuses everything else, and more than can be taken at once.
 */
export function eventsOf(
  value: unknown, delivery: string, read: (object: JsonObject, nth: number) => RawEvent | RawEvent[],
): RawEvent[] {
  const items = Array.isArray(value) ? (value as unknown[]) : [value];
  if (items.length > MOST_EVENTS) throw unreadable(`has at most ${MOST_EVENTS} events`);
  if (!Array.isArray(value) && !isObject(value)) throw unreadable('is an object, or a list of objects');
  return items.flatMap((item, nth) => {
    if (isObject(item)) return read(item, nth);
    const key = `${delivery}#${nth}`;
    return { id: delivery === '' ? '' : key, key, type: 'unreadable', fields: {} };
  });
}

function unreadable(what: string): DomainError {
  return new DomainError('invalid_request', `A body of this provider ${what}.`, [{ pointer: '', code: 'wrong_type', detail: what }]);
}

/** What stands at a place in an object: names with dots between them. */
export function valueAt(object: JsonObject, path: string): unknown {
  let value: unknown = object;
  for (const name of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** The fields of an event, each from where the mapping says that it stands. */
export function fieldsOf(object: JsonObject, { fields = {} }: WebhookMapping): RawEvent['fields'] {
  const found: RawEvent['fields'] = {};
  for (const field of WEBHOOK_FIELDS) {
    const path = fields[field];
    if (path !== undefined) found[field] = valueAt(object, path);
  }
  return found;
}

/** What a type of event means: by its whole name, or by the end of it after a dot; as it is spelt, or else however it is. */
export function typeOf(name: unknown, mapping: WebhookMapping): WebhookType | 'unknown' {
  if (typeof name !== 'string') return 'unknown';
  return typeByEnd(name, mapping) ?? typeByEnd(name.toLowerCase().replaceAll('_', '-'), mapping) ?? 'unknown';
}

function typeByEnd(name: string, { types = {} }: WebhookMapping): WebhookType | null {
  const parts = name.split('.').slice(-8);
  for (let from = 0; from < parts.length; from += 1) {
    const end = parts.slice(from).join('.');
    if (Object.hasOwn(types, end)) return types[end] ?? null;
  }
  return null;
}

/** A text that can name something. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}
