import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { openForBusiness } from '../gate/open-for-business.ts';
import { leadBody, placesOf, SOURCE, startApi, type Reply, type RunningApi } from './running-api.ts';

/** 13:00 in New York and 10:00 in Los Angeles, on a Tuesday. */
const NOON = new Date('2026-11-24T18:00:00Z');
const WAY = { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12025550100' };

let api: RunningApi;
let now = NOON;

beforeAll(async () => {
  api = await startApi({ now: () => now });
  await openForBusiness(api.db, NOON);
  await api.call('POST', '/v1/sources', { body: SOURCE });
});

afterAll(() => api.stop());

async function newLead(): Promise<{ leadId: string; phone: string }> {
  const body = leadBody({ acquiredAt: '2026-11-20T15:04:05Z' });
  const { json } = await api.call('POST', '/v1/leads', { body });
  return { leadId: json.leadId, phone: String(body.phone) };
}

/** Asked ahead of Express, and, because a query keeps it from the fast way, through it. */
const WAYS = [['at once', '/v1/clearances'], ['by Express', '/v1/clearances?by=express']] as const;

async function ask(changes: object, options: { path?: string; key?: string } = {}): Promise<Reply> {
  const headers = options.key === undefined ? {} : { 'idempotency-key': options.key };
  return api.call('POST', options.path ?? '/v1/clearances', { as: 'agent', body: { ...WAY, ...changes }, headers });
}

describe.each(WAYS)('a clearance, answered %s', (_way, path) => {
  test('allows, reserves, and is on record as it was answered', async () => {
    const { leadId, phone } = await newLead();
    const { status, json, headers } = await ask({ phone }, { path });
    expect(status).toBe(201);
    expect(json).toMatchObject({
      decision: 'allow', leadId, at: NOON.toISOString(), validUntil: '2026-11-24T18:10:00.000Z', notBefore: null, reasons: [],
    });
    expect(json.policyVersion).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(json.checked.lists).toMatchObject([{ list: 'us-federal' }]);
    const record = await api.call('GET', headers.get('location') ?? '', { as: 'auditor' });
    expect(record.json).toEqual({ ...json, ...WAY, agent: null, outcome: null });
    const second = await ask({ leadId }, { path });
    expect(second.json).toMatchObject({ decision: 'deny', validUntil: null, reasons: [{ code: 'open_clearance' }] });
  });

  test.each([
    ['nobody', {}, [['', 'exactly_one']]],
    ['two persons', { phone: '+12025550143', leadId: randomUUID() }, [['', 'exactly_one']]],
    ['no way of dialing', { phone: '+12025550143', dialerMode: undefined }, [['/dialerMode', 'required']]],
    ['no number that is shown', { phone: '+12025550143', callerId: undefined }, [['/callerId', 'required']]],
    ['no campaign', { phone: '+12025550143', campaign: undefined }, [['/campaign', 'required']]],
    ['an unknown purpose', { phone: '+12025550143', purpose: 'fun' }, [['/purpose', 'not_allowed']]],
    ['a field that is not known', { phone: '+12025550143', at: '2026-11-24T18:00:00Z' }, [['', 'unknown_field']]],
  ])('is refused when it names %s', async (_what, changes, places) => {
    const reply = await ask(changes, { path });
    expect([reply.status, reply.json.code, placesOf(reply)]).toEqual([422, 'invalid_request', places]);
  });

  test('is refused for what is no number, and for a lead that does not exist', async () => {
    expect((await ask({ phone: '12345' }, { path })).json).toMatchObject({ status: 422, code: 'invalid_phone' });
    expect((await ask({ leadId: randomUUID() }, { path })).json).toMatchObject({ status: 404, code: 'unknown_lead' });
  });

  test('says of a number that is no lead that there is nothing to stand on', async () => {
    const { status, json } = await ask({ phone: '+12025550198' }, { path });
    expect([status, json.decision, json.leadId]).toEqual([201, 'deny', null]);
    expect(json.reasons.map(({ code }: { code: string }) => code)).toContain('lead_unknown');
  });

  test('is refused to those who may not ask, with the same headers as any answer', async () => {
    const body = { ...WAY, phone: '+12025550143' };
    const stranger = await api.call('POST', path, { as: null, body });
    expect([stranger.status, stranger.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="leadwarden"']);
    const auditor = await api.call('POST', path, { as: 'auditor', body });
    expect([auditor.status, auditor.json.code]).toEqual([403, 'forbidden']);
    expect(auditor.headers.get('cache-control')).toBe('no-store');
    expect(auditor.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(auditor.headers.get('ratelimit')).toContain('requests');
  });

  test('is answered once for one idempotency key, and reserves once', async () => {
    const { leadId } = await newLead();
    const key = randomUUID();
    const first = await ask({ leadId }, { path, key });
    const again = await ask({ leadId }, { path, key });
    expect(again.json).toEqual(first.json);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await ask({ leadId, campaign: 'autumn' }, { path, key })).json.code).toBe('idempotency_key_reused');
  });

  test('takes JSON only, and nothing larger than a question', async () => {
    const raw = await api.call('POST', path, { raw: 'phone=1', headers: { 'content-type': 'text/plain' } });
    expect(raw.json.code).toBe('unsupported_media_type');
    const broken = await api.call('POST', path, { raw: '{', headers: { 'content-type': 'application/json' } });
    expect(broken.json).toMatchObject({ status: 400, code: 'malformed_json' });
  });
});

describe('one person', () => {
  test('is allowed to one of 200 who ask at the same instant', async () => {
    const { leadId } = await newLead();
    const replies = await Promise.all(Array.from({ length: 200 }, () => ask({ leadId })));
    expect(replies.filter(({ json }) => json.decision === 'allow')).toHaveLength(1);
  });

  test('is not shown as allowed by what both ways answer to a revoked key', async () => {
    for (const [, path] of WAYS) {
      const created = await api.call('POST', '/v1/api-keys', { body: { name: 'short', role: 'agent' } });
      const send = () => api.call('POST', path, {
        as: null, body: { ...WAY, phone: '+12025550198' }, headers: { authorization: `Bearer ${created.json.key}` },
      });
      expect((await send()).status).toBe(201);
      await api.call('DELETE', `/v1/api-keys/${created.json.id}`);
      expect((await send()).status).toBe(401);
    }
  });
});

describe('a batch', () => {
  test('answers each in its place, and puts a problem where one cannot be answered', async () => {
    const [first, second] = [await newLead(), await newLead()];
    const items = [
      { ...WAY, phone: first.phone }, { ...WAY, phone: '123' }, { ...WAY, leadId: randomUUID() }, { ...WAY, leadId: second.leadId },
      { ...WAY, leadId: first.leadId }, { ...WAY, phone: first.phone, purpose: 'fun' }, 7,
    ];
    for (const headers of [{}, { 'idempotency-key': randomUUID() }]) {
      const { status, json } = await api.call('POST', '/v1/clearances/batch', { as: 'agent', body: { items }, headers });
      expect(status).toBe(200);
      const wordOf = (item: { decision?: string; problem?: { code: string } }) => item.decision ?? item.problem?.code;
      const words = json.items.map(wordOf);
      expect(words).toEqual(['allow', 'invalid_phone', 'unknown_lead', 'allow', 'deny', 'invalid_request', 'invalid_request']);
      expect(json.items[5].problem.errors).toMatchObject([{ pointer: '/items/5/purpose' }]);
      await api.db.deleteFrom('reservation').execute();
    }
  });

  test('takes a thousand and no more', async () => {
    const items = Array.from({ length: 1000 }, () => ({ ...WAY, phone: '+12025550198' }));
    const { json } = await api.call('POST', '/v1/clearances/batch', { as: 'agent', body: { items } });
    expect(json.items).toHaveLength(1000);
    expect(new Set(json.items.map(({ clearanceId }: { clearanceId: string }) => clearanceId)).size).toBe(1000);
    const more = await api.call('POST', '/v1/clearances/batch', { as: 'agent', body: { items: [...items, items[0]] } });
    expect(placesOf(more)).toEqual([['/items', 'too_long']]);
  });
});

describe('a preview', () => {
  test('takes a person, a channel and a purpose, keeps nothing and reserves nobody', async () => {
    const { leadId } = await newLead();
    const body = { leadId, channel: 'call', purpose: 'marketing' };
    const { status, json } = await api.call('POST', '/v1/clearances/preview', { as: 'auditor', body });
    expect([status, json.clearanceId, json.decision]).toEqual([200, null, 'allow']);
    expect((await ask({ leadId })).json.decision).toBe('allow');
  });

  test('judges the moment that is asked about', async () => {
    const { leadId } = await newLead();
    const body = { leadId, channel: 'call', purpose: 'marketing', at: '2026-11-25T08:00:00Z' };
    const { json } = await api.call('POST', '/v1/clearances/preview', { body });
    expect(json).toMatchObject({ decision: 'deny', at: '2026-11-25T08:00:00.000Z' });
    expect(json.reasons.map(({ code }: { code: string }) => code)).toContain('call_window');
    const reply = await api.call('POST', '/v1/clearances/preview', { body: { ...body, at: '1999-12-31T23:59:59Z' } });
    expect(placesOf(reply)).toEqual([['/at', 'out_of_range']]);
  });

  test.each(['noon', '2026-11-25T08:00:00', '2026-02-30T08:00:00Z', '', 8, null])('refuses a moment that is none: %j', async (at) => {
    const { leadId } = await newLead();
    const reply = await api.call('POST', '/v1/clearances/preview', { body: { leadId, channel: 'call', purpose: 'marketing', at } });
    expect([reply.status, reply.json.code, reply.json.errors[0].pointer]).toEqual([422, 'invalid_request', '/at']);
  });
});

describe('an outcome', () => {
  async function allowed(): Promise<{ leadId: string; phone: string; clearanceId: string }> {
    const lead = await newLead();
    const { json } = await ask({ leadId: lead.leadId });
    expect(json.decision).toBe('allow');
    return { ...lead, clearanceId: json.clearanceId };
  }

  function report(clearanceId: string, body: object): Promise<Reply> {
    return api.call('POST', `/v1/clearances/${clearanceId}/outcome`, { as: 'agent', body: { endedAt: NOON.toISOString(), ...body } });
  }

  test('ends the reservation and starts the quiet time', async () => {
    const { leadId, clearanceId } = await allowed();
    const { status, json } = await report(clearanceId, { outcome: 'no_answer', durationSeconds: 22 });
    expect(status).toBe(201);
    expect(json).toMatchObject({ clearanceId, leadId, outcome: 'no_answer', startedAt: '2026-11-24T17:59:38.000Z', suppressionId: null });
    const next = await ask({ leadId });
    const codes = next.json.reasons.map(({ code }: { code: string }) => code);
    expect(codes).toContain('cooldown');
    expect(codes).not.toContain('open_clearance');
    const record = await api.call('GET', `/v1/clearances/${clearanceId}`);
    expect(record.json.outcome).toMatchObject({ contactId: json.contactId, outcome: 'no_answer' });
  });

  test('suppresses at once who wants no more, on every channel', async () => {
    const { phone, clearanceId } = await allowed();
    const { json } = await report(clearanceId, { outcome: 'opted_out' });
    expect(json.suppressionId).not.toBeNull();
    const next = await ask({ phone, channel: 'sms' });
    expect(next.json.reasons.map(({ code }: { code: string }) => code)).toContain('suppressed');
  });

  test('is the first one when it is said again, and refused when another is said', async () => {
    const { clearanceId } = await allowed();
    const first = await report(clearanceId, { outcome: 'busy' });
    const again = await report(clearanceId, { outcome: 'busy', durationSeconds: 5 });
    expect([again.status, again.json]).toEqual([200, first.json]);
    expect((await report(clearanceId, { outcome: 'answered' })).json).toMatchObject({ status: 409, code: 'outcome_recorded' });
  });

  test('is taken after the reservation has ended, because the person was contacted', async () => {
    const { clearanceId } = await allowed();
    now = new Date(NOON.getTime() + 3_600_000);
    expect((await report(clearanceId, { outcome: 'answered' })).status).toBe(201);
    now = NOON;
  });

  test('leaves a later reservation of the same person alone', async () => {
    const { leadId, clearanceId } = await allowed();
    await api.db.updateTable('reservation').set({ until: NOON }).where('lead_id', '=', leadId).execute();
    expect((await ask({ leadId })).json.decision).toBe('allow');
    await report(clearanceId, { outcome: 'failed', durationSeconds: 1 });
    const codes = (await ask({ leadId })).json.reasons.map(({ code }: { code: string }) => code);
    expect(codes).toContain('open_clearance');
  });

  test('is refused for what was not allowed, is not known, or has not happened', async () => {
    const denied = await ask({ phone: '+12025550198' });
    expect((await report(denied.json.clearanceId, { outcome: 'busy' })).json).toMatchObject({ status: 422, code: 'contact_not_allowed' });
    expect((await report(randomUUID(), { outcome: 'busy' })).json).toMatchObject({ status: 404, code: 'unknown_clearance' });
    const { clearanceId } = await allowed();
    const reply = await report(clearanceId, { outcome: 'busy', endedAt: '2026-11-24T19:00:00Z' });
    expect(placesOf(reply)).toEqual([['/endedAt', 'in_future']]);
    const turned = await report(clearanceId, { outcome: 'busy', startedAt: '2026-11-24T18:00:00.001Z' });
    expect(placesOf(turned)).toEqual([['/endedAt', 'out_of_order']]);
  });
});
