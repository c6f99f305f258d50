import type { RawEvent, WebhookAdapter } from './adapter.ts';
import { fieldsOf, isObject, jsonOf, objectsOf, textOf, valueAt, type JsonObject } from './payload.ts';
import { messageId, standardSignature } from './standard-signature.ts';

/** The objects that say what somebody agreed to. */
const CONSENT_OBJECTS = /^(ContactPointTypeConsent|ContactPointConsent|ConsentEvent)(ChangeEvent)?$/;

/**
 * Records of ContactPointTypeConsent and its like, and ConsentEvent, as a flow, a trigger or a relay of the event bus posts
 * them: plain, as change events, or several as `records`. Salesforce signs nothing by itself; the caller signs as Standard
 * Webhooks do (Apex: `Crypto.generateMac('hmacSHA256', ...)`).
 */
export const salesforce: WebhookAdapter = {
  ...standardSignature,
  mapping: {
    fields: {
      phone: 'Phone', email: 'Email', reference: 'PartyId', channel: 'ContactPointType', purpose: 'DataUsePurpose', state: 'PrivacyConsentStatus',
      at: 'EffectiveFrom', expiresAt: 'EffectiveTo', method: 'CaptureContactPointType',
    },
    states: { OptIn: 'grant', OptOut: 'opt_out', Seen: 'ignore', NotSeen: 'ignore' },
    channels: { MailingAddress: 'ignore', Social: 'ignore', Web: 'ignore' },
    purpose: 'marketing',
  },
  parse(request, mapping) {
    const body = jsonOf(request);
    const records = objectsOf(isObject(body) && 'records' in body ? body.records : body);
    return records.map((record, nth) => eventOf(record, `${messageId(request)}#${nth}`, (object) => fieldsOf(object, mapping)));
  },
};

function eventOf(record: JsonObject, delivery: string, read: (record: JsonObject) => RawEvent['fields']): RawEvent {
  const { payload } = record;
  const object = isObject(payload) ? payload : record;
  const name = textOf(valueAt(object, 'ChangeEventHeader.entityName') ?? valueAt(object, 'attributes.type') ?? object.type);
  const fields = { at: valueAt(object, 'ChangeTimestamp') ?? object.CaptureDate, ...defined(read(object)) };
  const id = idOf(record, object) ?? delivery;
  return { id, key: id, type: typeOf(object, name), fields };
}

/** A record that was forgotten altogether is somebody who wants to be. */
function typeOf(object: JsonObject, name: string | null): RawEvent['type'] {
  if (object.ShouldForget === true) return 'erasure';
  return name === null || CONSENT_OBJECTS.test(name) ? 'state' : 'unknown';
}

/** Each change of a record is an event of its own. */
function idOf(record: JsonObject, object: JsonObject): string | null {
  const transaction = textOf(valueAt(object, 'ChangeEventHeader.transactionKey'));
  if (transaction !== null) return `${transaction}:${textOf(valueAt(object, 'ChangeEventHeader.sequenceNumber')) ?? ''}`;
  const event = textOf(object.EventUuid) ?? textOf(valueAt(record, 'event.EventUuid')) ?? textOf(valueAt(record, 'event.replayId'));
  if (event !== null) return event;
  const [id, changed] = [textOf(object.Id), textOf(object.SystemModstamp ?? object.LastModifiedDate)];
  return id !== null && changed !== null ? `${id}:${changed}` : null;
}

function defined(fields: RawEvent['fields']): RawEvent['fields'] {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}
