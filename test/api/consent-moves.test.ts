import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { importConsents } from '../../intake/moving/consent-file.ts';
import { leadBody, placesOf, SOURCE, startApi, type CallOptions, type Reply, type RunningApi } from './running-api.ts';

const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';
const REASON = { 'access-reason': 'move to the next CRM' };

let api: RunningApi;
let moment = new Date();
beforeAll(async () => {
  api = await startApi({ now: () => moment });
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

async function lead(): Promise<{ leadId: string; phone: string }> {
  const body = leadBody();
  const { leadId } = (await api.call('POST', '/v1/leads', { body })).json;
  return { leadId, phone: String(body.phone) };
}

const CSV = { 'content-type': 'text/csv' };

/** Sends a file and, as the worker does, takes it in. */
async function send(raw: string | Uint8Array, query = '', options: CallOptions = {}): Promise<Reply> {
  const received = await api.call('POST', `/v1/consent-imports${query}`, { raw, as: 'integration', headers: CSV, ...options });
  if (received.status !== 202) return received;
  await importConsents(api.context, received.json.importId);
  return api.call('GET', received.json.links.self, { as: 'auditor' });
}

const codesOf = async (phone: string, channel = 'call') => {
  const body = { phone, channel, purpose: 'marketing', dialerMode: 'manual', at: moment.toISOString() };
  return (await api.call('POST', '/v1/clearances/preview', { body })).json.reasons.map((reason: { code: string }) => reason.code);
};

describe('a file of consents over HTTP', () => {
  it('is answered when it is stored, and followed to its end, with what was refused', async () => {
    const { leadId, phone } = await lead();
    const text = `phone,kind,channel,purpose,at\r\n${phone},granted,call,marketing,2026-03-01T00:00:00Z\r\n${phone},perhaps,call,marketing,2026-03-01T00:00:00Z\r\n+12125550199,granted,call,marketing,2026-03-01T00:00:00Z\r\n`;
    const received = await api.call('POST', '/v1/consent-imports', { raw: gzipSync(text), as: 'operator', headers: { ...CSV, 'content-encoding': 'gzip' } });
    expect([received.status, received.json.state, received.headers.get('location')]).toEqual([202, 'receiving', received.json.links.self]);
    expect(api.announced).toContain(received.json.importId);
    await importConsents(api.context, received.json.importId);
    const { json } = await api.call('GET', received.json.links.self);
    expect(json).toMatchObject({
      state: 'completed', format: 'csv', remainingSeconds: 0, problem: null, duplicateOf: null, workflowId: `consent-import/${json.importId}`,
      rows: { total: 3, read: 3, recorded: 1, known: 0, suppressed: 0, refused: 2, waiting: 0 },
    });
    const refusals = await api.call('GET', json.links.refusals);
    expect(refusals.text.trim().split('\r\n').map((line) => line.split(',').slice(0, 3).join())).toEqual(['row,code,column', '3,not_allowed,kind', '4,acquisition_unknown,']);
    expect(refusals.text).not.toContain('perhaps');
    const { items } = (await api.call('GET', `/v1/leads/${leadId}/consents`)).json;
    expect(items).toMatchObject([{ kind: 'granted', effect: 'in_force', acquisitionId: null }]);
    expect((await api.call('GET', '/v1/consent-imports?limit=1')).json.items).toMatchObject([{ importId: json.importId }]);
    expect((await send(text)).json).toMatchObject({ duplicateOf: json.importId, rows: { read: 0 } });
  });

  it('leaves the answer for a person who has opted out at no, and its grants in the queue', async () => {
    const { leadId, phone } = await lead();
    await api.call('POST', `/v1/leads/${leadId}/revocations`, { body: { channel: 'call', revokedAt: '2026-01-02T00:00:00Z' } });
    const grants = ['carried', 'own'].map((act, nth) => JSON.stringify({ phone, kind: 'granted', channel: 'call', purpose: 'marketing', at: `2026-03-0${nth + 1}T00:00:00Z`, act, grade: 'express_written' }));
    const { json } = await send(grants.join('\n'), '', { headers: { 'content-type': 'application/x-ndjson' } });
    expect(json.rows).toMatchObject({ recorded: 2, waiting: 2 });
    expect(await codesOf(phone)).toContain('consent_revoked');
    const waiting = (await api.call('GET', '/v1/queues/waiting-consents?limit=200')).json.items.filter((each: { leadId: string }) => each.leadId === leadId);
    expect(waiting).toHaveLength(2);
    await api.call('POST', `/v1/leads/${leadId}/consents`, { body: { channel: 'call', purpose: 'marketing', obtainedAt: '2026-03-05T00:00:00Z' } });
    expect(await codesOf(phone)).not.toContain('consent_revoked');
  });

  it('of withdrawals is heeded at the gate, of leads and of numbers that are none', async () => {
    const { phone } = await lead();
    const stranger = '+13105550177';
    const { json } = await send(`Tel,When\r\n${phone},2026-03-01T00:00:00Z\r\n${stranger},2026-03-01T00:00:00Z\r\n`, `?kind=revoked&mapping=${encodeURIComponent('{"phone":"Tel","at":"When"}')}`);
    expect(json.rows).toMatchObject({ recorded: 1, suppressed: 1 });
    expect(await codesOf(phone, 'sms')).toContain('consent_revoked');
    expect(await codesOf(stranger)).toContain('suppressed');
    await api.call('POST', '/v1/leads', { body: leadBody({ phone: stranger }) });
    expect(await codesOf(stranger)).toContain('suppressed');
  });

  it('says what is wrong with its query, its type, and itself', async () => {
    expect(placesOf(await send('x', '?mapping={"phone":"a"}'))).toEqual([['?mapping', 'required']]);
    expect(placesOf(await send('x', '?mapping={"phone":"a","at":"b","mood":"c"}'))[0]?.[0]).toMatch(/^\?mapping/);
    expect(placesOf(await send('x', '?kind=perhaps&zone=Nowhere'))).toEqual([['?kind', 'not_allowed'], ['?zone', expect.any(String)]]);
    expect((await send('x', '', { headers: { 'content-type': 'application/pdf' } })).json.code).toBe('unsupported_media_type');
    expect((await send('no such columns\r\n')).json).toMatchObject({ state: 'failed', problem: { code: 'mapping_incomplete' } });
    for (const path of ['', '/refusals']) expect((await api.call('GET', `/v1/consent-imports/${UNKNOWN}${path}`)).json.code).toBe('unknown_import');
  });
});

const ask = async () => (await api.call('POST', '/v1/consent-exports', { as: 'compliance', body: { partner: 'next-crm' } })).json;
const approve = (id: string, as: 'compliance' | 'admin' = 'admin') => api.call('POST', `/v1/consent-exports/${id}/approve`, { as });
const fetched = (id: string, query = '', headers: Record<string, string> = REASON) => api.call('GET', `/v1/consent-exports/${id}/events${query}`, { as: 'compliance', headers });

describe('an export of consents', () => {
  it('is every event with phone and evidence, which an import reads as it is, and is on record person by person', async () => {
    const { leadId, phone } = await lead();
    const evidence = { method: 'web_form', statement: '=cmd|calc', url: 'https://example.com/a' };
    await api.call('POST', `/v1/leads/${leadId}/consents`, { body: { channel: 'sms', purpose: 'survey', obtainedAt: '2026-02-01T00:00:00Z', expiresAt: '2026-09-01T00:00:00Z', evidence } });
    await api.call('POST', `/v1/leads/${leadId}/revocations`, { body: { revokedAt: '2026-02-02T00:00:00Z', via: 'letter' } });
    const { exportId } = await ask();
    await approve(exportId);
    const { status, text, headers } = await fetched(exportId);
    expect([status, headers.get('content-type'), headers.get('content-disposition')]).toEqual([200, 'text/csv; charset=utf-8', `attachment; filename="consents-${exportId}.csv"`]);
    const lines = text.split('\r\n').filter((line) => line.startsWith(`'${phone}`));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("'=cmd|calc");
    expect(lines[0]).toMatch(/granted,sms,survey,2026-02-01T00:00:00.000Z,.*,2026-09-01T00:00:00.000Z,express,none,own,/);
    expect(lines[1]).toMatch(/revoked,all,all,2026-02-02T00:00:00.000Z,.*letter/);
    const { json } = await send(text);
    expect([json.state, json.rows.refused, json.rows.recorded]).toEqual(['completed', 0, 0]);
    const log = await api.db.selectFrom('access_log').select(['actor', 'fields']).where('lead_id', '=', leadId).execute();
    expect(log).toEqual([{ actor: expect.stringMatching(/^key:/), fields: ['phone', 'consents'] }]);
    expect((await api.call('GET', `/v1/consent-exports/${exportId}`, { as: 'auditor' })).json).toMatchObject({ state: 'approved', partner: 'next-crm', handedOutBy: log[0]?.actor });
  });

  it('says how many people in the archive are not among them', async () => {
    const { leadId, phone } = await lead();
    await api.call('POST', `/v1/leads/${leadId}/revocations`, { body: { via: 'letter' } });
    const { exportId } = await ask();
    await approve(exportId);
    expect((await fetched(exportId)).headers.get('archived-people')).toBe('0');
    await api.db.updateTable('lead').set({ stage: 'archived', archived_at: moment }).where('id', '=', leadId).execute();
    await api.db.deleteFrom('personal_data').where('lead_id', '=', leadId).execute();
    const { text, headers } = await fetched(exportId);
    expect(headers.get('archived-people')).toBe('1');
    expect(text).not.toContain(phone);
  });

  it.each(['=1+1', "'=1+1", "''-x", "'it is"])('keeps the words %s of a person, apostrophes and all, on the way into a file and back', async (statement) => {
    const { leadId } = await lead();
    await api.call('POST', `/v1/leads/${leadId}/revocations`, { body: { via: 'letter', statement } });
    const { exportId } = await ask();
    await approve(exportId);
    const [header = '', ...lines] = (await fetched(exportId)).text.split('\r\n');
    const told = lines.filter((line) => line.endsWith(`,${statement.startsWith("'it") ? '' : "'"}${statement}`));
    expect(told).toHaveLength(1);
    // The same words about somebody else, as another store would read them.
    const other = await lead();
    const moved = String(told[0]).replace(/^'\+\d+/, `'${other.phone}`);
    expect((await send(`${header}\r\n${moved}\r\n`)).json.rows).toMatchObject({ recorded: 1, refused: 0 });
    const again = (await fetched(exportId, '?format=ndjson')).text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, string>);
    expect(again.filter((event) => event.phone === other.phone).map((event) => event.statement)).toEqual([statement]);
  });

  it('comes as NDJSON as well', async () => {
    const { exportId } = await ask();
    await approve(exportId);
    const { text, headers } = await fetched(exportId, '?format=ndjson');
    const events = text.trim().split('\n').map((line) => JSON.parse(line) as Record<string, string>);
    expect(headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(events.every(({ phone, at }) => phone !== undefined && at !== undefined)).toBe(true);
    expect((await send(text, '', { headers: { 'content-type': 'application/x-ndjson' } })).json.rows).toMatchObject({ recorded: 0, refused: 0, known: events.length });
  });

  it('is not handed out without a reason, before another person has agreed, nor a day later', async () => {
    const { exportId, state } = await ask();
    expect([state, (await fetched(exportId)).json.code]).toEqual(['awaiting_approval', 'second_person_needed']);
    const own = await approve(exportId, 'compliance');
    expect([own.status, own.json.code]).toEqual([403, 'second_person_needed']);
    expect((await approve(exportId)).json.state).toBe('approved');
    expect((await approve(exportId)).json.code).toBe('already_settled');
    const silent = await fetched(exportId, '', {});
    expect([silent.status, silent.json.code]).toEqual([422, 'access_reason_missing']);
    const before = moment;
    moment = new Date(moment.getTime() + 86_400_000);
    expect((await fetched(exportId)).json.code).toBe('second_person_needed');
    expect((await api.call('GET', '/v1/consent-exports?limit=1', { as: 'auditor' })).json.items).toMatchObject([{ exportId, state: 'expired' }]);
    moment = before;
    expect((await fetched(UNKNOWN)).json.code).toBe('unknown_export');
  });

  it('sends nobody whose access cannot be put on record', async () => {
    const { phone, leadId } = await lead();
    await api.call('POST', `/v1/leads/${leadId}/consents`, { body: { channel: 'call', purpose: 'survey', obtainedAt: '2026-02-01T00:00:00Z' } });
    const { exportId } = await ask();
    await approve(exportId);
    const { sql } = await import('kysely');
    await sql`alter table access_log add constraint nothing_more check (actor = '') not valid`.execute(api.db);
    try {
      const received: string[] = [];
      const response = await fetch(`${api.url}/v1/consent-exports/${exportId}/events`, { headers: { ...REASON, authorization: `Bearer ${api.keys.compliance}` } });
      const text = await response.text().catch(() => '');
      received.push(text);
      expect(received.join('')).not.toContain(phone);
    } finally {
      await sql`alter table access_log drop constraint nothing_more`.execute(api.db);
    }
  });
});
