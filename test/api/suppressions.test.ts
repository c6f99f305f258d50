import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { leadBody, placesOf, SOURCE, startApi, type Reply, type RunningApi } from './running-api.ts';

const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';
const EVIDENCE = { method: 'letter', fileDigest: 'a'.repeat(64) };

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const suppress = (body: object): Promise<Reply> => api.call('POST', '/v1/suppressions', { body: { kind: 'opt_out', ...body }, as: 'agent' });
const lift = (id: string, body: object = { reason: 'Wrong person', evidence: EVIDENCE }): Promise<Reply> =>
  api.call('POST', `/v1/suppressions/${id}/lift`, { body, as: 'compliance' });

async function lead() {
  const body = leadBody();
  const { json } = await api.call('POST', '/v1/leads', { body });
  return { id: json.leadId as string, phone: body.phone as string };
}

describe('a suppression', () => {
  it.each(['opt_out', 'complaint', 'wrong_number', 'litigant'])('as %s is on record, and the lead hears of it', async (kind) => {
    const { id, phone } = await lead();
    const { status, json, text } = await suppress({ phone, kind, channel: 'sms', reportedAt: '2026-02-01T00:00:00Z', via: 'letter' });
    expect([status, text.includes(phone)]).toEqual([201, false]);
    expect(json).toMatchObject({ kind, channel: 'sms', reportedAt: '2026-02-01T00:00:00.000Z', via: 'letter', liftedAt: null });
    expect(json.phone).toMatch(/^\+1\d{3}\*{5}\d\d$/);
    expect((await api.call('GET', `/v1/suppressions/${json.id}`)).json).toEqual(json);
    const told = await api.db.selectFrom('outbox').select(['subject', 'signal']).where('fact_id', '=', json.id).execute();
    expect([told, api.announced.includes(id)]).toEqual([[{ subject: id, signal: 'lifecycleChanged' }], true]);
  });

  it('can be of a number that is no lead, of whom only a pseudonym is kept', async () => {
    const { status, json } = await suppress({ phone: '(202) 555-0198', region: 'US' });
    expect([status, json.channel, json.phone]).toEqual([201, 'all', '+1202*****98']);
    expect((await api.call('GET', `/v1/suppressions/${json.id}`)).json.phone).toBeNull();
    const row = await api.db.selectFrom('suppression').selectAll().where('id', '=', json.id).executeTakeFirstOrThrow();
    expect(row.token).toBe(api.context.vault.phoneToken('+12025550198'));
    const later = await api.call('POST', '/v1/leads', { body: leadBody({ phone: '+12025550198' }) });
    const timeline = await api.call('GET', `/v1/leads/${later.json.leadId}/timeline`);
    expect(timeline.json.items.map((item: { type: string }) => item.type)).toContain('suppressed');
  });

  it.each([
    ['a phone that is none', { phone: 'Zyxwcanary' }, 'invalid_phone', '/phone'],
    ['a national number without its region', { phone: '(202) 555-0198' }, 'invalid_phone', '/phone'],
    ['no kind', { phone: '+12025550123', kind: undefined }, 'invalid_request', '/kind'],
    ['a channel that is none', { phone: '+12025550123', channel: 'Zyxwcanary' }, 'invalid_request', '/channel'],
    ['a time to come', { phone: '+12025550123', reportedAt: '2999-01-01T00:00:00Z' }, 'invalid_request', '/reportedAt'],
    ['more than is known', { phone: '+12025550123', name: 'Zyxwcanary' }, 'invalid_request', ''],
  ])('is refused for %s', async (_, body, code, pointer) => {
    const reply = await suppress(body);
    expect([reply.status, reply.json.code, placesOf(reply)[0]?.[0]]).toEqual([422, code, pointer]);
    expect(reply.text).not.toMatch(/Zyxw|5550123/);
  });
});

describe('the end of a suppression', () => {
  it('is on record with who and when, its reason sealed', async () => {
    const { id, phone } = await lead();
    const { json } = await suppress({ phone });
    const ended = await lift(json.id, { reason: 'Zyxwcanary wrote to us', evidence: { statement: 'Zyxwcanary' } });
    expect([ended.status, ended.json.liftedAt, ended.text.includes('Zyxw')]).toEqual([200, expect.any(String), false]);
    const row = await api.db.selectFrom('suppression').selectAll().where('id', '=', json.id).executeTakeFirstOrThrow();
    expect(row).toMatchObject({ lifted_by: expect.stringMatching(/^key:/), lifted_reason: null, lifted_at: expect.any(Date) });
    const sealed = await api.db.selectFrom('personal_data').select('lead_id').where('fact_id', '=', row.lifted_because).execute();
    expect(sealed).toEqual([{ lead_id: id }]);
    const told = await api.db.selectFrom('outbox').select('id').where('fact_id', '=', json.id).execute();
    expect(told).toHaveLength(2);
  });

  it('happens once, whoever else tries', async () => {
    const { phone } = await lead();
    const { json } = await suppress({ phone });
    const replies = await Promise.all(Array.from({ length: 20 }, () => lift(json.id)));
    expect(replies.map((reply) => reply.json.code ?? reply.status).sort()).toEqual([200, ...Array.from({ length: 19 }, () => 'already_settled')]);
  });

  it('of a number that is no lead keeps in clear what tells of nobody, and of the rest a digest', async () => {
    const DIGEST = /^hmac-sha256:[0-9a-f]{64}$/;
    const reasonOf = async (phone: string, body: object) => {
      const { json } = await suppress({ phone });
      const { status, text } = await lift(json.id, body);
      expect([status, text.includes('Zyxw')]).toEqual([200, false]);
      const row = await api.db.selectFrom('suppression').select('lifted_reason').where('id', '=', json.id).executeTakeFirstOrThrow();
      return JSON.parse(row.lifted_reason ?? '');
    };
    expect(await reasonOf('+12125550198', { reason: 'Wrong person', evidence: EVIDENCE })).toEqual({ reason: 'Wrong person', ...EVIDENCE });
    expect(await reasonOf('+12125550197', { reason: 'Zyxwcanary, call 2025550123', evidence: EVIDENCE }))
      .toEqual({ reason: expect.stringMatching(DIGEST), ...EVIDENCE });
    const letter = { ...EVIDENCE, statement: 'Zyxwcanary', url: 'https://example.com/Zyxwcanary' };
    const kept = await reasonOf('+12125550196', { reason: 'Wrong person', evidence: letter });
    expect(kept).toEqual({ reason: 'Wrong person', ...EVIDENCE, statement: expect.stringMatching(DIGEST), url: expect.stringMatching(DIGEST) });
    // Whoever has the letter can show that it was this one.
    expect((await reasonOf('+12125550195', { reason: 'Wrong person', evidence: letter })).statement).toBe(kept.statement);
    expect(await reasonOf('+12125550194', { reason: 'Wrong person', evidence: { fileDigest: 'Zyxw canary' } }))
      .toEqual({ reason: 'Wrong person', fileDigest: expect.stringMatching(DIGEST) });
  });

  it('needs a reason, evidence and a suppression', async () => {
    const { json } = await suppress({ phone: '+13055550198' });
    expect(placesOf(await lift(json.id, { evidence: EVIDENCE }))).toEqual([['/reason', 'required']]);
    expect(placesOf(await lift(json.id, { reason: 'Wrong person' }))).toEqual([['/evidence', 'required']]);
    expect(placesOf(await lift(json.id, { reason: 'Wrong person', evidence: {} }))).toEqual([['/evidence', 'too_short']]);
    expect([(await lift(UNKNOWN)).json.code, (await api.call('GET', '/v1/suppressions/rubbish')).json.code]).toEqual(['unknown_suppression', 'unknown_suppression']);
  });

  it('is not brought about by a consent', async () => {
    const { id, phone } = await lead();
    const { json } = await suppress({ phone });
    await api.call('POST', `/v1/leads/${id}/consents`, { body: { channel: 'call', purpose: 'marketing', obtainedAt: new Date().toISOString() } });
    expect((await api.call('GET', `/v1/suppressions/${json.id}`)).json.liftedAt).toBeNull();
  });
});

describe('what was said of people', () => {
  it('is in no line of the log', () => {
    expect(api.logged.length).toBeGreaterThan(10);
    expect(api.logged.join('')).not.toMatch(/Zyxw|555019/);
  });
});
