import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { leadBody, placesOf, SOURCE, startApi, type Reply, type RunningApi } from './running-api.ts';

const TEXTS = [{ version: '2026-03', language: 'en', text: 'I agree that Acme may call me.', names: ['acme'] }];
const CONFIRMED = { ...SOURCE, id: 'confirmed', confirmation: 'double_opt_in', consentTexts: TEXTS };
const CONSENT = { channel: 'call', purpose: 'marketing', obtainedAt: '2026-02-01T00:00:00Z' };
const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  for (const body of [SOURCE, CONFIRMED]) await api.call('POST', '/v1/sources', { body });
});
afterAll(() => api.stop());

async function lead(changes: object = {}): Promise<{ id: string; phone: unknown }> {
  const body = leadBody(changes);
  const { json } = await api.call('POST', '/v1/leads', { body });
  return { id: json.leadId, phone: body.phone };
}

const grant = (id: string, changes: object = {}): Promise<Reply> => api.call('POST', `/v1/leads/${id}/consents`, { body: { ...CONSENT, ...changes } });
const revoke = (id: string, body: object = {}): Promise<Reply> => api.call('POST', `/v1/leads/${id}/revocations`, { body });
const ledger = async (id: string): Promise<Reply['json']> => (await api.call('GET', `/v1/leads/${id}/consents`)).json;

async function stateOf(id: string, channel = 'call', purpose = 'marketing'): Promise<string> {
  const { inForce } = await ledger(id);
  return inForce.find((each: { channel: string; purpose: string }) => each.channel === channel && each.purpose === purpose)?.state ?? 'none';
}

describe('a consent', () => {
  it('is on the ledger with how, and by which text, it was given', async () => {
    const { id } = await lead({ source: CONFIRMED.id });
    await api.call('POST', '/v1/leads', { body: leadBody({ source: SOURCE.id }) });
    const evidence = { textVersion: '2026-03', method: 'web_form', statement: 'Zyxwstatement' };
    const { status, json, text } = await grant(id, { evidence, expiresAt: '2031-01-01T00:00:00Z' });
    expect(status).toBe(201);
    expect(json).toMatchObject({
      kind: 'granted', grade: 'express_written', effect: 'in_force', acquisitionId: null, confirmation: 'double_opt_in',
      textVersion: '2026-03', textSource: CONFIRMED.id, method: 'web_form', expiresAt: '2031-01-01T00:00:00.000Z',
    });
    expect(text).not.toContain('Zyxwstatement');
    expect(await stateOf(id)).toBe('unconfirmed');
    expect(api.announced).toContain(id);
    const sealed = await api.db.selectFrom('personal_data').select('sealed').where('fact_id', '=', json.id).execute();
    expect(sealed).toHaveLength(1);
    const told = await api.db.selectFrom('outbox').select('signal').where('fact_id', '=', json.id).execute();
    expect(told).toEqual([{ signal: 'consentChanged' }]);
  });

  it('names no source of a text that none of the lead’s sources has', async () => {
    const { id } = await lead();
    const { json } = await grant(id, { evidence: { textVersion: '2026-03' } });
    expect([json.textSource, json.confirmation, json.grade]).toEqual([null, 'none', 'express']);
  });

  it('is confirmed where the settings ask for it', async () => {
    const { headers, json } = await api.call('GET', '/v1/settings');
    const body = { ...json, confirmation: { required: [{ jurisdiction: 'DE', channel: 'call', purpose: 'marketing' }] } };
    expect((await api.call('PUT', '/v1/settings', { body, headers: { 'if-match': headers.get('etag') ?? '' } })).status).toBe(200);
    const german = await lead({ phone: '+4930901820' });
    const american = await lead();
    const carrying = await lead({ phone: '+4930901821', consents: [{ ...CONSENT, obtainedAt: '2026-01-01T00:00:00Z' }] });
    expect((await ledger(carrying.id)).items[0].confirmation).toBe('double_opt_in');
    const confirmations = [await grant(german.id, { purpose: 'marketing.own' }), await grant(german.id, { channel: 'sms' }), await grant(american.id)];
    expect(confirmations.map((reply) => reply.json.confirmation)).toEqual(['double_opt_in', 'none', 'none']);
  });

  it('that comes along with a lead says as much', async () => {
    const consents = [{ ...CONSENT, obtainedAt: '2026-01-01T00:00:00Z', evidence: { textVersion: '2026-03', method: 'dca' } }];
    const [known, other] = [await lead({ source: CONFIRMED.id, consents }), await lead({ consents })];
    const said = [(await ledger(known.id)).items[0], (await ledger(other.id)).items[0]];
    expect(said.map((item) => [item.textVersion, item.textSource, item.method, item.confirmation])).toEqual([
      ['2026-03', CONFIRMED.id, 'dca', 'double_opt_in'], ['2026-03', null, 'dca', 'none'],
    ]);
  });

  it.each([
    ['to come', { obtainedAt: '2999-01-01T00:00:00Z' }, '/obtainedAt', 'in_future'],
    ['that ends before it began', { expiresAt: '2025-01-01T00:00:00Z' }, '/expiresAt', 'out_of_order'],
    ['by all channels', { channel: 'all' }, '/channel', 'not_allowed'],
    ['to all purposes', { purpose: 'all' }, '/purpose', 'not_allowed'],
    ['with more than is known', { isAdmin: true }, '', 'unknown_field'],
    ['with NUL in its evidence', { evidence: { statement: 'Zyxw\u0000' } }, '/evidence/statement', 'unstorable_text'],
  ])('%s is refused', async (_, changes, pointer, code) => {
    const { id } = await lead();
    const reply = await grant(id, changes);
    expect([reply.status, reply.json.code]).toEqual([422, 'invalid_request']);
    expect(placesOf(reply)).toContainEqual([pointer, code]);
    expect(reply.text).not.toContain('Zyxw');
    expect((await ledger(id)).items).toEqual([]);
  });

  it('needs a lead that is not disposed of', async () => {
    expect([(await grant(UNKNOWN)).json.code, (await grant('rubbish')).json.code]).toEqual(['unknown_lead', 'unknown_lead']);
    const { id } = await lead();
    await api.db.updateTable('lead').set({ disposed_at: new Date() }).where('id', '=', id).execute();
    expect([(await grant(id)).json.code, (await revoke(id)).json.code]).toEqual(['lead_disposed', 'lead_disposed']);
  });

  it('is recorded once for one idempotency key', async () => {
    const { id } = await lead();
    const send = () => api.call('POST', `/v1/leads/${id}/consents`, { body: CONSENT, headers: { 'idempotency-key': `once-${id}` } });
    const replies = [await send(), await send()];
    expect(replies.map((reply) => reply.json.id)).toEqual([replies[0]?.json.id, replies[0]?.json.id]);
    expect((await ledger(id)).items).toHaveLength(1);
  });
});

describe('a withdrawal', () => {
  it.each([
    ['of everything reaches every channel and purpose', {}, { call: 'revoked', sms: 'revoked' }],
    ['of all and all does as well', { channel: 'all', purpose: 'all' }, { call: 'revoked', sms: 'revoked' }],
    ['of one channel leaves the other', { channel: 'call' }, { call: 'revoked', sms: 'granted' }],
    ['of a purpose elsewhere leaves both', { purpose: 'survey' }, { call: 'granted', sms: 'granted' }],
    ['of a purpose below leaves what is above', { purpose: 'marketing.own' }, { call: 'granted', sms: 'granted' }],
    ['that is older than the consent leaves it', { revokedAt: '2026-01-15T00:00:00Z' }, { call: 'granted', sms: 'granted' }],
    ['at the same instant wins', { revokedAt: CONSENT.obtainedAt }, { call: 'revoked', sms: 'revoked' }],
  ])('%s', async (_, body, states) => {
    const { id } = await lead();
    for (const channel of ['call', 'sms']) await grant(id, { channel });
    const { status, json } = await revoke(id, { via: 'email', statement: 'Zyxwstatement', ...body });
    expect([status, json.kind, json.via]).toEqual([201, 'revoked', 'email']);
    expect({ call: await stateOf(id), sms: await stateOf(id, 'sms') }).toEqual(states);
    expect(JSON.stringify(await ledger(id))).not.toContain('Zyxwstatement');
  });

  it('of everything is undone for exactly the channel and purpose of a later consent', async () => {
    const { id } = await lead();
    await revoke(id);
    await grant(id, { obtainedAt: new Date().toISOString(), purpose: 'marketing.own' });
    const { inForce } = await ledger(id);
    const granted = inForce.filter((each: { state: string }) => each.state === 'granted');
    expect(granted).toMatchObject([{ channel: 'call', purpose: 'marketing.own' }]);
    expect(inForce).toHaveLength(18);
  });

  it('is not undone by a consent that an acquisition brings: that one waits until the person repeats it', async () => {
    const { id, phone } = await lead();
    await revoke(id, { revokedAt: '2026-03-01T00:00:00Z' });
    await api.call('POST', '/v1/leads', { body: leadBody({ phone, consents: [{ ...CONSENT, obtainedAt: '2026-04-01T00:00:00Z' }] }) });
    expect(await stateOf(id)).toBe('revoked');
    const waiting = async () => (await api.call('GET', '/v1/queues/waiting-consents?limit=200')).json.items.filter((each: { leadId: string }) => each.leadId === id);
    expect(await waiting()).toMatchObject([{ effect: 'waiting', channel: 'call', purpose: 'marketing' }]);
    await grant(id, { obtainedAt: '2026-05-01T00:00:00Z' });
    expect([await stateOf(id), await waiting()]).toEqual(['granted', []]);
  });

  it('of a time to come is refused', async () => {
    const { id } = await lead();
    expect(placesOf(await revoke(id, { revokedAt: '2999-01-01T00:00:00Z' }))).toEqual([['/revokedAt', 'in_future']]);
  });

  it('among two hundred withdrawals and consents, of forty callers at once, ends where their times say', async () => {
    const { id } = await lead();
    const moment = (nth: number) => new Date(Date.UTC(2026, 4, 1) + nth * 1_000).toISOString();
    const said = Array.from({ length: 200 }, (_, nth) => nth);
    await Promise.all(Array.from({ length: 40 }, async () => {
      for (let nth = said.pop(); nth !== undefined; nth = said.pop()) {
        const at = moment(nth);
        const { status } = await (nth % 2 === 0 ? grant(id, { obtainedAt: at }) : revoke(id, { revokedAt: at }));
        expect(status).toBe(201);
      }
    }));
    expect(await stateOf(id)).toBe('revoked');
    await grant(id, { obtainedAt: moment(1_000) });
    expect(await stateOf(id)).toBe('granted');
    const rows = await api.db.selectFrom('outbox').select('id').where('subject', '=', id).where('signal', '=', 'consentChanged').execute();
    expect(rows).toHaveLength(201);
  });
});

describe('a ledger', () => {
  it('is read page by page in the order in which things happened', async () => {
    const { id } = await lead();
    for (const month of ['05', '03', '04']) await grant(id, { obtainedAt: `2026-${month}-01T00:00:00Z` });
    const pages: string[] = [];
    for (let path: string | null = `/v1/leads/${id}/consents?limit=1`; path !== null;) {
      const { json }: Reply = await api.call('GET', path);
      pages.push(...json.items.map((item: { obtainedAt: string }) => item.obtainedAt.slice(5, 7)));
      path = json.next === null ? null : `/v1/leads/${id}/consents?limit=1&after=${json.next}`;
    }
    expect(pages).toEqual(['03', '04', '05']);
  });
});

describe('a statement that may be an opt-out', () => {
  const unclear = { unclear: true, channel: 'call', statement: 'Zyxwmaybe', via: 'phone', revokedAt: '2026-06-01T00:00:00Z' };
  const queue = async (id: string) => (await api.call('GET', '/v1/queues/unclear-opt-outs?limit=200')).json.items.filter((each: { leadId: string }) => each.leadId === id);
  const settle = (id: string, body: object) => api.call('POST', `/v1/queues/unclear-opt-outs/${id}/resolve`, { body, as: 'compliance' });

  it.each([['opt_out', 'revoked', 'granted'], ['no_opt_out', 'granted', 'granted']])('settled as %s leaves the consent %s', async (meaning, call, sms) => {
    const { id } = await lead();
    for (const channel of ['call', 'sms']) await grant(id, { channel });
    const { status, json, text } = await revoke(id, unclear);
    expect([status, json.meaning, text.includes('Zyxw')]).toEqual([201, null, false]);
    expect([await stateOf(id), await queue(id)]).toMatchObject(['granted', [{ id: json.id, channel: 'call', via: 'phone' }]]);
    expect((await settle(json.id, { meaning })).json).toMatchObject({ id: json.id, meaning });
    expect([await stateOf(id), await stateOf(id, 'sms'), await queue(id)]).toEqual([call, sms, []]);
    expect((await settle(json.id, { meaning })).json.code).toBe('already_settled');
  });

  it('is settled once, whoever else tries', async () => {
    const { id } = await lead();
    const { json } = await revoke(id, unclear);
    const replies = await Promise.all(Array.from({ length: 20 }, () => settle(json.id, { meaning: 'opt_out' })));
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1);
    expect((await ledger(id)).items).toHaveLength(1);
  });

  it('is read in the person’s own words for a reason, which is on record', async () => {
    const { id } = await lead();
    const { json } = await revoke(id, unclear);
    const path = `/v1/queues/unclear-opt-outs/${json.id}`;
    expect((await api.call('GET', path)).json.code).toBe('access_reason_missing');
    const shown = await api.call('GET', path, { headers: { 'access-reason': 'to settle it' }, as: 'compliance' });
    expect(shown.json).toMatchObject({ id: json.id, statement: unclear.statement });
    const log = await api.db.selectFrom('access_log').select('fields').where('lead_id', '=', id).execute();
    expect(log).toEqual([{ fields: ['statement'] }]);
    const silent = await revoke(id, { unclear: true });
    const nothing = await api.call('GET', `/v1/queues/unclear-opt-outs/${silent.json.id}`, { headers: { 'access-reason': 'to settle it' } });
    expect(nothing.json.statement).toBeNull();
  });

  it('has to be known', async () => {
    expect((await settle(UNKNOWN, { meaning: 'opt_out' })).json.code).toBe('unknown_statement');
  });
});
