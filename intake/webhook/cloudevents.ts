import type { WebhookAdapter, SignedRequest } from './adapter.ts';
import { headerOf } from './adapter.ts';
import { eventsOf, fieldsOf, jsonOf, textOf, typeOf } from './payload.ts';
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
    const delivery = messageId(request);
    return eventsOf(structuredOf(request), delivery, (event, nth) => {
      const id = textOf(event.id) ?? `${delivery}#${nth}`;
      const read = { ...event, data: event.data ?? decoded(event.data_base64) };
      // The standard makes source and id together what an event is known by.
      return { id, key: JSON.stringify([event.source, id]), type: typeOf(event.type, mapping), fields: fieldsOf(read, mapping) };
    });
  },
};

/** What the request says, in binary mode put together as the other modes have it. */
function structuredOf(request: SignedRequest): unknown {
  const body = jsonOf(request);
  if (headerOf(request, 'ce-specversion') === null) return body;
  const [type, time] = ['type', 'time'].map((name) => headerOf(request, `ce-${name}`));
  return { id: messageId(request), source: 'binary', type, time: time ?? undefined, data: body };
}

/** Data that a sender passed on as bytes (CloudEvents 1.0, JSON format 3.1.1), where they are JSON. */
function decoded(bytes: unknown): unknown {
  try {
    return typeof bytes === 'string' ? JSON.parse(Buffer.from(bytes, 'base64').toString('utf8')) as unknown : undefined;
  } catch {
    return undefined;
  }
}
