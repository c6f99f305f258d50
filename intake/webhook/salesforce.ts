import type { Channel } from '../../domain/consent.ts';
import type { WebhookMapping } from '../../domain/webhook.ts';
import type { RawEvent, WebhookAdapter } from './adapter.ts';
import { eventsOf, fieldsOf, isObject, jsonOf, textOf, valueAt, type JsonObject } from './payload.ts';
import { messageId, standardSignature } from './standard-signature.ts';

/** The objects that say what somebody agreed to. */
const CONSENT_OBJECTS = /^(ContactPointTypeConsent|ContactPointConsent|ConsentEvent)(ChangeEvent)?$/;
/** The objects that are a person, whose id is one of the person's names. */
const PERSONS = /^(Individual|Contact|Lead|User|Account|PersonAccount)(ChangeEvent)?$/;

/** What a person's own record says by a box that is ticked. */
const BOXES: Readonly<Record<string, Channel | undefined>> = {
  DoNotCall: 'call', HasOptedOutOfEmail: 'email', HasOptedOutSolicit: undefined, HasOptedOutProcessing: undefined,
};

/** Which of the ids that an event is associated with name a person, the nearest first. */
const ASSOCIATED = ['individual', 'contact', 'lead', 'personAccount', 'user', 'globalPartyId'];

/**
 * Records of ContactPointTypeConsent and its like, as a flow, a trigger or a relay of the event bus posts them: plain, as change
 * events, or several as `records`; and ConsentEvent, which tells in `NewValues` of changes of any object. Salesforce signs
 * nothing by itself; the caller signs as Standard Webhooks do (Apex: `Crypto.generateMac('hmacSHA256', ...)`).
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
    const [body, delivery] = [jsonOf(request), messageId(request)];
    const records = isObject(body) && 'records' in body ? body.records : body;
    return eventsOf(records, delivery, (record, nth) => changesOf(record, `${delivery}#${nth}`, mapping));
  },
};

/** What one record or event says: as a rule one thing, and one more for each box that is ticked. */
function changesOf(whole: JsonObject, delivery: string, mapping: WebhookMapping): RawEvent[] {
  // A subscriber to the streaming API gets everything inside of `data`.
  const record = isObject(whole.data) && isObject(whole.data.payload) ? whole.data : whole;
  const { payload } = record;
  const event = isObject(payload) ? payload : record;
  const object = { ...event, ...newValuesOf(event) };
  const id = idOf(record, event) ?? delivery;
  const base = { id, key: id, ...personOf(object, mapping) };
  const ticked = Object.keys(BOXES).filter((name) => object[name] === true);
  if (ticked.length === 0 || object.ShouldForget === true) return [{ ...base, type: typeOf(object) }];
  return ticked.map((name, nth) => {
    const [own, channel] = [nth === 0 ? id : `${id}:${name}`, BOXES[name] ?? 'all'];
    return { ...base, id: own, key: own, type: 'opt_out', fields: { ...base.fields, channel, purpose: 'all', at: latestOf(object, null) } };
  });
}

/** The values that a ConsentEvent brings, as JSON in a text. */
function newValuesOf({ NewValues: values }: JsonObject): JsonObject {
  const read = typeof values === 'string' ? parsed(values) : values;
  return isObject(read) ? read : {};
}

function personOf(object: JsonObject, mapping: WebhookMapping): Pick<RawEvent, 'fields' | 'merged'> {
  const told = defined(fieldsOf(object, mapping));
  const isOptOut = mapping.states?.[textOf(told.state) ?? ''] === 'opt_out';
  const at = isOptOut ? latestOf(object, told.at) : told.at ?? object.CaptureDate ?? changedAt(object);
  const purpose = told.purpose ?? object.DataUsePurposeId;
  const names = [textOf(told.reference), ...associatedIds(object), ownId(object)].filter((name) => name !== null);
  const [reference, ...merged] = new Set(names);
  return { fields: defined({ ...told, at, purpose: isObject(purpose) ? purpose.Name : purpose, reference }), merged };
}

/** What ends a consent was said at the last moment that is told: a record that is changed keeps the beginning that it had. */
function latestOf(object: JsonObject, at: unknown): unknown {
  const moments = [at, object.CaptureDate, changedAt(object), object.LastModifiedDate ?? object.SystemModstamp];
  const known = moments.flatMap((moment) => (typeof moment === 'string' || typeof moment === 'number' ? [moment] : []));
  const inOrder = known.map((moment) => ({ moment, ms: new Date(moment).getTime() })).filter(({ ms }) => !Number.isNaN(ms));
  return inOrder.sort((one, other) => other.ms - one.ms)[0]?.moment;
}

function changedAt(object: JsonObject): unknown {
  return object.ChangeTimestamp ?? valueAt(object, 'ChangeEventHeader.commitTimestamp');
}

/** A list of ids by what they are of, as JSON in a text. */
function associatedIds({ AssociatedIds: ids }: JsonObject): (string | null)[] {
  const read = typeof ids === 'string' ? parsed(ids) : ids;
  return isObject(read) ? ASSOCIATED.map((name) => textOf(read[name])) : [];
}

function ownId(object: JsonObject): string | null {
  if (!PERSONS.test(nameOf(object) ?? '')) return null;
  const changed = valueAt(object, 'ChangeEventHeader.recordIds');
  return textOf(object.RecordId) ?? textOf(Array.isArray(changed) ? changed[0] : null) ?? textOf(object.Id);
}

function nameOf(object: JsonObject): string | null {
  return textOf(object.ObjectName ?? valueAt(object, 'ChangeEventHeader.entityName') ?? valueAt(object, 'attributes.type') ?? object.type);
}

/** A record that was forgotten altogether is somebody who wants to be. */
function typeOf(object: JsonObject): RawEvent['type'] {
  if (object.ShouldForget === true) return 'erasure';
  const name = nameOf(object);
  return name === null || CONSENT_OBJECTS.test(name) ? 'state' : 'unknown';
}

/** Each change of a record is an event of its own. */
function idOf(record: JsonObject, object: JsonObject): string | null {
  const transaction = textOf(valueAt(object, 'ChangeEventHeader.transactionKey'));
  if (transaction !== null) return `${transaction}:${textOf(valueAt(object, 'ChangeEventHeader.sequenceNumber')) ?? ''}`;
  const event = textOf(object.EventUuid) ?? textOf(valueAt(record, 'event.EventUuid'));
  if (event !== null) return event;
  // A place in a stream: other streams have the same, at other times.
  const replay = textOf(valueAt(record, 'event.replayId'));
  if (replay !== null) return [replay, textOf(object.CreatedDate)].filter((part) => part !== null).join(':');
  const [id, changed] = [textOf(object.Id), textOf(object.SystemModstamp ?? object.LastModifiedDate)];
  return id !== null && changed !== null ? `${id}:${changed}` : null;
}

function defined(fields: RawEvent['fields']): RawEvent['fields'] {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
