import type { WebhookMapping } from '../../domain/webhook.ts';
import type { WebhookAdapter } from './adapter.ts';
import { eventsOf, fieldsOf, jsonOf, typeOf } from './payload.ts';
import { messageId, standardSignature } from './standard-signature.ts';

/** The types of event that we would send ourselves, and what they mean; opt-outs go by other names as well. */
export const TYPES: WebhookMapping['types'] = {
  'consent.granted': 'grant',
  'consent.revoked': 'opt_out',
  'consent.withdrawn': 'opt_out',
  'opted-out': 'opt_out',
  'opt-out': 'opt_out',
  'optout': 'opt_out',
  'unsubscribed': 'opt_out',
  'unsubscribe': 'opt_out',
  'contact.deleted': 'erasure',
  'message.received': 'message',
};

/** `{ "type", "timestamp", "data" }` with the signature of Standard Webhooks: one event a request. */
export const standard: WebhookAdapter = {
  ...standardSignature,
  mapping: {
    types: TYPES,
    fields: {
      phone: 'data.phone', email: 'data.email', reference: 'data.reference', channel: 'data.channel', purpose: 'data.purpose',
      at: 'timestamp', expiresAt: 'data.expiresAt', grade: 'data.grade', statement: 'data.statement',
      textVersion: 'data.textVersion', method: 'data.method',
    },
  },
  parse(request, mapping) {
    const id = messageId(request);
    return eventsOf(jsonOf(request), id, (event, nth) => {
      const own = nth === 0 ? id : `${id}#${nth}`;
      return { id: own, key: own, type: typeOf(event.type, mapping), fields: fieldsOf(event, mapping) };
    });
  },
};
