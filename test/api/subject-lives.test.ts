import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openFact } from '../../db/person-records.ts';
import { consent, personWith, preferencesOf, SOURCE } from './person-visits.ts';
import { placesOf, startApi, type CallOptions, type RunningApi } from './running-api.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});

afterAll(() => api.stop());

const ask = async (leadId: string, kind: string) => (await api.call('POST', '/v1/subject-requests', { body: { leadId, kind, via: 'letter' } })).json.id as string;
const step = (id: string, name: string, body?: object, options: CallOptions = {}) =>
  api.call('POST', `/v1/subject-requests/${id}/${name}`, { ...(body === undefined ? {} : { body }), ...options });
const read = async (id: string) => (await api.call('GET', `/v1/subject-requests/${id}`)).json;
const stepsOf = async (id: string) => (await read(id)).steps.map(({ kind }: { kind: string }) => kind) as string[];
const codeFor = async (id: string) => (await step(id, 'message', undefined, { as: 'integration' })).json as { code: string; url: string };
const wrong = (code: string) => String((Number(code) + 1) % 100_000_000).padStart(8, '0');
const visit = (path: string) => fetch(api.url + path, { redirect: 'manual', headers: { 'accept-language': 'en' } });
const send = (path: string, fields: Record<string, string>) => fetch(api.url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
const usPerson = (changes: object = {}) => personWith(api, [consent('email')], { phone: `+1310555${String(next()).padStart(4, '0')}`, ...changes });
let count = 100;
const next = () => (count += 1);

describe('the identity behind a request', () => {
  it('is shown by a code that is handed out, said once, and stands in no row', async () => {
    const id = await ask(await personWith(api, []), 'access');
    const { code } = await codeFor(id);
    expect(code).toMatch(/^\d{8}$/);
    expect(await read(id)).toMatchObject({ state: 'identifying', identifiedAt: null });
    const { status, json } = await step(id, 'verify', { code: `${code.slice(0, 4)} ${code.slice(4)}` }, { as: 'agent' });
    expect([status, json.state, json.identifiedBy]).toEqual([200, 'in_progress', 'code']);
    expect((await step(id, 'verify', { code })).json.code).toBe('code_invalid');
    expect(await stepsOf(id)).toEqual(['received', 'code_handed_over', 'identified']);
    const { rows } = await sql<{ row: string }>`
      select to_jsonb(t)::text as row from subject_request_code t union all select to_jsonb(t)::text from subject_request_step t
      union all select to_jsonb(t)::text from outbox t`.execute(api.db);
    expect([...rows.map(({ row }) => row), ...api.logged].join('\n')).not.toContain(code);
  });

  it('is not to be guessed: five tries of a code, then not even the right one, and three codes a day for all requests of a person', async () => {
    const leadId = await personWith(api, []);
    const [id, other] = [await ask(leadId, 'access'), await ask(leadId, 'portability')];
    const { code } = await codeFor(id);
    const tries = await Promise.all(Array.from({ length: 12 }, () => step(id, 'verify', { code: wrong(code) })));
    expect(new Set(tries.map(({ json }) => json.code))).toEqual(new Set(['code_invalid']));
    expect((await step(id, 'verify', { code })).json.code).toBe('code_invalid');
    const row = await api.db.selectFrom('subject_request_code').select('tries').where('request_id', '=', id).executeTakeFirstOrThrow();
    expect(row.tries).toBe(5);
    expect((await stepsOf(id)).filter((kind) => kind === 'code_wrong')).toHaveLength(5);
    const second = await codeFor(id);
    expect(second.code).not.toBe(code);
    expect((await step(other, 'code')).status).toBe(202);
    expect((await step(other, 'code')).json.code).toBe('too_many_codes');
    expect((await step(id, 'message')).json.code).toBe('too_many_codes');
    expect((await step(id, 'verify', { code: second.code })).status).toBe(200);
  });

  it('shown twice at once is shown once', async () => {
    const leadId = await usPerson();
    const id = await ask(leadId, 'erasure');
    const { code } = await codeFor(id);
    const replies = await Promise.all([1, 2, 3, 4].map(() => step(id, 'verify', { code })));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await stepsOf(id)).filter((kind) => kind === 'identified' || kind === 'erased_in_part')).toHaveLength(2);
  });

  it('is vouched for by compliance alone, with a reason that is kept sealed', async () => {
    const leadId = await personWith(api, []);
    const id = await ask(leadId, 'access');
    expect((await step(id, 'vouch', { reason: 'Ada Lovelace showed a passport' }, { as: 'operator' })).status).toBe(403);
    const { json } = await step(id, 'vouch', { reason: 'Ada Lovelace showed a passport' }, { as: 'compliance' });
    expect(json).toMatchObject({ state: 'in_progress', identifiedBy: expect.stringMatching(/^key:/) });
    const vouched = json.steps.find(({ kind }: { kind: string }) => kind === 'vouched');
    expect(await openFact(api.db, api.context.vault, leadId, vouched.id)).toEqual({ reason: 'Ada Lovelace showed a passport' });
    expect((await step(id, 'vouch', { reason: 'once more' })).json.code).toBe('already_settled');
  });

  it('of a number that is no lead cannot be shown, and what is answered is that nothing is held', async () => {
    const { json } = await api.call('POST', '/v1/subject-requests', { body: { phone: '+493012345688', kind: 'access' } });
    expect((await step(json.id, 'code')).json.code).toBe('nothing_held');
    expect((await step(json.id, 'verify', { code: '12345678' })).json.code).toBe('nothing_held');
    expect((await step(json.id, 'fulfil', { via: 'letter' })).json).toMatchObject({ state: 'fulfilled' });
    expect(await stepsOf(json.id)).toEqual(['received', 'nothing_held', 'fulfilled']);
  });
});

describe('an objection', () => {
  it('is fulfilled at once, of a lead by a withdrawal, of any other number by a suppression', async () => {
    const leadId = await personWith(api, [consent('email')]);
    expect(await read(await ask(leadId, 'objection'))).toMatchObject({ state: 'fulfilled', alarm: null, dueAt: null });
    const { json } = await api.call('POST', '/v1/clearances/preview', { body: { leadId, channel: 'email', purpose: 'marketing' } });
    expect(json.reasons.map(({ code }: { code: string }) => code)).toContain('consent_revoked');
    const phone = '+493012345677';
    await api.call('POST', '/v1/subject-requests', { body: { phone, kind: 'objection' } });
    const { json: cleared } = await api.call('POST', '/v1/clearances/preview', { body: { phone, channel: 'call', purpose: 'marketing' } });
    expect(cleared.reasons.map(({ code }: { code: string }) => code)).toEqual(expect.arrayContaining(['lead_unknown', 'suppressed']));
  });
});

describe('a correction', () => {
  it('outdoes what was known and what comes later, and the lead is found by the new address only', async () => {
    const email = 'ada.old@example.net';
    const phone = `+49151998${String(next()).padStart(5, '0')}`;
    const leadId = await personWith(api, [], { phone, subject: { name: 'Ada Byron', email, address: { country: 'DE', city: 'Bonn', street: 'Old street 1' } } });
    const id = await ask(leadId, 'correction');
    const body = { name: 'Ada Lovelace', email: 'ada.new@example.net', street: 'New street 2', address: null, reason: 'asked by letter', requestId: id };
    expect((await api.call('POST', `/v1/leads/${leadId}/corrections`, { body })).json.code).toBe('identity_missing');
    await step(id, 'vouch', { reason: 'signed the letter' });
    const { status, json } = await api.call('POST', `/v1/leads/${leadId}/corrections`, { body, as: 'compliance' });
    expect([status, json.fields.sort()]).toEqual([201, ['address', 'email', 'name', 'street']]);
    expect(await read(id)).toMatchObject({ state: 'fulfilled' });
    await api.call('POST', '/v1/leads', { body: { phone, source: SOURCE.id, acquiredAt: '2026-02-01T00:00:00Z', method: 'form', subject: { email, name: 'Ada Byron' } } });
    const find = async (address: string) => (await api.call('POST', '/v1/leads/search', { body: { email: address } })).json.items.length;
    expect([await find('ada.new@example.net'), await find(email)]).toEqual([1, 0]);
    const { json: shown } = await api.call('GET', `/v1/leads/${leadId}?reveal=name,email,address`, { headers: { 'access-reason': 'to see it' } });
    expect(shown.subject).toEqual({ name: 'Ada Lovelace', email: 'ada.new@example.net', address: null });
    expect(JSON.stringify(shown)).not.toContain('asked by letter');
    const refused = await api.call('POST', `/v1/leads/${leadId}/corrections`, { body: { reason: 'nothing' } });
    expect([refused.status, placesOf(refused)]).toEqual([422, [['', 'nothing_to_correct']]]);
    const access = await ask(leadId, 'access');
    await step(access, 'vouch', { reason: 'signed the letter' });
    const { json: held } = await api.call('GET', `/v1/subject-requests/${access}/answer`, { headers: { 'access-reason': 'answer by post' } });
    expect(held.person).toMatchObject({ name: 'Ada Lovelace', email: 'ada.new@example.net', streets: ['New street 2'] });
  });

  it.each<[string, object, object]>([
    ['an address adds the place where the person is said to be, and takes none away', { address: { region: 'AZ', country: 'US' } }, {
      jurisdictions: ['US', 'US-NY', 'US-AZ'], zones: ['America/New_York', 'America/Denver', 'America/Phoenix'], isCompany: false,
    }],
    ['one abroad adds that country', { address: { country: 'FR' } }, { jurisdictions: ['US', 'US-NY', 'FR'], zones: ['America/New_York', 'Europe/Paris'], isCompany: false }],
    ['a company makes the number that of a company', { attributes: { company: 'Example Ltd' } }, {
      jurisdictions: ['US', 'US-NY'], zones: ['America/New_York'], isCompany: true,
    }],
    ['an address that is gone changes nothing', { address: null }, { jurisdictions: ['US', 'US-NY'], zones: ['America/New_York'], isCompany: false }],
  ])('at the gate: %s', async (_, corrected, wanted) => {
    const leadId = await personWith(api, [], { phone: `+1212556${String(next() + 1_000)}` });
    expect((await api.call('POST', `/v1/leads/${leadId}/corrections`, { body: { ...corrected, reason: 'asked by letter' } })).status).toBe(201);
    const { json: { jurisdictions, zones } } = await api.call('GET', `/v1/leads/${leadId}`);
    const { is_company: isCompany } = await api.db.selectFrom('lead').select('is_company').where('id', '=', leadId).executeTakeFirstOrThrow();
    expect({ jurisdictions, zones, isCompany }).toEqual(wanted);
  });
});

describe('the answer', () => {
  it('is everything that is held, made for staff who say why, and on record before it is sent', async () => {
    const leadId = await personWith(api, [consent('email')]);
    await api.call('POST', `/v1/leads/${leadId}/contacts`, { body: { channel: 'call', purpose: 'marketing', startedAt: '2026-03-01T10:00:00Z', endedAt: '2026-03-01T10:01:00Z', outcome: 'no_answer', reference: 'dialer-4711' } });
    const id = await ask(leadId, 'access');
    const path = `/v1/subject-requests/${id}/answer`;
    const reason = { headers: { 'access-reason': 'answer by post' } };
    expect((await api.call('GET', path)).json.code).toBe('access_reason_missing');
    expect((await api.call('GET', path, reason)).json.code).toBe('identity_missing');
    expect((await api.call('GET', path, { ...reason, as: 'operator' })).status).toBe(403);
    await step(id, 'vouch', { reason: 'known to us' });
    const { json, headers } = await api.call('GET', path, reason);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(json.person).toMatchObject({ name: 'Ada Lovelace', phone: expect.stringMatching(/^\+49/) });
    expect(json.acquisitions[0]).toMatchObject({ sourceName: 'Spring fair', legalBasis: 'consent', told: { name: 'Ada Lovelace' } });
    expect(json.consents[0]).toMatchObject({ kind: 'granted', channel: 'email', told: { textVersion: '2026-03', method: 'web_form' } });
    expect(json.contacts[0]).toMatchObject({ outcome: 'no_answer', reference: 'dialer-4711' });
    expect(json.accesses).toEqual([]);
    const duties = json.duties.map(({ protects, jurisdiction }: { protects: string; jurisdiction: string }) => `${protects} ${jurisdiction}`);
    expect(duties.sort()).toEqual(['consent DE', 'use DE']);
    const html = (await api.call('GET', `${path}?format=html&language=de`, reason)).text;
    expect(html).toContain('Die über Sie gespeicherten Daten');
    expect(html).not.toContain('<script');
    const csv = (await api.call('GET', `${path}?format=csv`, reason)).text;
    expect(csv).toMatch(/^field,value,at\r?\n/);
    expect(csv).toContain('name,Ada Lovelace,');
    const accesses = await api.db.selectFrom('access_log').select(['actor', 'fields']).where('lead_id', '=', leadId).execute();
    expect(accesses).toEqual(Array.from({ length: 3 }, () => ({ actor: expect.stringMatching(/^key:/), fields: ['access'] })));
    expect(await read(id)).toMatchObject({ state: 'in_progress' });
    expect((await step(id, 'fulfil', { via: 'letter' })).json.state).toBe('fulfilled');
  });

  it('is refused on a ground of law, or taken back, and neither can be done twice', async () => {
    const leadId = await personWith(api, []);
    const [refused, back] = [await ask(leadId, 'access'), await ask(leadId, 'portability')];
    const { json } = await step(refused, 'refuse', { ground: 'excessive', explanation: 'You asked Ada last week.' });
    expect(json).toMatchObject({ state: 'refused', steps: expect.arrayContaining([expect.objectContaining({ kind: 'refused', word: 'excessive' })]) });
    expect((await step(refused, 'refuse', { ground: 'excessive' })).json.code).toBe('already_settled');
    expect((await step(back, 'withdraw', { via: 'call' })).json.state).toBe('withdrawn');
    expect((await step(back, 'vouch', { reason: 'too late' })).json.code).toBe('already_settled');
  });
});

describe('an erasure', () => {
  const asErased = async (leadId: string) => {
    const id = await ask(leadId, 'erasure');
    return { id, reply: await step(id, 'vouch', { reason: 'known to us' }) };
  };

  it('that duties of law stand against is done in part, and says what is kept, why and until when', async () => {
    const leadId = await usPerson({ subject: { name: 'Ada Partly', email: 'ada.partly@example.net', address: { street: 'Hidden street 1', country: 'US' } }, attributes: { company: 'Engines Ltd' } });
    const { id, reply: { json } } = await asErased(leadId);
    expect(json).toMatchObject({ state: 'fulfilled', certificateId: null });
    expect(json.kept[0]).toMatchObject({ protects: 'consent', rule: 'evidence_retention', jurisdiction: 'US', source: expect.any(String), until: expect.any(String) });
    expect((await api.call('POST', '/v1/leads/search', { body: { email: 'ada.partly@example.net' } })).json.items).toEqual([]);
    const { json: shown } = await api.call('GET', `/v1/leads/${leadId}?reveal=name,email,address,phone`, { headers: { 'access-reason': 'to see it' } });
    expect(shown.subject).toEqual({ name: null, email: null, address: null });
    expect(shown.phone).toMatch(/^\+1310/);
    const tiers = await api.db.selectFrom('personal_data').select('tier').where('lead_id', '=', leadId).where('tier', '=', 1).execute();
    expect(tiers).toEqual([]);
    const { json: cleared } = await api.call('POST', '/v1/clearances/preview', { body: { leadId, channel: 'email', purpose: 'marketing' } });
    expect([cleared.decision, cleared.reasons.map(({ code }: { code: string }) => code)]).toEqual(['deny', expect.arrayContaining(['lead_archived'])]);
    const evidence = await api.db.selectFrom('consent_event').select('id').where('lead_id', '=', leadId).executeTakeFirstOrThrow();
    expect(await openFact(api.db, api.context.vault, leadId, evidence.id)).toMatchObject({ textVersion: '2026-03' });
    expect(await stepsOf(id)).toEqual(['received', 'vouched', 'identified', 'erasure_ordered', 'erased_in_part', 'fulfilled']);
  });

  it('that nothing stands against opens a disposal, once', async () => {
    const leadId = await personWith(api, [], { phone: `+6141234${String(next()).padStart(4, '0')}` });
    const { id, reply: { json } } = await asErased(leadId);
    expect(json).toMatchObject({ state: 'in_progress', kept: null });
    const disposals = await api.db.selectFrom('disposal').selectAll().where('lead_id', '=', leadId).execute();
    expect(disposals).toEqual([expect.objectContaining({ ground: 'subject_request', request_id: id, opened_by: 'person' })]);
    expect((await step(id, 'refuse', { ground: 'excessive' })).json.code).toBe('already_settled');
    const { json: cleared } = await api.call('POST', '/v1/clearances/preview', { body: { leadId, channel: 'call', purpose: 'marketing' } });
    expect(cleared.reasons.map(({ code }: { code: string }) => code)).toContain('lead_archived');
  });

  it('waits while a legal hold stands, and keeps everything, but lets nobody contact the person', async () => {
    const leadId = await usPerson();
    await api.db.insertInto('legal_hold').values({ id: leadId, kind: 'lead', lead_id: leadId, reason: 'a suit', placed_by: 'key:test', placed_at: new Date(0) }).execute();
    const { id, reply: { json } } = await asErased(leadId);
    expect([json.state, json.steps.at(-1).kind]).toEqual(['in_progress', 'held']);
    const { json: shown } = await api.call('GET', `/v1/leads/${leadId}?reveal=name`, { headers: { 'access-reason': 'to see it' } });
    expect(shown.subject.name).toBe('Ada Lovelace');
    const { json: cleared } = await api.call('POST', '/v1/clearances/preview', { body: { leadId, channel: 'email', purpose: 'marketing' } });
    expect(cleared.reasons.map(({ code }: { code: string }) => code)).toContain('lead_archived');
    expect((await api.call('GET', '/v1/queues/subject-requests')).json.items.map((item: { id: string }) => item.id)).toContain(id);
  });
});

describe('the queue', () => {
  it('has the nearest deadline first, in pages, and nothing that has ended', async () => {
    const leadId = await personWith(api, []);
    const asked = async (requestedAt: string) => (await api.call('POST', '/v1/subject-requests', { body: { leadId, kind: 'access', requestedAt } })).json.id as string;
    const late = await asked(new Date(Date.now() - 86_400_000).toISOString());
    const early = await asked(new Date(Date.now() - 40 * 86_400_000).toISOString());
    const ended = await asked(new Date(Date.now() - 41 * 86_400_000).toISOString());
    await step(ended, 'withdraw', { via: 'call' });
    const ids: string[] = [];
    for (let after = ''; ;) {
      const { json } = await api.call('GET', `/v1/queues/subject-requests?limit=2${after}`, { as: 'operator' });
      ids.push(...json.items.map(({ id }: { id: string }) => id));
      if (json.next === null) break;
      after = `&after=${encodeURIComponent(json.next)}`;
    }
    expect(ids).not.toContain(ended);
    expect(ids.indexOf(early)).toBeLessThan(ids.indexOf(late));
    expect(new Set(ids).size).toBe(ids.length);
    expect(await read(early)).toMatchObject({ alarm: 'overdue' });
  });
});

describe('the page of a request', () => {
  it('lets whoever has a link see how far it is, and only who enters the code see what is held', async () => {
    const leadId = await personWith(api, [consent('email')]);
    const preferences = await preferencesOf(api, leadId);
    await send(preferences, { action: 'request', kind: 'access' });
    const [own] = (await api.call('GET', '/v1/subject-requests?limit=200')).json.items.filter((item: { leadId: string }) => item.leadId === leadId);
    expect(await (await visit(preferences)).text()).toContain('Open the request');
    const opened = await send(preferences, { action: 'open', request: own.id });
    const path = new URL(opened.headers.get('location') ?? '', api.url + preferences).pathname;
    expect(path).toMatch(/^\/requests\/[\w-]{22}$/);
    expect((await visit(`${path}/answer`)).status).toBe(404);
    expect((await send(path, { action: 'send' })).headers.get('location')).toBe('?said=sent');
    const { code } = await codeFor(own.id);
    const refused = await send(path, { action: 'verify', code: wrong(code) });
    expect([refused.status, await refused.text()]).toEqual([422, expect.stringContaining('aria-invalid="true"')]);
    expect((await send(path, { action: 'verify', code })).headers.get('location')).toBe('?said=verified');
    const page = await (await visit(path)).text();
    expect(page).toContain('/answer?format=json');
    expect(page).not.toContain('Lovelace');
    const json = await (await visit(`${path}/answer?format=json`)).json() as { person: object };
    expect(json.person).toMatchObject({ name: 'Ada Lovelace' });
    expect(await read(own.id)).toMatchObject({ state: 'fulfilled', identifiedBy: 'code' });
    expect((await visit(`${path}/answer`)).status).toBe(200);
    expect(await stepsOf(own.id)).toEqual([
      'received', 'code_asked', 'code_handed_over', 'code_wrong', 'identified', 'handed_over', 'fulfilled', 'handed_over',
    ]);
    // Another link to the same request is not verified by it.
    const again = await send(preferences, { action: 'open', request: own.id });
    const elsewhere = new URL(again.headers.get('location') ?? '', api.url + preferences).pathname;
    expect((await visit(`${elsewhere}/answer`)).status).toBe(404);
    const stranger = await personWith(api, []);
    expect((await send(await preferencesOf(api, stranger), { action: 'open', request: own.id })).status).toBe(422);
  });
});
