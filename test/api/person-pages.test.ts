import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { openFact } from '../../db/person-records.ts';
import { acceptedLanguage } from '../../domain/wording/language.ts';
import { addressOf } from '../../api/person/visitor.ts';
import { confirmationOf, consent, personWith, preferencesOf, SOURCE, WORDS } from './person-visits.ts';
import { startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;

beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
  await api.call('POST', '/v1/sources', { body: { ...SOURCE, id: 'double', confirmation: 'double_opt_in' } });
});

afterAll(() => api.stop());

const visit = (path: string, headers: Record<string, string> = {}) => fetch(api.url + path, { headers, redirect: 'manual' });
const send = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(api.url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual', headers });
const ledger = (leadId: string) =>
  api.db.selectFrom('consent_event').select(['kind', 'channel', 'purpose', 'via', 'method']).where('lead_id', '=', leadId).orderBy('id').execute();
const decision = async (leadId: string, channel: string) => {
  const { json } = await api.call('POST', '/v1/clearances/preview', { body: { leadId, channel, purpose: 'marketing' } });
  return json.reasons.map(({ code }: { code: string }) => code) as string[];
};

describe('the preferences page', () => {
  it('shows what is held, masked, and never in clear', async () => {
    const leadId = await personWith(api, [consent('email')]);
    const reply = await visit(await preferencesOf(api, leadId));
    const text = await reply.text();
    for (const shown of ['A***', 'a***@example.net', '+4915', 'Spring fair', '1 February 2026']) expect(text).toContain(shown);
    for (const hidden of ['Lovelace', 'ada.', '+4915199900']) expect(text).not.toContain(hidden);
  });

  it('is kept to the person: no script, no cookie, nothing from elsewhere, in no index and no cache', async () => {
    const reply = await visit(await preferencesOf(api, await personWith(api, [])));
    expect(reply.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/);
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'referrer-policy': 'no-referrer', 'cache-control': 'no-store', 'x-robots-tag': 'noindex, nofollow', vary: 'Accept-Language',
    });
    expect(reply.headers.get('set-cookie')).toBeNull();
    expect(await reply.text()).not.toMatch(/<script|<img|<link|https?:/);
  });

  it('withdraws one channel and purpose, and everything', async () => {
    const leadId = await personWith(api, [consent('email'), consent('call')]);
    const path = await preferencesOf(api, leadId);
    const one = await send(path, { action: 'withdraw', channel: 'email', purpose: 'marketing' });
    expect([one.status, one.headers.get('location')]).toEqual([303, '?said=withdrawn&channel=email&purpose=marketing']);
    expect(await decision(leadId, 'email')).toContain('consent_revoked');
    expect(await decision(leadId, 'call')).not.toContain('consent_revoked');
    expect((await send(path, { action: 'withdraw_all' })).status).toBe(303);
    expect(await decision(leadId, 'call')).toContain('consent_revoked');
    expect((await ledger(leadId)).slice(2)).toEqual([
      { kind: 'revoked', channel: 'email', purpose: 'marketing', via: 'preferences_page', method: null },
      { kind: 'revoked', channel: 'all', purpose: 'all', via: 'preferences_page', method: null },
    ]);
    expect(api.announced).toContain(leadId);
  });

  it('allows again, with the words of the page as evidence, and ends the person’s own opt-out for that channel alone', async () => {
    const phone = '+4915188800001';
    const leadId = await personWith(api, [consent('email'), consent('call')], { phone, acquiredAt: new Date(Date.now() - 86_400_000).toISOString() });
    await api.call('POST', '/v1/suppressions', { body: { phone, kind: 'opt_out', channel: 'all' } });
    const path = await preferencesOf(api, leadId);
    await send(path, { action: 'withdraw_all' });
    expect(await decision(leadId, 'email')).toEqual(expect.arrayContaining(['suppressed', 'consent_revoked']));
    const reply = await send(path, { action: 'allow', channel: 'email', purpose: 'marketing' }, { 'accept-language': 'fr' });
    expect(reply.status).toBe(303);
    expect(await decision(leadId, 'email')).toEqual([]);
    expect(await decision(leadId, 'call')).toEqual(expect.arrayContaining(['suppressed', 'consent_revoked']));
    const granted = await api.db.selectFrom('consent_event').selectAll().where('lead_id', '=', leadId).orderBy('id', 'desc').executeTakeFirstOrThrow();
    expect(granted).toMatchObject({ kind: 'granted', grade: 'express_written', method: 'preferences_page', acquisition_id: null });
    expect(await openFact(api.db, api.context.vault, leadId, granted.id)).toMatchObject({
      text: 'J’accepte que acme me contacte à nouveau : Publicité par e-mail.', language: 'fr',
    });
  });

  it('ends neither a wrong number nor a litigant, and allows nothing that it does not offer', async () => {
    const phone = '+4915188800002';
    const leadId = await personWith(api, [consent('email')], { phone });
    await api.call('POST', '/v1/suppressions', { body: { phone, kind: 'litigant' } });
    const path = await preferencesOf(api, leadId);
    await send(path, { action: 'withdraw_all' });
    await send(path, { action: 'allow', channel: 'email', purpose: 'marketing' });
    expect(await decision(leadId, 'email')).toContain('suppressed');
    for (const fields of [{ action: 'allow', channel: 'email', purpose: 'survey' }, { action: 'allow' }, { action: 'withdraw', channel: 'fax', purpose: 'marketing' }, { action: 'dance' }]) {
      expect((await send(path, fields)).status).toBe(422);
    }
  });

  it('takes requests, and with an objection ends marketing at once', async () => {
    const leadId = await personWith(api, [consent('email')]);
    const path = await preferencesOf(api, leadId);
    expect((await send(path, { action: 'request' })).status).toBe(422);
    const long = await send(path, { action: 'request', kind: 'correction', statement: 'x'.repeat(2_001) });
    expect([long.status, await long.text()]).toEqual([422, expect.stringContaining('Shorten your text')]);
    await send(path, { action: 'request', kind: 'correction', statement: 'My name is Augusta.' });
    await send(path, { action: 'request', kind: 'objection' });
    const rows = await api.db.selectFrom('subject_request').selectAll().where('lead_id', '=', leadId).orderBy('id').execute();
    expect(rows.map(({ kind, via }) => [kind, via])).toEqual([['correction', 'preferences_page'], ['objection', 'preferences_page']]);
    expect(await openFact(api.db, api.context.vault, leadId, rows[0]?.id ?? '')).toEqual({ statement: 'My name is Augusta.' });
    expect(await decision(leadId, 'email')).toContain('consent_revoked');
    const { json } = await api.call('GET', `/v1/leads/${leadId}/timeline`);
    expect(json.items.map(({ summary }: { summary: string }) => summary)).toContain('Asked for correction, through preferences page.');
  });

  it.each([
    ['as a form', () => new URLSearchParams({ 'List-Unsubscribe': 'One-Click' })],
    ['as multipart', () => {
      const form = new FormData();
      form.set('List-Unsubscribe', 'One-Click');
      return form;
    }],
  ])('ends marketing by e-mail by one click of a mail program, sent %s (RFC 8058)', async (_, body) => {
    const leadId = await personWith(api, [consent('email'), consent('call')]);
    const reply = await fetch(api.url + (await preferencesOf(api, leadId)), { method: 'POST', body: body(), redirect: 'manual' });
    expect(reply.status).toBe(200);
    expect((await ledger(leadId)).at(-1)).toEqual({ kind: 'revoked', channel: 'email', purpose: 'marketing', via: 'one-click', method: null });
    expect(await decision(leadId, 'call')).not.toContain('consent_revoked');
  });

  it.each(['cross-site', 'same-site'])('takes no form that a browser says another site sent: %s', async (site) => {
    const leadId = await personWith(api, [consent('email')]);
    const reply = await send(await preferencesOf(api, leadId), { action: 'withdraw_all' }, { 'sec-fetch-site': site, 'accept-language': 'de' });
    expect([reply.status, reply.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8']);
    expect(await ledger(leadId)).toHaveLength(1);
  });
});

describe('a link that confirms', () => {
  it.each<[string, RequestInit]>([
    ['by the form of its page', { body: new URLSearchParams({ action: 'confirm' }) }],
    ['by a form without fields', { body: new URLSearchParams() }],
    ['by nothing at all', {}],
  ])('does so once it is sent, %s', async (_how, sent) => {
    const leadId = await personWith(api, [consent('email')], { source: 'double', acquiredAt: new Date().toISOString() });
    const { path } = await confirmationOf(api, leadId);
    await visit(path);
    expect(await decision(leadId, 'email')).toEqual(['consent_unconfirmed']);
    expect((await fetch(api.url + path, { method: 'POST', ...sent })).status).toBe(200);
    expect([await decision(leadId, 'email'), (await ledger(leadId)).map(({ kind }) => kind)]).toEqual([[], ['granted', 'confirmed']]);
  });
});

describe('a link that cannot be used', () => {
  it('looks the same whether it is unknown, used, expired, of another page or nonsense', async () => {
    const waiting = await personWith(api, [consent('email')], { source: 'double' });
    const used = (await confirmationOf(api, waiting)).path;
    expect((await send(used, { action: 'confirm' })).status).toBe(200);
    await api.db.updateTable('confirmation_request').set({ used_at: new Date(Date.now() - 60_000) }).where('lead_id', '=', waiting).execute();
    const lapsed = await personWith(api, [consent('email')], { source: 'double' });
    const expired = (await confirmationOf(api, lapsed)).path;
    await api.db.updateTable('person_link').set({ expires_at: new Date(0) }).where('lead_id', '=', lapsed).execute();
    const other = (await preferencesOf(api, waiting)).replace('preferences', 'confirm');
    const paths = [used, expired, other, '/confirm/AAAAAAAAAAAAAAAAAAAAAA', '/confirm/x', '/preferences/AAAAAAAAAAAAAAAAAAAAAA', `/confirm/${'A'.repeat(500)}`];
    const seen = await Promise.all(paths.flatMap((path) => [visit(path), send(path, { action: 'confirm' })]).map(async (reply) => {
      const { status, headers } = await reply;
      return [status, headers.get('content-security-policy'), await (await reply).text()].join('\n');
    }));
    expect(new Set(seen).size).toBe(1);
    expect(seen[0]).toMatch(/^404/);
    expect((await ledger(lapsed)).map(({ kind }) => kind)).toEqual(['granted']);
  });

  it('is that of somebody whose data has been destroyed', async () => {
    const leadId = await personWith(api, [consent('email')]);
    const path = await preferencesOf(api, leadId);
    await api.db.updateTable('lead').set({ disposed_at: new Date() }).where('id', '=', leadId).execute();
    expect((await visit(path)).status).toBe(404);
    expect((await api.call('POST', `/v1/leads/${leadId}/links`, { body: { kind: 'preferences' } })).json.code).toBe('lead_disposed');
  });

  it('confirms nothing that was withdrawn in the meantime', async () => {
    const leadId = await personWith(api, [consent('email')], { source: 'double' });
    const { id, path } = await confirmationOf(api, leadId);
    expect(await (await visit(path)).text()).toContain(WORDS);
    expect((await send(path, { action: 'nothing' })).status).toBe(200);
    await api.call('POST', `/v1/leads/${leadId}/revocations`, { body: { channel: 'email', purpose: 'marketing' } });
    expect((await send(path, { action: 'confirm' })).status).toBe(404);
    expect((await ledger(leadId)).map(({ kind }) => kind)).toEqual(['granted', 'revoked']);
    expect((await api.call('POST', `/v1/confirmations/${id}/link`)).json.code).toBe('confirmation_settled');
  });
});

describe('tokens', () => {
  it('have 128 random bits, and stand in no log line, no metric and no row, whatever becomes of the request', async () => {
    const leadId = await personWith(api, [consent('email')], { source: 'double' });
    const paths = [await preferencesOf(api, leadId), (await confirmationOf(api, leadId)).path];
    const tokens = paths.map((path) => path.split('/')[2] ?? '');
    for (const token of tokens) expect(Buffer.from(token, 'base64url')).toHaveLength(16);
    const [preferences = '', confirm = ''] = paths;
    await visit(`${preferences}?said=withdrawn`);
    await visit(confirm);
    await send(preferences, { action: 'withdraw', channel: 'call', purpose: 'marketing' });
    await send(confirm, { action: 'confirm' });
    await fetch(api.url + preferences, { method: 'DELETE' });
    await fetch(api.url + preferences, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    await visit(`${preferences}/more`);
    await visit(`${preferences}%E0%A4%A`);
    const { rows } = await import('kysely').then(({ sql }) => sql<{ row: string }>`
      select to_jsonb(t)::text as row from person_link t union all select to_jsonb(t)::text from confirmation_request t
      union all select to_jsonb(t)::text from outbox t union all select to_jsonb(t)::text from idempotency t`.execute(api.db));
    const written = [...api.logged, await api.metrics.registry.metrics(), ...rows.map(({ row }) => row)].join('\n');
    expect(api.logged.join('')).toContain('/preferences/{token}');
    for (const token of tokens) expect(written).not.toContain(token);
  });

  it('are not kept by a repeated request for a link either', async () => {
    const leadId = await personWith(api, []);
    const again = () => api.call('POST', `/v1/leads/${leadId}/links`, { body: { kind: 'preferences', validFor: 'P1D' }, headers: { 'idempotency-key': 'links' } });
    const [one, other] = [await again(), await again()];
    expect(one.json).toEqual(other.json);
    expect(Date.parse(one.json.expiresAt) - Date.now()).toBeLessThan(86_400_000 + 1_000);
    const rows = await api.db.selectFrom('idempotency').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(new URL(one.json.url).pathname.split('/')[2]);
  });
});

describe('visitors', () => {
  it('have a small allowance for each address, and are told so in their language', async () => {
    const small = await startApi({ visitsPerMinute: 3, proxyHops: 1 });
    const from = (address: string) => fetch(`${small.url}/confirm/AAAAAAAAAAAAAAAAAAAAAA`, { headers: { 'x-forwarded-for': `10.0.0.1, ${address}`, 'accept-language': 'zh-CN' } });
    try {
      for (let n = 0; n < 3; n += 1) expect((await from('192.0.2.1')).status).toBe(404);
      const refused = await from('192.0.2.1');
      expect([refused.status, refused.headers.get('retry-after'), await refused.text()]).toEqual([429, expect.any(String), expect.stringContaining('请稍候')]);
      expect((await from('192.0.2.2')).status).toBe(404);
    } finally {
      await small.stop();
    }
  });

  it.each([
    ['192.0.2.7', 0, '203.0.113.1', '192.0.2.7'],
    ['10.0.0.9', 1, '6.6.6.6, 203.0.113.1', '203.0.113.1'],
    ['10.0.0.9', 2, '6.6.6.6, 203.0.113.1, 10.0.0.8', '203.0.113.1'],
    ['10.0.0.9', 1, '', '10.0.0.9'],
  ])('come from where the outermost proxy of ours saw them: %s, %d, %j', (remoteAddress, hops, forwarded, expected) => {
    const request = { socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } };
    expect(addressOf(request as never, hops)).toBe(expected);
  });

  it.each([
    [undefined, 'en'], ['', 'en'], ['de', 'de'], ['de-AT,en;q=0.5', 'de'], ['en;q=0.5, fr', 'fr'], ['it,zh-Hans-CN;q=0.3', 'zh'], ['fr;q=0, de;q=0.1', 'de'], ['pt,it', 'en'], ['*', 'en'],
  ])('who ask for %j read %s', (header, expected) => {
    expect(acceptedLanguage(header)).toBe(expected);
  });

  it('can ask for any language without harm', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (header) => ['en', 'de', 'fr', 'zh'].includes(acceptedLanguage(header))));
  });
});
