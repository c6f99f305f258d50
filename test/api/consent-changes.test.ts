import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { importConsents } from '../../intake/moving/consent-file.ts';
import { importLeads } from './lead-files.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';
import { createSender, eventsOf, sendStandard, type Sender } from './webhook-sending.ts';

let api: RunningApi;
let crm: Sender;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
  crm = await createSender(api, 'standard', { id: 'crm' });
  await api.call('POST', '/v1/webhook-endpoints', { body: { url: 'https://crm.example.com/hooks' } });
});
afterAll(() => api.stop());
beforeEach(() => api.db.deleteFrom('webhook_delivery').execute());

const DAY = '2026-02-01T00:00:00Z';
const OWN = { channel: 'sms', purpose: 'marketing' };

/** Somebody who is not known yet, and by which names a CRM may call them. */
function stranger() {
  const body = leadBody();
  return { body, phone: String(body.phone), email: `${randomUUID()}@example.com`, reference: `contact-${randomUUID()}` };
}

const report = (type: string, data: object, id?: string) =>
  sendStandard(api, crm, { type, timestamp: DAY, data: { ...OWN, grade: 'express', ...data } }, id === undefined ? {} : { id });

async function acquire(changes: object = {}): Promise<{ leadId: string; phone: string }> {
  const body = leadBody(changes);
  const { json } = await api.call('POST', '/v1/leads', { body });
  return { leadId: json.leadId, phone: String(body.phone) };
}

async function leadOf(phone: string): Promise<string> {
  const { json } = await api.call('POST', '/v1/leads/search', { body: { phone } });
  return json.items[0].leadId;
}

/** What a subscriber hears of a lead, in the order in which it is sent. */
async function heard(leadId: string) {
  const rows = await api.db.selectFrom('webhook_delivery').selectAll().where('lead_id', '=', leadId).orderBy('seq').execute();
  return rows.map(({ type, fact_id, words }) => ({ type, factId: fact_id, ...(words as object) }));
}

/** The same, as it follows from the ledger. */
async function recorded(leadId: string) {
  const rows = await api.db.selectFrom('consent_event').selectAll().where('lead_id', '=', leadId).orderBy('id').execute();
  return rows.map(({ id, kind, channel, purpose }) => ({ type: 'consent.changed', factId: id, kind, channel, purpose }));
}

async function importLedger(csv: string): Promise<void> {
  const sent = await api.call('POST', '/v1/consent-imports', { raw: `phone,kind,channel,purpose,at\n${csv}`, headers: { 'content-type': 'text/csv' } });
  await importConsents(api.context, sent.json.importId);
}

const consents = [{ ...OWN, obtainedAt: '2026-01-01T00:00:00Z' }, { ...OWN, channel: 'call', obtainedAt: '2026-01-01T00:00:00Z' }];

describe('whoever subscribes hears of every event on a ledger, once and in its order, when it comes', () => {
  it.each<[string, (about: { leadId: string; phone: string }) => Promise<unknown>, number]>([
    ['by a request', async ({ leadId }) => {
      await api.call('POST', `/v1/leads/${leadId}/consents`, { body: { ...OWN, obtainedAt: DAY } });
      await api.call('POST', `/v1/leads/${leadId}/revocations`, { body: { channel: 'sms', revokedAt: DAY } });
    }, 2],
    ['by a webhook, which may come twice', async ({ phone }) => {
      for (const id of [`msg_${phone}`, `msg_${phone}`]) await report('consent.granted', { phone }, id);
      await report('consent.revoked', { phone, channel: 'phone' });
    }, 3],
    ['by many webhooks at once', async ({ phone }) => {
      await Promise.all(Array.from({ length: 30 }, (_, nth) => report(nth % 2 === 0 ? 'consent.revoked' : 'consent.granted', { phone })));
    }, 30],
    ['in a file of consents', async ({ phone }) => {
      const rows = ['granted,sms,marketing,2026-01-01T00:00:00Z', 'revoked,all,all,2026-01-02T00:00:00Z', 'granted,sms,marketing,2026-01-01T00:00:00Z'];
      await importLedger(rows.map((row) => `${phone},${row}\n`).join(''));
    }, 2],
  ])('%s', async (_title, happen, count) => {
    const about = await acquire();
    await api.db.deleteFrom('webhook_delivery').execute();
    await happen(about);
    const events = await recorded(about.leadId);
    expect(events).toHaveLength(count);
    expect(await heard(about.leadId)).toEqual(events);
  });

  it('with an acquisition, by request or in a file', async () => {
    const { leadId } = await acquire({ consents });
    const { phone } = stranger();
    await importLeads(api, `phone,when\n${phone},${DAY}\n`, { phone: 'phone', acquiredAt: 'when', 'consent.sms.marketing.obtainedAt': 'when' });
    for (const [id, count] of [[leadId, 2], [await leadOf(phone), 1]] as const) {
      const [first, ...others] = await heard(id);
      expect(first).toMatchObject({ type: 'lead.acquired', acquisition: 'first' });
      expect(others).toHaveLength(count);
      expect(others).toEqual(await recorded(id));
    }
  });
});

describe('what a CRM says of somebody who is not known yet', () => {
  const byRequest = async ({ body, email, reference }: ReturnType<typeof stranger>) => {
    await api.call('POST', '/v1/leads', { body: { ...body, subject: { email }, reference } });
  };
  const byFile = async ({ phone, email, reference }: ReturnType<typeof stranger>) => {
    await importLeads(api, `phone,when,mail,crm\n${phone},${DAY},${email},${reference}\n`, {
      phone: 'phone', acquiredAt: 'when', 'subject.email': 'mail', reference: 'crm',
    });
  };
  const BY_NUMBER = ({ phone }: ReturnType<typeof stranger>) => ({ phone });
  const BY_ADDRESS = ({ email }: ReturnType<typeof stranger>) => ({ email });
  const BY_REFERENCE = ({ reference }: ReturnType<typeof stranger>) => ({ reference });

  it.each([
    ['a grant by number, acquired by a request', BY_NUMBER, byRequest, 'consent.granted'],
    ['a grant by number, acquired in a file', BY_NUMBER, byFile, 'consent.granted'],
    ['a withdrawal by address, acquired by a request', BY_ADDRESS, byRequest, 'consent.revoked'],
    ['a withdrawal by address, acquired in a file', BY_ADDRESS, byFile, 'consent.revoked'],
    ['a withdrawal by the CRM’s own name, acquired by a request', BY_REFERENCE, byRequest, 'consent.revoked'],
    ['a withdrawal by the CRM’s own name, acquired in a file', BY_REFERENCE, byFile, 'consent.revoked'],
  ])('is done, and heard of after the acquisition: %s', async (_title, nameOf, come, type) => {
    const person = stranger();
    const told = await report(type, nameOf(person));
    expect(told.json.results[0].result).toBe('acquisition_unknown');
    await come(person);
    const leadId = await leadOf(person.phone);
    const events = await recorded(leadId);
    expect(events).toMatchObject([{ kind: type === 'consent.granted' ? 'granted' : 'revoked', channel: 'sms' }]);
    const [first, ...others] = await heard(leadId);
    expect([first?.type, others]).toEqual(['lead.acquired', events]);
    expect((await eventsOf(api, 'crm', '?limit=1'))[0]).toMatchObject({ result: 'applied', leadId, factIds: [events[0]?.factId] });
  });
});
