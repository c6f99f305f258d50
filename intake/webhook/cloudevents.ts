import type { WebhookAdapter, SignedRequest } from './adapter.ts';
import { headerOf } from './adapter.ts';
import { fieldsOf, jsonOf, objectsOf, textOf, typeOf, type JsonObject } from './payload.ts';
import { TYPES } from './standard.ts';
import { messageId, standardSignature } from './standard-signature.ts';

/**
 * CloudEvents 1.0 in all modes of HTTP: structured, batched, and binary with the attributes in headers. CloudEvents has no
 * signature of its own; this takes that of Standard Webhooks, which does not cover headers: in binary mode its id has to be
 * that of the event, and the time is its own.
 */
export const cloudevents: WebhookAdapter = {
  ...standardSignature,
  mapping: {
    types: TYPES,
    fields: {
      phone: 'data.phone', email: 'data.email', reference: 'data.reference', channel: 'data.channel', purpose: 'data.purpose',
      at: 'time', expiresAt: 'data.expiresAt', grade: 'data.grade', statement: 'data.statement',
      textVersion: 'data.textVersion', method: 'data.method',
    },
  },
  parse(request, mapping) {
    return eventsOf(request).map((event, nth) => {
      const id = textOf(event.id) ?? `${messageId(request)}#${nth}`;
      // The standard makes source and id together what an event is known by.
      return { id, key: JSON.stringify([event.source, id]), type: typeOf(event.type, mapping), fields: fieldsOf(event, mapping) };
    });
  },
};

function eventsOf(request: SignedRequest): JsonObject[] {
  const body = jsonOf(request);
  if (headerOf(request, 'ce-specversion') === null) return objectsOf(body);
  const [type, time] = ['type', 'time'].map((name) => headerOf(request, `ce-${name}`));
  return [{ id: messageId(request), source: 'binary', type, time: time ?? undefined, data: body }];
}
