import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { open } from '../../db/vault.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const SUBJECT = { name: 'Ada Lovelace', email: 'ada@example.com', address: { street: 'Main Street 1', city: 'Washington', region: 'DC', country: 'US' } };
const REASON = { 'access-reason': 'call back requested' };

async function createLead(): Promise<{ id: string; phone: string }> {
  const body = leadBody({ subject: SUBJECT });
  const { json } = await api.call('POST', '/v1/leads', { body });
  return { id: json.leadId, phone: String(body.phone) };
}

function accessesOf(leadId: string) {
  return api.db.selectFrom('access_log').selectAll().where('lead_id', '=', leadId).execute();
}

describe('showing personal data in clear', () => {
  it('shows exactly the fields that were asked for', async () => {
    const { id, phone } = await createLead();
    const { json } = await api.call('GET', `/v1/leads/${id}?reveal=phone,email`, { as: 'compliance', headers: REASON });
    expect(json).toMatchObject({ phone, revealed: ['phone', 'email'], subject: { name: 'A***', email: SUBJECT.email, address: { region: 'DC' } } });
    const all = await api.call('GET', `/v1/leads/${id}?reveal=name,address`, { as: 'admin', headers: REASON });
    expect(all.json.phone).toContain('*');
    expect(all.json.subject).toEqual({ name: SUBJECT.name, email: 'a***@example.com', address: { city: 'Washington', region: 'DC', country: 'US' } });
  });

  it('never shows a street: tier 1 takes more than a key', async () => {
    const { id } = await createLead();
    const { text } = await api.call('GET', `/v1/leads/${id}?reveal=phone,email,name,address`, { headers: REASON });
    expect(text).not.toContain('Main Street');
  });

  it('is on record with who, what and when, its reason sealed [ASVS 16.2.1]', async () => {
    const { id } = await createLead();
    await api.call('GET', `/v1/leads/${id}?reveal=phone,email`, { as: 'compliance', headers: { 'access-reason': 'Rückruf für Ada' } });
    const [access, ...others] = await accessesOf(id);
    expect(others).toHaveLength(0);
    expect(access).toMatchObject({ fields: ['phone', 'email'], actor: `key:${api.keys.compliance.split('_')[1]}` });
    const factId = access?.id ?? '';
    const record = await api.db.selectFrom('personal_data').selectAll().where('fact_id', '=', factId).executeTakeFirstOrThrow();
    const stored = await api.db.selectFrom('keyring.subject_key').selectAll().where('lead_id', '=', id).executeTakeFirstOrThrow();
    const reason = open(api.context.vault.unwrapKey(id, stored), { leadId: id, factId, tier: 2 }, record.sealed);
    expect(JSON.parse(reason)).toEqual({ reason: 'Rückruf für Ada' });
  });

  it('does not happen when it cannot be put on record', async () => {
    const { id, phone } = await createLead();
    await sql`alter table access_log rename to access_log_away`.execute(api.db);
    const reply = await api.call('GET', `/v1/leads/${id}?reveal=phone`, { headers: REASON });
    await sql`alter table access_log_away rename to access_log`.execute(api.db);
    expect(reply.status).toBe(500);
    expect(reply.text).not.toContain(phone.slice(2));
  });

  it.each([{}, { 'access-reason': '' }, { 'access-reason': ' a ' }, { 'access-reason': 'x'.repeat(201) }])('takes a reason of 3 to 200 characters', async (headers) => {
    const { id } = await createLead();
    const reply = await api.call('GET', `/v1/leads/${id}?reveal=phone`, { headers: headers });
    expect([reply.status, reply.json.errors[0].pointer]).toEqual([422, 'header:Access-Reason']);
    expect(await accessesOf(id)).toHaveLength(0);
  });

  it('knows its fields and no others', async () => {
    const { id } = await createLead();
    const reply = await api.call('GET', `/v1/leads/${id}?reveal=phone,passport`, { headers: REASON });
    expect([reply.status, reply.json.errors[0].pointer]).toEqual([422, '?reveal']);
    expect(await accessesOf(id)).toHaveLength(0);
  });
});
