import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { leadBody, placesOf, SOURCE, startApi, type Reply, type RunningApi } from './running-api.ts';

const CALL = {
  channel: 'call', purpose: 'marketing', campaign: 'spring', startedAt: '2026-02-01T10:00:00Z', endedAt: '2026-02-01T10:00:20Z',
  outcome: 'no_answer', callerId: '+12025550100',
};
const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

async function lead(): Promise<string> {
  return (await api.call('POST', '/v1/leads', { body: leadBody() })).json.leadId;
}

const report = (id: string, changes: object = {}): Promise<Reply> => api.call('POST', `/v1/leads/${id}/contacts`, { body: { ...CALL, ...changes }, as: 'agent' });
const contactsOf = (id: string) => api.db.selectFrom('contact').selectAll().where('lead_id', '=', id).execute();

async function suppressionsOf(id: string) {
  const { token } = await api.db.selectFrom('lead').select('token').where('id', '=', id).executeTakeFirstOrThrow();
  return api.db.selectFrom('suppression').selectAll().where('token', '=', token).execute();
}

describe('a contact made elsewhere', () => {
  it('is on record with everything that was said of it, and the workflow hears of it', async () => {
    const id = await lead();
    const { status, json } = await report(id, { seller: 'acme', agent: 'a-17', durationSeconds: 20, reference: 'dialer-1' });
    expect([status, json.leadId, json.suppressionId]).toEqual([201, id, null]);
    expect(await contactsOf(id)).toMatchObject([{
      id: json.id, clearance_id: null, channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', outcome: 'no_answer',
      started_at: new Date(CALL.startedAt), ended_at: new Date(CALL.endedAt), duration_seconds: 20, caller_id: '+12025550100', agent: 'a-17',
      reference: 'dialer-1',
    }]);
    const told = await api.db.selectFrom('outbox').select(['subject', 'signal', 'lane']).where('fact_id', '=', json.id).execute();
    expect(told).toEqual([{ subject: id, signal: 'outcomeRecorded', lane: 0 }]);
    expect(api.announced).toContain(id);
  });

  it.each([
    ['opted_out', 'opt_out'], ['complaint', 'complaint'], ['wrong_number', 'wrong_number'], ['refused', null], ['no_answer', null], ['converted', null],
  ])('that ended as %s suppresses as %s', async (outcome, kind) => {
    const id = await lead();
    const { json } = await report(id, { outcome });
    const found = await suppressionsOf(id);
    expect(found.map((row) => [row.id, row.kind, row.channel, row.contact_id, row.reported_at])).toEqual(
      kind === null ? [] : [[json.suppressionId, kind, 'all', json.id, new Date(CALL.endedAt)]]);
  });

  it('of one reference is one contact, also when it is delivered many times at once', async () => {
    const id = await lead();
    const replies = await Promise.all(Array.from({ length: 30 }, () => report(id, { reference: 'dialer-4711', outcome: 'opted_out' })));
    expect(replies.map((reply) => reply.status).sort()).toEqual([...Array.from({ length: 29 }, () => 200), 201]);
    expect(new Set(replies.map((reply) => JSON.stringify(reply.json))).size).toBe(1);
    expect([(await contactsOf(id)).length, (await suppressionsOf(id)).length]).toEqual([1, 1]);
    const other = await report(await lead(), { reference: 'dialer-4711' });
    expect(other.status).toBe(201);
  });

  it('of one reference has one outcome, and an opt-out that comes under it is not swallowed', async () => {
    const id = await lead();
    await report(id, { reference: 'dialer-4712', outcome: 'no_answer' });
    const changed = await report(id, { reference: 'dialer-4712', outcome: 'opted_out' });
    expect([changed.status, changed.json.code, (await suppressionsOf(id)).length]).toEqual([409, 'outcome_recorded', 0]);
    expect((await report(id, { reference: 'dialer-4712', outcome: 'no_answer' })).status).toBe(200);
  });

  it('without a reference is another one each time', async () => {
    const id = await lead();
    await report(id);
    await report(id);
    expect(await contactsOf(id)).toHaveLength(2);
  });

  it.each([
    ['that ended before it began', { endedAt: '2026-02-01T09:00:00Z' }, '/endedAt', 'out_of_order'],
    ['to come', { startedAt: '2999-01-01T00:00:00Z', endedAt: '2999-01-01T00:00:01Z' }, '/startedAt', 'in_future'],
    ['that is not over', { endedAt: '2999-01-01T00:00:01Z' }, '/endedAt', 'in_future'],
    ['with a name for a caller id', { callerId: 'Zyxwcanary' }, '/callerId', 'wrong_format'],
    ['with an address for an agent', { agent: 'zyxw@example.com' }, '/agent', 'wrong_format'],
    ['with an outcome that is none', { outcome: 'Zyxwcanary' }, '/outcome', 'not_allowed'],
    ['without an outcome', { outcome: undefined }, '/outcome', 'required'],
    ['with a fraction of a second', { durationSeconds: 1.5 }, '/durationSeconds', 'wrong_type'],
    ['with more than is known', { phone: '+12025550123' }, '', 'unknown_field'],
  ])('%s is refused', async (_, changes, pointer, code) => {
    const id = await lead();
    const reply = await report(id, changes);
    expect([reply.status, placesOf(reply)]).toEqual([422, expect.arrayContaining([[pointer, code]])]);
    expect(reply.text).not.toMatch(/zyxw|2025550123/i);
    expect(await contactsOf(id)).toEqual([]);
  });

  it('needs a lead', async () => {
    expect([(await report(UNKNOWN)).status, (await report('rubbish')).status]).toEqual([404, 404]);
  });
});

describe('a relationship', () => {
  const relate = (id: string, body: object): Promise<Reply> => api.call('POST', `/v1/leads/${id}/relationships`, { body });

  it('is kept with its end, and listed', async () => {
    const id = await lead();
    const { status, json } = await relate(id, { kind: 'contract', at: '2026-01-01T00:00:00Z', endsAt: '2031-01-01T00:00:00Z' });
    await relate(id, { kind: 'purchase', at: '2026-02-01T00:00:00Z', endsAt: null });
    expect([status, json.endsAt]).toEqual([201, '2031-01-01T00:00:00.000Z']);
    const list = await api.call('GET', `/v1/leads/${id}/relationships`);
    expect(list.json.items.map((item: { kind: string }) => item.kind)).toEqual(['contract', 'purchase']);
    expect((await api.call('GET', `/v1/leads/${UNKNOWN}/relationships`)).json.code).toBe('unknown_lead');
  });

  it.each([
    ['to come', { kind: 'inquiry', at: '2999-01-01T00:00:00Z' }, '/at', 'in_future'],
    ['that ends before it begins', { kind: 'contract', at: '2026-01-01T00:00:00Z', endsAt: '2025-01-01T00:00:00Z' }, '/endsAt', 'out_of_order'],
    ['of no kind', { kind: 'Zyxwcanary', at: '2026-01-01T00:00:00Z' }, '/kind', 'not_allowed'],
  ])('%s is refused', async (_, body, pointer, code) => {
    expect(placesOf(await relate(await lead(), body))).toEqual([[pointer, code]]);
  });
});

describe('an answer about a reassigned number', () => {
  it('is kept with what was asked', async () => {
    const id = await lead();
    const body = { answer: 'no_data', askedAt: '2026-02-01T00:00:00Z', lastKnownGoodAt: '2026-01-01T00:00:00Z' };
    const { status, json } = await api.call('POST', `/v1/leads/${id}/reassigned-answers`, { body });
    expect([status, json.answer]).toEqual([201, 'no_data']);
    const rows = await api.db.selectFrom('reassigned_answer').select(['id', 'answer', 'known_good_at']).where('lead_id', '=', id).execute();
    expect(rows).toEqual([{ id: json.id, answer: 'no_data', known_good_at: new Date(body.lastKnownGoodAt) }]);
  });
});

describe('the timeline', () => {
  it('has every kind of fact once, in order, whatever the size of its pages', async () => {
    const body = leadBody({ acquiredAt: '2026-01-01T00:00:00Z' });
    const { json: { leadId: id } } = await api.call('POST', '/v1/leads', { body });
    await report(id, { startedAt: '2026-01-02T00:00:00Z', endedAt: '2026-01-02T00:01:00Z', outcome: 'busy' });
    await api.call('POST', `/v1/leads/${id}/relationships`, { body: { kind: 'purchase', at: '2026-01-03T00:00:00Z' } });
    await api.call('POST', `/v1/leads/${id}/portings`, { body: { lineType: 'mobile', at: '2026-01-03T12:00:00Z' } });
    const stated = { unclear: true, channel: 'call', revokedAt: '2026-01-04T00:00:00Z', statement: 'Zyxwcanary' };
    await api.call('POST', `/v1/leads/${id}/revocations`, { body: stated });
    await api.call('POST', `/v1/leads/${id}/revocations`, { body: { revokedAt: '2026-01-05T00:00:00Z' } });
    const suppression = { phone: body.phone, kind: 'opt_out', reportedAt: '2026-01-06T00:00:00Z', via: 'letter' };
    const { json } = await api.call('POST', '/v1/suppressions', { body: suppression });
    await api.call('POST', `/v1/suppressions/${json.id}/lift`, { body: { reason: 'Zyxwcanary asked', evidence: { statement: 'Zyxwcanary' } } });
    const seen: { type: string; summary: string }[] = [];
    for (let after = ''; ;) {
      const reply = await api.call('GET', `/v1/leads/${id}/timeline?limit=2${after}`);
      expect(reply.text).not.toContain('Zyxw');
      seen.push(...reply.json.items);
      if (reply.json.next === null) break;
      after = `&after=${reply.json.next}`;
    }
    expect(seen.map((item) => [item.type, item.summary])).toEqual([
      ['acquired', 'Acquired from spring-fair-2026 (form).'],
      ['contact', 'Contact by call: busy, campaign spring.'],
      ['relationship', 'Business relationship: purchase.'],
      ['ported', 'Ported: the number is one of a mobile line from then on.'],
      ['unclear_opt_out', 'Statement on call that may be an opt-out: nobody has looked at it yet.'],
      ['consent_revoked', 'Consent to everything by any channel revoked.'],
      ['suppressed', 'Suppressed on every channel: opt out.'],
      ['suppression_lifted', 'Suppression on every channel lifted: opt out.'],
    ]);
  });
});
