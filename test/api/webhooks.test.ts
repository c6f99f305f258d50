import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { leadBody, SOURCE, startApi, type Reply, type RunningApi } from './running-api.ts';
import { createSender, eventsOf, sendHubspot, sendStandard, sendTwilio, signStandard, type Sender } from './webhook-sending.ts';

let api: RunningApi;
let crm: Sender;
let carrier: Sender;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
  crm = await createSender(api, 'standard', { id: 'crm' });
  carrier = await createSender(api, 'twilio', { id: 'twilio-main', secret: '12345' });
});
afterAll(() => api.stop());

interface Known {
  id: string;
  phone: string;
}

async function lead(changes: object = {}): Promise<Known> {
  const body = leadBody(changes);
  const { json } = await api.call('POST', '/v1/leads', { body });
  return { id: json.leadId, phone: String(body.phone) };
}

const consent = (channel: string) => ({ channel, purpose: 'marketing', obtainedAt: '2026-01-01T15:04:05Z', evidence: { statement: 'yes' } });
const event = (type: string, data: object, timestamp = '2026-03-01T00:00:00Z') => ({ type, timestamp, data });
const send = (of: unknown, options?: Parameters<typeof sendStandard>[3]) => sendStandard(api, crm, of, options);
const resultOf = ({ json }: Reply): string => json.results[0].result;
const text = (phone: string, Body: string, more: object = {}) => sendTwilio(api, carrier, { From: phone, Body, ...more });

async function standing(id: string): Promise<Record<string, string>> {
  const { json } = await api.call('GET', `/v1/leads/${id}/consents`);
  return Object.fromEntries(json.inForce.map((each: Record<string, string>) => [`${each.channel} ${each.purpose}`, each.state]));
}

async function reasons(phone: string, channel: string): Promise<string[]> {
  const { json } = await api.call('POST', '/v1/clearances/preview', { body: { phone, channel, purpose: 'marketing' } });
  return json.reasons.map(({ code }: { code: string }) => code);
}

const suppressions = (phone: string) => api.db.selectFrom('suppression').selectAll().where('token', '=', api.context.vault.phoneToken(phone)).orderBy('id').execute();
const said = async (id: string) => (await api.db.selectFrom('outbox').select(['signal', 'said']).where('subject', '=', id).where('said', 'is not', null).orderBy('id').execute());

describe('an opt-out that a CRM reports', () => {
  it('is a withdrawal of a known person, as of when it was said, and moves the workflow in words', async () => {
    const { id, phone } = await lead({ consents: [consent('sms'), consent('call')] });
    const reply = await send(event('consent.revoked', { phone, channel: 'sms', purpose: 'marketing', statement: 'Zyxwstatement' }));
    expect([reply.status, reply.json.results]).toEqual([200, [{ eventId: expect.any(String), result: 'applied', problem: null }]]);
    expect(await standing(id)).toMatchObject({ 'sms marketing': 'revoked', 'call marketing': 'granted' });
    expect(await reasons(phone, 'sms')).toContain('consent_revoked');
    expect(await said(id)).toEqual([{ signal: 'consentChanged', said: 'opt-out of sms reported through crm at 2026-03-01T00:00Z: sms marketing withdrawn' }]);
    expect(api.announced).toContain(id);
    const [shown] = await eventsOf(api, 'crm');
    expect(shown).toMatchObject({ act: 'opt_out', result: 'applied', leadId: id, happenedAt: '2026-03-01T00:00:00.000Z', factIds: [expect.any(String)] });
    const sealed = await api.db.selectFrom('personal_data').selectAll().where('fact_id', '=', shown.factIds[0]).execute();
    expect(sealed).toHaveLength(1);
    expect(JSON.stringify([reply.text, shown])).not.toContain('Zyxw');
  });

  it.each([
    ['without a channel is from all', {}, { 'sms marketing': 'revoked', 'call marketing': 'revoked' }],
    ['from a channel that we do not know is from all', { channel: 'telegram' }, { 'sms marketing': 'revoked', 'call marketing': 'revoked' }],
    ['from the phone is from calls and texts', { channel: 'phone' }, { 'sms marketing': 'revoked', 'call marketing': 'revoked', 'email marketing': 'granted' }],
    ['for another purpose is for that', { channel: 'sms', purpose: 'survey' }, { 'sms marketing': 'granted' }],
    ['for a purpose that we do not know is for all', { channel: 'sms', purpose: 'newsletter' }, { 'sms marketing': 'revoked', 'call marketing': 'granted' }],
  ])('%s', async (_, data, states) => {
    const { id, phone } = await lead({ consents: ['sms', 'call', 'email'].map(consent) });
    expect(resultOf(await send(event('consent.revoked', { phone, ...data })))).toBe('applied');
    expect(await standing(id)).toMatchObject(states);
  });

  it('of an unknown number suppresses it, before and after it is acquired', async () => {
    const body = leadBody();
    const phone = String(body.phone);
    expect(resultOf(await send(event('consent.revoked', { phone, channel: 'sms' })))).toBe('suppressed');
    expect(await reasons(phone, 'sms')).toEqual(expect.arrayContaining(['lead_unknown', 'suppressed']));
    await api.call('POST', '/v1/leads', { body: { ...body, consents: [consent('sms')] } });
    expect(await reasons(phone, 'sms')).toContain('suppressed');
    expect(await reasons(phone, 'call')).not.toContain('suppressed');
  });

  it('by e-mail address finds everybody who has it', async () => {
    const subject = { email: `two-${randomUUID()}@example.com` };
    const both = [await lead({ subject, consents: [consent('email')] }), await lead({ subject, consents: [consent('email')] })];
    expect(resultOf(await send(event('consent.revoked', { email: subject.email.toUpperCase(), channel: 'email' })))).toBe('applied');
    for (const { id } of both) expect(await standing(id)).toMatchObject({ 'email marketing': 'revoked' });
  });

  it('by an address that nobody has waits for whoever is acquired with it, also by a file', async () => {
    const emails = [`one-${randomUUID()}@example.com`, `file-${randomUUID()}@example.com`];
    for (const email of emails) expect(resultOf(await send(event('consent.revoked', { email, channel: 'email' })))).toBe('acquisition_unknown');
    const { id } = await lead({ subject: { email: emails[0] }, consents: [consent('email')] });
    expect(await standing(id)).toMatchObject({ 'email marketing': 'revoked' });
    const [, shown] = await eventsOf(api, 'crm');
    expect(shown).toMatchObject({ result: 'applied', leadId: id, detail: null });
    expect(await api.db.selectFrom('waiting_statement').selectAll().execute()).toHaveLength(1);
  });
});

describe('a grant that a CRM reports', () => {
  const grant = (phone: string, changes: object = {}) => event('consent.granted', { phone, channel: 'sms', purpose: 'marketing', grade: 'express', ...changes });

  it('is a consent like one that came along', async () => {
    const { id, phone } = await lead();
    expect(resultOf(await send(grant(phone, { textVersion: '2026-03', method: 'web_form' })))).toBe('applied');
    const { json } = await api.call('GET', `/v1/leads/${id}/consents`);
    expect(json.items[0]).toMatchObject({ kind: 'granted', grade: 'express', effect: 'in_force', textVersion: '2026-03', method: 'web_form' });
    expect(await standing(id)).toEqual({ 'sms marketing': 'granted' });
  });

  it('never ends a withdrawal: it is kept, and waits', async () => {
    const { id, phone } = await lead();
    await api.call('POST', `/v1/leads/${id}/revocations`, { body: { channel: 'sms', revokedAt: '2026-02-01T00:00:00Z' } });
    expect(resultOf(await send(grant(phone)))).toBe('applied');
    expect(await standing(id)).toMatchObject({ 'sms marketing': 'revoked' });
    expect((await said(id)).at(-1)?.said).toBe('consent to sms marketing reported through crm at 2026-03-01T00:00Z: waits, because a withdrawal stands');
    const { json } = await api.call('GET', '/v1/queues/waiting-consents');
    expect(json.items.map((item: { leadId: string }) => item.leadId)).toContain(id);
  });

  it('of an unknown number waits until it is acquired, holding nothing but pseudonyms', async () => {
    const body = leadBody();
    const phone = String(body.phone);
    expect(resultOf(await send(grant(phone, { statement: 'Zyxw yes' })))).toBe('acquisition_unknown');
    const [{ id: eventId }] = await eventsOf(api, 'crm', '?limit=1') as [{ id: string }];
    const waiting = await api.db.selectFrom('waiting_statement').selectAll().where('event_id', '=', eventId).execute();
    expect(waiting).toHaveLength(1);
    const { json } = await api.call('POST', '/v1/leads', { body });
    expect(await standing(json.leadId)).toEqual({ 'sms marketing': 'granted' });
    expect((await eventsOf(api, 'crm')).find(({ id }) => id === eventId)).toMatchObject({ result: 'applied', leadId: json.leadId, factIds: [expect.any(String)] });
    expect(await api.db.selectFrom('waiting_statement').selectAll().where('event_id', '=', eventId).execute()).toEqual([]);
  });

  it.each([
    ['without a channel', { channel: undefined }, 'channel_unclear'],
    ['for all channels', { channel: 'all' }, 'channel_unclear'],
    ['without a purpose', { purpose: undefined }, 'purpose_unclear'],
    ['of a grade that is none', { grade: 'Zyxw' }, 'grade_unclear'],
    ['that ends at no time', { expiresAt: 'Zyxw' }, 'time_unclear'],
  ])('%s is none', async (_, changes, code) => {
    const { id, phone } = await lead();
    const reply = await send(grant(phone, changes));
    expect([reply.status, reply.json.results[0].problem?.code]).toEqual([200, code]);
    expect([await standing(id), reply.text.includes('Zyxw')]).toEqual([{}, false]);
  });
});

describe('a message to a number of ours', () => {
  it.each(['STOP', 'Arrêt', '退订'])('that says %s withdraws and suppresses, and is answered in TwiML', async (word) => {
    const { id, phone } = await lead({ consents: [consent('sms'), consent('call')] });
    const reply = await text(phone, word);
    expect([reply.status, reply.headers.get('content-type'), reply.text]).toEqual([200, 'text/xml; charset=utf-8', '<?xml version="1.0" encoding="UTF-8"?><Response></Response>']);
    expect(await standing(id)).toMatchObject({ 'sms marketing': 'revoked', 'call marketing': 'granted' });
    expect(await reasons(phone, 'sms')).toEqual(expect.arrayContaining(['suppressed', 'consent_revoked']));
    expect(await suppressions(phone)).toMatchObject([{ kind: 'opt_out', channel: 'sms', via: 'twilio-main', lifted_at: null }]);
    expect((await said(id))[0]?.said).toMatch(/^opt-out of sms by message through twilio-main at \S+Z: sms marketing withdrawn, number suppressed for sms$/);
  });

  it('that says START ends what stood against texts, and is a consent to them', async () => {
    const { id, phone } = await lead({ consents: [consent('call')] });
    await api.call('POST', '/v1/suppressions', { body: { phone, kind: 'opt_out', channel: 'call', reportedAt: '2026-02-01T00:00:00Z' } });
    await text(phone, 'STOP');
    await text(phone, 'Start');
    expect(await standing(id)).toMatchObject({ 'sms marketing': 'granted' });
    expect(await reasons(phone, 'sms')).not.toContain('suppressed');
    expect(await reasons(phone, 'call')).toContain('suppressed');
    const known = await suppressions(phone);
    const ended = known.map(({ channel, lifted_at, lifted_by }) => [channel, lifted_at !== null, lifted_by]);
    expect(ended).toEqual([['call', false, null], ['sms', true, 'webhook:twilio-main']]);
  });

  it('that ends several opt-outs at once is shown as the end of each, whatever the size of a page', async () => {
    const { id, phone } = await lead();
    const against = { phone, channel: 'sms', reportedAt: '2026-02-01T00:00:00Z' };
    for (const kind of ['opt_out', 'complaint']) await api.call('POST', '/v1/suppressions', { body: { ...against, kind } });
    await text(phone, 'START');
    const path = `/v1/leads/${id}/timeline`;
    const { items } = (await api.call('GET', path)).json;
    expect(items.filter(({ type }: { type: string }) => type === 'suppression_lifted')).toHaveLength(2);
    const singly = [];
    for (let after = ''; after !== null;) {
      const { json } = await api.call('GET', `${path}?limit=1${after && `&after=${after}`}`);
      singly.push(...json.items);
      after = json.next;
    }
    expect(singly).toEqual(items);
  });

  it('that says START after an opt-out from everything ends it for texts alone', async () => {
    const { phone } = await lead();
    await api.call('POST', '/v1/suppressions', { body: { phone, kind: 'opt_out', channel: 'all', reportedAt: '2026-02-01T00:00:00Z', via: 'letter' } });
    await api.call('POST', '/v1/suppressions', { body: { phone, kind: 'litigant', channel: 'sms', reportedAt: '2026-02-01T00:00:00Z' } });
    await text(phone, 'START');
    const left = (await suppressions(phone)).filter(({ lifted_at }) => lifted_at === null);
    const inForce = left.map(({ kind, channel, via }) => [kind, channel, via]);
    expect(inForce).toEqual([['litigant', 'sms', null], ['opt_out', 'call', 'letter'], ['opt_out', 'email', 'letter']]);
  });

  it.each([
    ['no purpose', { channel: 'sms' }],
    ['no purpose that is known', { channel: 'sms', purpose: 'Zyxw' }],
  ])('that says START and names %s is a consent to marketing', async (_, named) => {
    const { id, phone } = await lead();
    await text(phone, 'STOP');
    expect(resultOf(await send(event('message.received', { phone, ...named, statement: 'START' }, new Date().toISOString())))).toBe('applied');
    expect(await standing(id)).toMatchObject({ 'sms marketing': 'granted' });
    expect(await reasons(phone, 'sms')).not.toContain('suppressed');
  });

  it.each([
    ['no channel', {}],
    ['no channel that is known', { channel: 'Zyxw' }],
    ['two channels at once', { channel: 'phone' }],
  ])('that says START for %s ends nothing', async (_, named) => {
    const { id, phone } = await lead();
    await text(phone, 'STOP');
    const reply = await send(event('message.received', { phone, ...named, statement: 'START' }, new Date().toISOString()));
    expect([reply.status, reply.json.results[0].problem?.code]).toEqual([200, 'channel_unclear']);
    expect(await standing(id)).toMatchObject({ 'sms marketing': 'revoked' });
    expect(await reasons(phone, 'sms')).toContain('suppressed');
  });

  it('that says START from a number that is no lead lets it become one', async () => {
    const body = leadBody();
    const started = await send(event('message.received', { phone: body.phone, channel: 'sms', statement: 'START' }));
    expect(resultOf(started)).toBe('acquisition_unknown');
    const { status, json } = await api.call('POST', '/v1/leads', { body });
    expect(status).toBe(201);
    expect(await standing(json.leadId)).toMatchObject({ 'sms marketing': 'granted' });
  });

  it('that is not clearly an opt-out freezes contact until somebody has read it', async () => {
    const { id, phone } = await lead();
    const reply = await text(phone, 'please stop it, Zyxw');
    expect([reply.status, reply.text.includes('Message')]).toEqual([200, false]);
    expect(await reasons(phone, 'email')).toContain('opt_out_unclear');
    const { json: queue } = await api.call('GET', '/v1/queues/unclear-opt-outs');
    const found = queue.items.find((item: { leadId: string }) => item.leadId === id);
    expect(found).toMatchObject({ channel: 'sms', via: 'twilio-main' });
    const shown = await api.call('GET', `/v1/queues/unclear-opt-outs/${found.id}`, { headers: { 'access-reason': 'to read it' } });
    expect(shown.json.statement).toBe('please stop it, Zyxw');
    await api.call('POST', `/v1/queues/unclear-opt-outs/${found.id}/resolve`, { body: { meaning: 'opt_out' } });
    expect(await reasons(phone, 'sms')).toContain('consent_revoked');
  });

  it('that asks for help is answered; any other is neither answered nor kept', async () => {
    const { id, phone } = await lead();
    expect((await text(phone, 'HELP')).text).toContain('<Message>Reply STOP');
    expect((await text(phone, 'Zyxw, see you tomorrow')).text).toContain('<Response></Response>');
    expect(await standing(id)).toEqual({});
    const [other, help] = await eventsOf(api, 'twilio-main', '?limit=2');
    expect([help, other]).toMatchObject([{ act: 'help', result: 'ignored' }, { act: 'ignore', result: 'ignored', leadId: null }]);
    expect(await api.db.selectFrom('personal_data').selectAll().where('lead_id', '=', id).execute()).toHaveLength(1);
  });

  it('of somebody unknown suppresses the number, clear or not', async () => {
    const [clear, unclear] = [String(leadBody().phone), String(leadBody().phone)];
    await text(clear, 'STOP');
    await text(unclear, 'do not text me');
    for (const phone of [clear, unclear]) expect(await suppressions(phone)).toMatchObject([{ kind: 'opt_out', channel: 'sms' }]);
    await text(clear, 'START');
    expect((await suppressions(clear))[0]?.lifted_at).not.toBeNull();
  });

  it('is what the carrier takes it for where it knows a word that we do not', async () => {
    const { id, phone } = await lead({ consents: [consent('sms')] });
    await text(phone, 'genug jetzt', { OptOutType: 'STOP' });
    expect(await standing(id)).toMatchObject({ 'sms marketing': 'revoked' });
  });

  it('that overtook another ends in the same state', async () => {
    const { id, phone } = await lead();
    const message = (statement: string, at: string) => send(event('message.received', { phone, channel: 'sms', purpose: 'marketing', statement }, at));
    await message('START', '2026-03-02T00:00:00Z');
    await message('STOP', '2026-03-01T00:00:00Z');
    expect(await standing(id)).toMatchObject({ 'sms marketing': 'granted' });
    expect((await suppressions(phone)).filter(({ lifted_at }) => lifted_at === null)).toEqual([]);
    await message('STOP', '2026-03-02T00:00:00Z');
    expect([await standing(id), (await suppressions(phone)).some(({ lifted_at }) => lifted_at === null)]).toMatchObject([{ 'sms marketing': 'revoked' }, true]);
  });
});

describe('the deletion of a contact', () => {
  it('is a request to be forgotten, of a known person or an unknown number', async () => {
    const { id, phone } = await lead();
    const unknown = String(leadBody().phone);
    for (const each of [phone, unknown]) expect(resultOf(await send(event('contact.deleted', { phone: each })))).toBe('request_recorded');
    const requests = await api.db.selectFrom('subject_request').selectAll().orderBy('id').execute();
    expect(requests).toMatchObject([{ lead_id: id, kind: 'erasure', via: 'crm' }, { lead_id: null, token: api.context.vault.phoneToken(unknown) }]);
    expect(await said(id)).toEqual([{ signal: 'lifecycleChanged', said: 'wish to be forgotten reported through crm at 2026-03-01T00:00Z: erasure requested' }]);
  });
});

describe('HubSpot', () => {
  let hub: Sender;
  beforeAll(async () => {
    hub = await createSender(api, 'hubspot', { id: 'hub', secret: 'yyyyyyyy-yyyy-yyyy' });
  });
  let next = 0;
  const change = (objectId: number, propertyName: string, propertyValue: string, more: object = {}) => ({
    eventId: next += 1, subscriptionId: 25, portalId: 33, appId: 1160452, occurredAt: Date.UTC(2026, 2, 1), subscriptionType: 'contact.propertyChange',
    attemptNumber: 0, objectId, changeSource: 'CRM', propertyName, propertyValue, ...more,
  });

  it('finds a contact by the reference of its acquisition, and sends batches that are partly bad', async () => {
    const { id } = await lead({ reference: '4711', consents: [consent('email')] });
    const { json } = await sendHubspot(api, hub, [
      change(4711, 'hs_email_optout', 'true'),
      change(4711, 'lifecyclestage', 'customer'),
      { subscriptionType: 'contact.propertyChange', objectId: 1, propertyName: 'phone', propertyValue: 'Zyxw', eventId: 900, occurredAt: 1 },
      change(999_999, 'hs_email_optout', 'true'),
      { ...change(4711, 'x', 'y'), subscriptionType: 'deal.creation' },
      {},
    ]);
    type Shown = { result: string; problem: { code: string } | null };
    expect(json.results.map(({ result, problem }: Shown) => problem?.code ?? result)).toEqual([
      'applied', 'ignored', 'invalid_phone', 'acquisition_unknown', 'ignored', 'event_id_missing',
    ]);
    expect(await standing(id)).toMatchObject({ 'email marketing': 'revoked' });
  });

  it('tells by a property who a contact is, and what was said before is done then', async () => {
    const { id, phone } = await lead({ consents: [consent('email')] });
    expect(resultOf(await sendHubspot(api, hub, [change(52, 'hs_email_optout', 'true')]))).toBe('acquisition_unknown');
    expect(resultOf(await sendHubspot(api, hub, [change(52, 'phone', phone)]))).toBe('applied');
    expect(await standing(id)).toMatchObject({ 'email marketing': 'revoked' });
    const [, first] = await eventsOf(api, 'hub', '?limit=2');
    expect(first).toMatchObject({ result: 'applied', leadId: id });
  });

  it('merges contacts: the one that is left is everybody it was', async () => {
    const both = [await lead({ reference: '61', consents: [consent('email')] }), await lead({ reference: '62', consents: [consent('email')] })];
    const merge = { ...change(61, '', ''), subscriptionType: 'contact.merge', primaryObjectId: 61, mergedObjectIds: [62], newObjectId: 63 };
    const { json } = await sendHubspot(api, hub, [merge]);
    expect(json.results[0].result).toBe('applied');
    await sendHubspot(api, hub, [change(63, 'hs_email_optout', 'true')]);
    for (const { id } of both) expect(await standing(id)).toMatchObject({ 'email marketing': 'revoked' });
  });

  it('deletes for privacy', async () => {
    const { id } = await lead({ reference: '71' });
    expect(resultOf(await sendHubspot(api, hub, [{ ...change(71, '', ''), subscriptionType: 'contact.privacyDeletion' }]))).toBe('request_recorded');
    expect((await said(id))[0]?.said).toContain('erasure requested');
  });

  it('repeats what it thinks was not taken, with another attempt number', async () => {
    await lead({ reference: '81', consents: [consent('email')] });
    const once = change(81, 'hs_email_optout', 'true');
    expect(resultOf(await sendHubspot(api, hub, [once, once]))).toBe('applied');
    const { json } = await sendHubspot(api, hub, [{ ...once, attemptNumber: 1 }]);
    expect(json.results[0].result).toBe('duplicate');
    expect((await eventsOf(api, 'hub', '?limit=3')).map(({ result }) => result)).toEqual(['duplicate', 'duplicate', 'applied']);
  });

  it('sends a hundred at once', async () => {
    const known = [];
    for (let nth = 0; nth < 5; nth += 1) known.push(await lead({ reference: `hundred-${nth}`, consents: [consent('email')] }));
    const events = Array.from({ length: 100 }, (_, nth) => change(nth, 'hs_email_optout', 'true', { objectId: `hundred-${nth % 5}` }));
    const { json } = await sendHubspot(api, hub, events);
    expect(new Set(json.results.map(({ result }: { result: string }) => result))).toEqual(new Set(['applied']));
    expect(json.results).toHaveLength(100);
  });
});

describe('Salesforce', () => {
  it('tells of consent by records, change events and lists of both', async () => {
    const force = await createSender(api, 'salesforce', { id: 'force', mapping: { fields: { phone: 'Phone__c' } } });
    const { id, phone } = await lead({ reference: '0PK000000000001', consents: ['call', 'sms', 'email'].map(consent) });
    const record = { attributes: { type: 'ContactPointTypeConsent' }, ContactPointType: 'Email', PrivacyConsentStatus: 'OptOut', EffectiveFrom: '2026-03-01T00:00:00.000+0000', PartyId: '0PK000000000001' };
    expect(resultOf(await sendStandard(api, force, record))).toBe('applied');
    expect(await standing(id)).toMatchObject({ 'email marketing': 'revoked', 'call marketing': 'granted' });
    const change = {
      schema: 'x', event: { replayId: 7 },
      payload: { ChangeEventHeader: { entityName: 'ContactPointTypeConsent', changeType: 'UPDATE', transactionKey: 'abc', sequenceNumber: 1 }, Phone__c: phone, ContactPointType: 'Phone', PrivacyConsentStatus: 'OptOut' },
    };
    const { json } = await sendStandard(api, force, { records: [change, { ...record, ContactPointType: 'Social' }, { ...record, PrivacyConsentStatus: 'NotSeen' }, { attributes: { type: 'Account' } }] });
    expect(json.results.map(({ result }: { result: string }) => result)).toEqual(['applied', 'ignored', 'ignored', 'ignored']);
    expect(await standing(id)).toMatchObject({ 'sms marketing': 'revoked', 'call marketing': 'revoked' });
    const optIn = { ...record, PrivacyConsentStatus: 'OptIn', ContactPointType: 'Email', EffectiveFrom: '2026-04-01T00:00:00Z' };
    expect(resultOf(await sendStandard(api, force, optIn))).toBe('applied');
    expect(await standing(id)).toMatchObject({ 'email marketing': 'revoked' });
  });
});

describe('CloudEvents', () => {
  const opt = (id: string, phone: string) => ({ specversion: '1.0', id, source: '/shop', type: 'com.example.consent.revoked', time: '2026-03-01T00:00:00Z', data: { phone, channel: 'sms' } });

  it('come one by one, in batches, and with their attributes in headers', async () => {
    const bus = await createSender(api, 'cloudevents', { id: 'bus' });
    const leads = [await lead({ consents: [consent('sms')] }), await lead({ consents: [consent('sms')] }), await lead({ consents: [consent('sms')] })];
    const [one, two, three] = leads as [Known, Known, Known];
    expect(resultOf(await sendStandard(api, bus, opt('a', one.phone)))).toBe('applied');
    const { json } = await sendStandard(api, bus, [opt('a', one.phone), opt('b', two.phone)]);
    expect(json.results.map(({ result }: { result: string }) => result)).toEqual(['duplicate', 'applied']);
    const body = JSON.stringify({ phone: three.phone, channel: 'sms' });
    const headers = { 'ce-specversion': '1.0', 'ce-id': 'c', 'ce-source': '/shop', 'ce-type': 'consent.revoked', 'ce-time': '2026-03-01T00:00:00Z' };
    expect(resultOf(await api.call('POST', '/v1/webhooks/bus', { as: null, raw: body, headers: { ...signStandard(bus.secret, body), ...headers } }))).toBe('applied');
    for (const { id } of leads) expect(await standing(id)).toMatchObject({ 'sms marketing': 'revoked' });
  });
});

describe('a request', () => {
  it('with a signature that is not the sender’s, or is too old, is refused and leaves nothing', async () => {
    const { id, phone } = await lead();
    const body = JSON.stringify(event('consent.revoked', { phone }));
    const forged = await api.call('POST', '/v1/webhooks/crm', { as: null, raw: body, headers: signStandard('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', body) });
    const late = await send(event('consent.revoked', { phone }), { at: new Date(Date.now() - 301_000) });
    const bare = await api.call('POST', '/v1/webhooks/crm', { as: 'admin', raw: body });
    for (const { status, json } of [forged, late, bare]) expect([status, json.code]).toEqual([401, 'invalid_signature']);
    expect(await standing(id)).toEqual({});
  });

  it('to nobody is 404, and one that is too large 413', async () => {
    expect((await send(event('x', {}), { to: 'nobody' })).status).toBe(404);
    expect((await send(`"${'x'.repeat(1_000_001)}"`)).status).toBe(413);
  });

  it('to the name of a provider is for whichever of its sources signed it', async () => {
    const [{ id, phone }, other] = [await lead({ consents: [consent('sms')] }), await createSender(api, 'standard', { id: 'crm-2' })];
    const { json } = await sendStandard(api, other, event('consent.revoked', { phone, channel: 'sms' }), { to: 'standard' });
    expect([json.results[0].result, (await eventsOf(api, 'crm-2')).length]).toEqual(['applied', 1]);
    expect(await standing(id)).toMatchObject({ 'sms marketing': 'revoked' });
    const paused = await createSender(api, 'standard', { id: 'crm-3' });
    await api.call('POST', '/v1/webhook-sources/crm-3/pause');
    expect((await sendStandard(api, paused, event('consent.revoked', { phone }), { to: 'standard' })).json.code).toBe('webhook_source_paused');
  });

  it.each([['no JSON', '{', 400, 'malformed_json'], ['a number', '7', 422, 'invalid_request'], ['nothing', '', 400, 'malformed_json']])('that is %s is refused', async (_, body, status, code) => {
    const reply = await send(body);
    expect([reply.status, reply.json.code]).toEqual([status, code]);
  });

  it('that names nobody, or a number that is none, has that as its result', async () => {
    for (const [data, code] of [[{}, 'nobody_named'], [{ phone: 'Zyxw' }, 'invalid_phone'], [{ phone: { a: 1 } }, 'invalid_phone'], [{ email: 'Zyxw' }, 'nobody_named']] as const) {
      const { json, text: answered } = await send(event('consent.revoked', data));
      expect([json.results[0].result, json.results[0].problem.code, answered.includes('Zyxw')]).toEqual(['invalid', code, false]);
    }
    expect(resultOf(await send(event('order.created', { phone: '+12025550143' })))).toBe('ignored');
  });

  it('repeated is taken once, whoever asks at the same time', async () => {
    const { id, phone } = await lead({ consents: [consent('sms')] });
    const known = { id: 'msg_once' };
    const replies = await Promise.all(Array.from({ length: 20 }, () => send(event('consent.revoked', { phone, channel: 'sms' }), known)));
    expect(replies.map(resultOf).sort()).toEqual(['applied', ...Array.from({ length: 19 }, () => 'duplicate')]);
    const nobody = await Promise.all(Array.from({ length: 20 }, () => send(event('consent.revoked', {}), { id: 'msg_nobody' })));
    expect(nobody.map(resultOf).sort()).toEqual([...Array.from({ length: 19 }, () => 'duplicate'), 'invalid']);
    expect(await api.db.selectFrom('consent_event').selectAll().where('lead_id', '=', id).where('kind', '=', 'revoked').execute()).toHaveLength(1);
  });

  it('tells nobody’s number in its events', async () => {
    const phone = String(leadBody().phone);
    await send(event('consent.revoked', { phone }), { id: phone.slice(1) });
    const [shown] = await eventsOf(api, 'crm', '?limit=1');
    expect(shown.eventId).toMatch(/^sha256:/);
  });
});
