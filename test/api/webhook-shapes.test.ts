import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';
import { createSender, eventsOf, sendHubspot, sendStandard, sendTwilio, type Sender } from './webhook-sending.ts';

let api: RunningApi;
let force: Sender;
let hub: Sender;
let bus: Sender;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
  force = await createSender(api, 'salesforce', { id: 'force' });
  hub = await createSender(api, 'hubspot', { id: 'hub', secret: 'yyyyyyyy-yyyy-yyyy' });
  bus = await createSender(api, 'cloudevents', { id: 'bus' });
});
afterAll(() => api.stop());

async function lead(changes: object = {}) {
  const consents = ['call', 'sms', 'email'].map((channel) => {
    return { channel, purpose: 'marketing', obtainedAt: '2026-01-01T15:04:05Z', evidence: { statement: 'yes' } };
  });
  const body = leadBody({ consents, ...changes });
  const { json } = await api.call('POST', '/v1/leads', { body });
  return { id: String(json.leadId), phone: String(body.phone) };
}

async function withdrawn(id: string): Promise<string[]> {
  const { json } = await api.call('GET', `/v1/leads/${id}/consents`);
  const all: { channel: string; state: string }[] = json.inForce;
  return [...new Set(all.filter(({ state }) => state === 'revoked').map(({ channel }) => channel))].sort();
}

const resultsOf = ({ json }: { json: { results: { result: string; problem: { code: string } | null }[] } }) => {
  return json.results.map(({ result, problem }) => problem?.code ?? result);
};
const requestsOf = (ids: readonly string[]) => api.db.selectFrom('subject_request').selectAll().where('id', 'in', ids).execute();
let names = 0;
/** An id as Salesforce makes them: three characters say of what. */
const idOf = (prefix: string) => `${prefix}5g00000${String(names += 1).padStart(8, '0')}`;

/** A ConsentEvent as it is documented: what has changed is JSON in `NewValues`. */
const consentEvent = (object: string, record: string, values: object, more: object = {}) => ({
  schema: 'GzuA-iAALq0ABxW_WNjlag',
  payload: {
    EventUuid: randomUUID(), ObjectName: object, RecordId: record, ChangeType: 'Update', ChangeTimestamp: '2026-03-01T00:00:00.000Z',
    ChangeInitiator: '0054J000002HEa4QAG', NewValues: JSON.stringify(values), CreatedDate: '2026-03-01T00:00:02.536Z', ...more,
  },
  event: { replayId: 287 },
});

describe('a ConsentEvent of Salesforce', () => {
  it.each([
    ['the status of a consent to telephone', { PrivacyConsentStatus: 'OptOut', ContactPointType: 'Phone' }, ['call', 'sms']],
    ['the status of a consent to e-mail', { PrivacyConsentStatus: 'OptOut', ContactPointType: 'Email' }, ['email']],
    ['a status that is none', { PrivacyConsentStatus: 'NotSeen', ContactPointType: 'Email' }, []],
  ])('tells %s, of whom it is associated with', async (_, values, channels) => {
    const contact = idOf('003');
    const { id } = await lead({ reference: contact });
    const ids = JSON.stringify({ individual: idOf('0PK'), contact });
    const event = consentEvent('ContactPointTypeConsent', idOf('0ZX'), values, { AssociatedIds: ids });
    expect(resultsOf(await sendStandard(api, force, event))).toEqual([channels.length > 0 ? 'applied' : 'ignored']);
    expect(await withdrawn(id)).toEqual(channels);
  });

  it.each([
    ['Contact', 'HasOptedOutOfEmail', ['email']],
    ['Lead', 'DoNotCall', ['call']],
    ['Individual', 'HasOptedOutSolicit', ['call', 'email', 'sms']],
  ])('tells by a box of a %s: %s', async (object, box, channels) => {
    const record = idOf('003');
    const { id } = await lead({ reference: record });
    expect(resultsOf(await sendStandard(api, force, consentEvent(object, record, { [box]: false })))).toEqual(['ignored']);
    expect(resultsOf(await sendStandard(api, force, consentEvent(object, record, { [box]: true })))).toEqual(['applied']);
    expect(await withdrawn(id)).toEqual(channels);
  });

  it('tells two things where two boxes are ticked, and both are known when they come again', async () => {
    const record = idOf('003');
    const { id } = await lead({ reference: record });
    const both = consentEvent('Contact', record, { DoNotCall: true, HasOptedOutOfEmail: true });
    expect(resultsOf(await sendStandard(api, force, both))).toEqual(['applied', 'applied']);
    expect(await withdrawn(id)).toEqual(['call', 'email']);
    expect(resultsOf(await sendStandard(api, force, both))).toEqual(['duplicate', 'duplicate']);
  });

  it('is a wish to be forgotten where the individual should be, also as the streaming API wraps it', async () => {
    const individual = idOf('0PK');
    const { id } = await lead({ reference: individual });
    const event = { channel: '/event/ConsentEvent', data: consentEvent('Individual', individual, { ShouldForget: true }) };
    expect(resultsOf(await sendStandard(api, force, event))).toEqual(['request_recorded']);
    const [{ factIds }] = await eventsOf(api, 'force', '?limit=1') as [{ factIds: string[] }];
    expect(await requestsOf(factIds)).toMatchObject([{ lead_id: id, kind: 'erasure' }]);
  });

  it('is another one where another stream has it at the same place', async () => {
    const record = idOf('003');
    const { id } = await lead({ reference: record });
    const [one, two] = ['DoNotCall', 'HasOptedOutOfEmail'].map((box, nth) => {
      return consentEvent('Contact', record, { [box]: true }, { EventUuid: null, CreatedDate: `2026-03-0${nth + 1}T00:00:00.000Z` });
    });
    expect(resultsOf(await sendStandard(api, force, [one, two, one]))).toEqual(['applied', 'applied', 'duplicate']);
    expect(await withdrawn(id)).toEqual(['call', 'email']);
  });

  it('holds whatever it says for nobody where its values cannot be read', async () => {
    const events = ['{"PrivacyConsentStatus":', '7', 'null', ''].map((values) => consentEvent('Contact', idOf('003'), {}, { NewValues: values }));
    expect(resultsOf(await sendStandard(api, force, events))).toEqual(['ignored', 'ignored', 'ignored', 'ignored']);
  });
});

describe('a record of Salesforce', () => {
  const record = (PartyId: string, changes: object) => ({
    attributes: { type: 'ContactPointTypeConsent' }, Id: idOf('0ZX'), PartyId, ContactPointType: 'Email',
    EffectiveFrom: '2026-01-01T00:00:00.000+0000', CaptureDate: '2026-01-01T00:00:00.000+0000', LastModifiedDate: '2026-03-01T00:00:00.000+0000', ...changes,
  });

  it('that was turned from yes to no says no as of the change, not as of when it was made', async () => {
    const party = idOf('0PK');
    const { id } = await lead({ reference: party });
    const granted = { channel: 'email', purpose: 'marketing', obtainedAt: '2026-02-01T00:00:00Z', evidence: { statement: 'yes' } };
    await api.call('POST', `/v1/leads/${id}/consents`, { body: granted });
    expect(resultsOf(await sendStandard(api, force, record(party, { PrivacyConsentStatus: 'OptOut' })))).toEqual(['applied']);
    expect(await withdrawn(id)).toEqual(['email']);
  });

  it.each([
    ['a purpose of its own is no consent to marketing', { DataUsePurposeId: '0ZW000000000001' }, 'purpose_unclear'],
    ['a purpose that is called marketing is one', { DataUsePurpose: { Name: 'Marketing' } }, 'applied'],
    ['no purpose is taken for marketing', { DataUsePurposeId: null }, 'applied'],
  ])('that grants for %s', async (_, purpose, result) => {
    const party = idOf('0PK');
    await lead({ reference: party });
    expect(resultsOf(await sendStandard(api, force, record(party, { PrivacyConsentStatus: 'OptIn', ...purpose })))).toEqual([result]);
  });
});

describe('a batch of which some items are no objects', () => {
  it.each([
    ['standard', () => createSender(api, 'standard', { id: 'crm' })],
    ['salesforce', () => Promise.resolve(force)],
    ['cloudevents', () => Promise.resolve(bus)],
  ])('of %s loses none of the others', async (provider, senderOf) => {
    const sender = await senderOf();
    const { id, phone } = await lead();
    const good = provider === 'salesforce'
      ? { EventUuid: randomUUID(), Phone: phone, ContactPointType: 'Email', PrivacyConsentStatus: 'OptOut' }
      : { specversion: '1.0', source: '/shop', id: randomUUID(), type: 'consent.revoked', time: '2026-03-01T00:00:00Z', timestamp: '2026-03-01T00:00:00Z', data: { phone, channel: 'email' } };
    const message = `msg_${randomUUID()}`;
    const results = ['not_an_object', 'not_an_object', 'applied', 'not_an_object'];
    expect(resultsOf(await sendStandard(api, sender, [7, null, good, ['x']], { id: message }))).toEqual(results);
    expect(await withdrawn(id)).toEqual(['email']);
    expect(new Set(resultsOf(await sendStandard(api, sender, [7, null, good, ['x']], { id: message })))).toEqual(new Set(['duplicate']));
  });

  it('of HubSpot loses none of the others', async () => {
    const { id } = await lead({ reference: '5101' });
    const good = { eventId: 5_101, subscriptionType: 'contact.propertyChange', objectId: 5_101, propertyName: 'hs_email_optout', propertyValue: 'true', occurredAt: Date.UTC(2026, 2, 1) };
    expect(resultsOf(await sendHubspot(api, hub, [7, good, null]))).toEqual(['not_an_object', 'applied', 'not_an_object']);
    expect(await withdrawn(id)).toEqual(['email']);
  });

  it('is refused where all of the body is none', async () => {
    expect((await sendStandard(api, bus, 7)).status).toBe(422);
  });
});

describe('an event of HubSpot', () => {
  const event = (objectId: number, changes: object) => ({
    eventId: objectId, subscriptionId: 25, portalId: 33, occurredAt: Date.UTC(2026, 2, 1), attemptNumber: 0, objectId, ...changes,
  });

  it('of a subscription to any kind of object is one of a contact where it says so', async () => {
    const { id } = await lead({ reference: '6101' });
    const change = { subscriptionType: 'object.propertyChange', propertyName: 'hs_email_optout', propertyValue: 'true' };
    expect(resultsOf(await sendHubspot(api, hub, [event(6_101, { ...change, objectTypeId: '0-2' })]))).toEqual(['ignored']);
    expect(await withdrawn(id)).toEqual([]);
    expect(resultsOf(await sendHubspot(api, hub, [event(6_101, { ...change, objectTypeId: '0-1' })]))).toEqual(['applied']);
    expect(await withdrawn(id)).toEqual(['email']);
  });

  it('that opts out of one kind of e-mail is an opt-out of e-mail, whose kinds are not known here', async () => {
    const { id } = await lead({ reference: '6151' });
    const change = { subscriptionType: 'contact.propertyChange', propertyName: 'hs_email_optout_12345', propertyValue: 'true' };
    expect(resultsOf(await sendHubspot(api, hub, [event(6_151, change)]))).toEqual(['applied']);
    expect(await withdrawn(id)).toEqual(['email']);
  });

  it('that deletes an unknown contact is a request from that moment, and theirs as soon as it is known whose number it is', async () => {
    const deletion = event(6_201, { subscriptionType: 'contact.privacyDeletion' });
    expect(resultsOf(await sendHubspot(api, hub, [deletion]))).toEqual(['request_recorded']);
    const [{ id: eventId, factIds }] = await eventsOf(api, 'hub', '?limit=1') as [{ id: string; factIds: string[] }];
    expect(await requestsOf(factIds)).toMatchObject([{ lead_id: null, token: null, kind: 'erasure', via: 'hub' }]);
    const { id } = await lead({ reference: '6201' });
    expect(await requestsOf(factIds)).toMatchObject([{ lead_id: id, received_at: expect.any(Date), jurisdictions: ['US', 'US-DC'] }]);
    expect((await eventsOf(api, 'hub')).find((each) => each.id === eventId)).toMatchObject({ result: 'request_recorded', leadId: id, factIds });
    const word = await api.db.selectFrom('outbox').select(['workflow', 'signal']).where('subject', '=', factIds[0] ?? '').orderBy('id').execute();
    expect(word).toEqual([{ workflow: 'subject_request', signal: 'received' }, { workflow: 'subject_request', signal: 'requestChanged' }]);
    expect(resultsOf(await sendHubspot(api, hub, [deletion]))).toEqual(['duplicate']);
  });

  it('that deletes somebody whose first request was ended by hand is a request of its own', async () => {
    await sendHubspot(api, hub, [event(6_301, { subscriptionType: 'contact.privacyDeletion' })]);
    const [{ factIds: [first = ''] }] = await eventsOf(api, 'hub', '?limit=1') as [{ factIds: string[] }];
    await api.db.updateTable('subject_request').set({ state: 'fulfilled', ended_at: new Date() }).where('id', '=', first).execute();
    const { id } = await lead({ reference: '6301' });
    expect(await requestsOf([first])).toMatchObject([{ lead_id: null, state: 'fulfilled' }]);
    const own = await api.db.selectFrom('subject_request').selectAll().where('lead_id', '=', id).execute();
    expect(own).toMatchObject([{ kind: 'erasure', state: 'received' }]);
  });
});

describe('a deletion of a number that is no lead', () => {
  it('starts the workflow that watches its deadlines, and says through whom it came', async () => {
    const crm = await createSender(api, 'standard', { id: 'crm-of-deletions' });
    const event = { type: 'contact.deleted', timestamp: '2026-03-01T00:00:00Z', data: { phone: '+4915123456789' } };
    expect(resultsOf(await sendStandard(api, crm, event))).toEqual(['request_recorded']);
    const [{ factIds: [id = ''] }] = await eventsOf(api, crm.id, '?limit=1') as [{ factIds: string[] }];
    const word = await api.db.selectFrom('outbox').select(['workflow', 'signal', 'said']).where('subject', '=', id).execute();
    expect(word).toEqual([{ workflow: 'subject_request', signal: 'received', said: 'erasure' }]);
    const { json } = await api.call('GET', `/v1/subject-requests/${id}`);
    expect(json).toMatchObject({ via: crm.id, steps: [{ kind: 'received' }] });
    expect(json.deadlines).not.toEqual([]);
  });
});

describe('a CloudEvent', () => {
  it.each([
    ['com.example.consent.revoked', 'applied'], ['com.example.consent.withdrawn', 'applied'], ['com.example.optout', 'applied'],
    ['contact.opted_out', 'applied'], ['Contact.Opt-Out', 'applied'], ['com.example.unsubscribed', 'applied'],
    ['com.example.reoptout', 'ignored'], ['optout.example', 'ignored'], ['com.example.consent', 'ignored'],
  ])('of the type %s is %s', async (type, result) => {
    const { phone } = await lead();
    const event = { specversion: '1.0', id: randomUUID(), source: '/shop', type, time: '2026-03-01T00:00:00Z', data: { phone, channel: 'sms' } };
    expect(resultsOf(await sendStandard(api, bus, event))).toEqual([result]);
  });

  it('that has its data as bytes is read like one that has it as JSON', async () => {
    const { id, phone } = await lead();
    const event = (bytes: string) => ({ specversion: '1.0', id: randomUUID(), source: '/shop', type: 'consent.revoked', time: '2026-03-01T00:00:00Z', data_base64: bytes });
    const bytes = Buffer.from(JSON.stringify({ phone, channel: 'sms' })).toString('base64');
    expect(resultsOf(await sendStandard(api, bus, [event(bytes), event('AAAA')]))).toEqual(['applied', 'nobody_named']);
    expect(await withdrawn(id)).toEqual(['sms']);
  });
});

describe('a message to a number whose carrier answers keywords itself', () => {
  it.each([['HELP', 'info please'], ['STOP', 'Zyxw'], ['START', 'Zyxw']])('and says so by %s is answered with nothing', async (keyword, Body) => {
    const replies = { stop: 'Zyxw stop', start: 'Zyxw start', help: 'Zyxw help' };
    const carrier = await createSender(api, 'twilio', { secret: randomUUID(), mapping: { replies } });
    const { phone: From } = await lead();
    const { text } = await sendTwilio(api, carrier, { From, Body, OptOutType: keyword });
    expect(text).toContain('<Response></Response>');
    expect((await sendTwilio(api, carrier, { From, Body: keyword })).text).toContain(`<Message>Zyxw ${keyword.toLowerCase()}</Message>`);
  });
});
