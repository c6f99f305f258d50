import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import type { MappedProperty, WebhookMapping } from '../../domain/webhook.ts';
import { headerOf, isRecent, type RawEvent, type SignedRequest, type WebhookAdapter } from './adapter.ts';
import { isSignature } from './equal.ts';
import { eventsOf, jsonOf, textOf, type JsonObject } from './payload.ts';

/** What HubSpot leaves readable in the address that it signs. */
const READABLE: Record<string, string> = {
  '%3A': ':', '%2F': '/', '%3F': '?', '%40': '@', '%21': '!', '%24': '$', '%27': "'", '%28': '(', '%29': ')', '%2A': '*', '%2C': ',', '%3B': ';',
};

/**
 * Subscriptions of a HubSpot app: up to 100 events a request, signed in version 3 with the app's client secret. An event knows
 * its contact by number only; who that is, the acquisition said (`reference`) or the property with the phone number did.
 */
export const hubspot: WebhookAdapter = {
  createSecret: () => randomBytes(24).toString('base64url'),
  faultOf: (secret) => (/^[\x21-\x7e]{8,128}$/.test(secret) ? null : 'must be the client secret of the app, 8 to 128 visible ASCII characters'),
  isGenuine(request, secret, now) {
    const [timestamp, signature] = [headerOf(request, 'x-hubspot-request-timestamp'), headerOf(request, 'x-hubspot-signature-v3')];
    if (!timestamp || !signature || !/^\d{1,15}$/.test(timestamp) || !isRecent(Number(timestamp), now)) return false;
    const key = createSecretKey(secret, 'utf8');
    const expected = createHmac('sha256', key).update(request.method + signedUrl(request)).update(request.body).update(timestamp).digest();
    return isSignature(signature, expected);
  },
  mapping: {
    properties: {
      phone: { means: 'phone' },
      mobilephone: { means: 'phone' },
      hs_email_optout: { means: 'consent', channel: 'email', purpose: 'marketing', optOutWhen: ['true'] },
    },
  },
  numbersItsEvents: true,
  parse: (request, mapping) => eventsOf(jsonOf(request), '', (event) => eventOf(event, mapping)),
};

function signedUrl({ url }: SignedRequest): string {
  return url.replace(/%[0-9A-Fa-f]{2}/g, (code) => READABLE[code.toUpperCase()] ?? code);
}

/** Contacts, among the kinds of objects that subscriptions to any kind name beside the event. */
const CONTACTS = '0-1';

function subscriptionOf({ subscriptionType, eventType, objectTypeId }: JsonObject): string | null {
  const name = textOf(subscriptionType ?? eventType);
  return objectTypeId === CONTACTS ? name?.replace(/^object\./, 'contact.') ?? null : name;
}

function eventOf(event: JsonObject, { properties = {} }: WebhookMapping): RawEvent {
  const [eventId, contact, subscription] = [textOf(event.eventId), textOf(event.objectId), subscriptionOf(event)];
  const id = eventId ?? '';
  // HubSpot does not promise that its ids are unique; an attempt that is repeated differs in `attemptNumber` only.
  const key = JSON.stringify([id, event.subscriptionId, subscription, contact, event.propertyName, event.occurredAt]);
  const base = { id, key, fields: { reference: contact ?? undefined, at: event.occurredAt } };
  switch (subscription) {
    case 'contact.privacyDeletion': return { ...base, type: 'erasure' };
    case 'contact.merge': return { ...base, type: 'merge', ...mergeOf(event) };
    case 'contact.propertyChange': return { ...base, ...changeOf(event, base.fields, properties) };
    case 'contact.creation': case 'contact.deletion': case 'contact.restore': case 'contact.associationChange': return { ...base, type: 'ignore' };
    default: return { ...base, type: 'unknown' };
  }
}

function mergeOf({ newObjectId, primaryObjectId, mergedObjectIds, occurredAt }: JsonObject): Pick<RawEvent, 'merged' | 'fields'> {
  const others = Array.isArray(mergedObjectIds) ? (mergedObjectIds as unknown[]) : [];
  const merged = [primaryObjectId, ...others].map(textOf).filter((name) => name !== null);
  return { merged, fields: { reference: textOf(newObjectId) ?? textOf(primaryObjectId) ?? undefined, at: occurredAt } };
}

function changeOf(
  { propertyName, propertyValue }: JsonObject, fields: RawEvent['fields'], properties: Record<string, MappedProperty>,
): Pick<RawEvent, 'type' | 'fields' | 'channel' | 'purpose'> {
  const given = textOf(propertyName) ?? '';
  // Out of one kind of e-mail: we do not know its kinds.
  const name = Object.hasOwn(properties, given) ? given : given.replace(/^(hs_email_optout)_\d+$/, '$1');
  const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
  const value = typeof propertyValue === 'boolean' ? String(propertyValue) : textOf(propertyValue);
  if (!property) return { type: 'ignore', fields };
  if (property.means === 'phone') return value === null ? { type: 'ignore', fields } : { type: 'reference', fields: { ...fields, phone: value } };
  const { channel, purpose, optOutWhen = ['true'], grantWhen = [] } = property;
  const said = value ?? '';
  const type = optOutWhen.includes(said) ? 'opt_out' : grantWhen.includes(said) ? 'grant' : 'ignore';
  return { type, fields: { ...fields, channel, purpose } };
}
