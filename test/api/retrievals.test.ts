import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createArchiveActivities } from '../../activities/archive.ts';
import { createReviewActivities } from '../../activities/review.ts';
import { FolderStore } from '../../activities/archiving/folder-store.ts';
import type { Role } from '../../api/roles.ts';
import { plus } from '../../domain/civil-time.ts';
import { runFolder } from '../setup/suite.ts';
import { leadBody, placesOf, SOURCE, startApi, type RunningApi } from './running-api.ts';

let api: RunningApi;
let shift = 0;
const now = () => new Date(Date.now() + shift);
const archive = new FolderStore(join(runFolder(), `archive-${randomUUID()}`));
beforeAll(async () => {
  api = await startApi({ now });
  await api.call('POST', '/v1/sources', { body: SOURCE });
});
afterAll(() => api.stop());

const activities = () => {
  const { db, vault, log } = api.context;
  return { ...createArchiveActivities({ db, vault, archive, now, log }), ...createReviewActivities({ db, now }) };
};

/** What the workflow of a lead does when it wakes. */
async function wake(leadId: string): Promise<string> {
  const own = activities();
  const { stage, action } = await own.reviewLead(leadId);
  if (action === undefined) return stage;
  const step = await (action === 'archive' ? own.archiveLead(leadId) : own.bringBackLead(leadId));
  if (!step.isDone) throw new Error(`waits for ${step.waitsFor.join()}`);
  return (await own.reviewLead(leadId)).stage;
}

async function archivedLead(body: object = {}): Promise<string> {
  shift = -400 * 86_400_000;
  const { leadId } = (await api.call('POST', '/v1/leads', { body: leadBody({ acquiredAt: '2024-01-01T00:00:00Z', ...body }) })).json;
  const at = now().toISOString();
  const contact = { channel: 'call', purpose: 'marketing', startedAt: at, endedAt: at, outcome: 'no_answer' };
  expect((await api.call('POST', `/v1/leads/${leadId}/contacts`, { body: contact })).status).toBe(201);
  shift = 0;
  expect(await wake(leadId)).toBe('archived');
  return leadId;
}

const ask = (leadId: string, as: Role = 'compliance', body: object = { reason: 'a dispute about an invoice' }) =>
  api.call('POST', `/v1/leads/${leadId}/retrievals`, { as, body });
const approve = (leadId: string, id: string, as: Role = 'admin') => api.call('POST', `/v1/leads/${leadId}/retrievals/${id}/approve`, { as });
const shown = async (leadId: string) => (await api.call('GET', `/v1/leads/${leadId}`)).json;

describe('an archived lead', () => {
  it('is shown without what is personal, and nobody is shown it in clear', async () => {
    const leadId = await archivedLead({ subject: { name: 'Ada Lovelace', email: 'ada.archived@example.com' } });
    const lead = await shown(leadId);
    expect(lead).toMatchObject({ stage: 'archived', phone: null, subject: { name: null, email: null, address: null }, retrievedUntil: null });
    expect(Date.parse(lead.archivedAt)).toBeGreaterThan(0);
    const reply = await api.call('GET', `/v1/leads/${leadId}?reveal=phone`, { headers: { 'access-reason': 'call back' } });
    expect([reply.status, reply.json.code]).toEqual([409, 'lead_archived']);
    expect((await api.call('GET', '/v1/leads?stage=archived')).json.items.map((each: { leadId: string }) => each.leadId)).toContain(leadId);
  });

  it('is found by its number, merged with when that is acquired again, and refused a call by the gate', async () => {
    const { phone } = leadBody() as { phone: string };
    const leadId = await archivedLead({ phone });
    const found = await api.call('POST', '/v1/leads/search', { body: { phone } });
    expect(found.json.items).toMatchObject([{ leadId, stage: 'archived', phone: null }]);
    for (const person of [{ phone }, { leadId }]) {
      const call = { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', agent: 'a-17', dialerMode: 'manual', callerId: '+12025550100' };
      const asked = await api.call('POST', '/v1/clearances', { body: { ...person, ...call } });
      expect(asked.json).toMatchObject({ decision: 'deny', leadId });
      expect(asked.json.reasons.map(({ code }: { code: string }) => code)).toContain('lead_archived');
    }
    const again = await api.call('POST', '/v1/leads', { body: leadBody({ phone }) });
    expect([again.status, again.json.leadId]).toEqual([200, leadId]);
    expect(await wake(leadId)).not.toBe('archived');
    expect((await shown(leadId)).phone).toMatch(/^\+1\d{3}\*+\d\d$/);
  });

  it('can be asked for by its subject, suppressed, and told of consents', async () => {
    const { phone } = leadBody() as { phone: string };
    const leadId = await archivedLead({ phone });
    const request = await api.call('POST', '/v1/subject-requests', { body: { phone, kind: 'access', statement: 'what do you have of me' } });
    expect([request.status, request.json.leadId]).toEqual([201, leadId]);
    expect((await api.call('POST', '/v1/suppressions', { body: { phone, kind: 'opt_out' } })).status).toBe(201);
    const consent = { channel: 'call', purpose: 'marketing', obtainedAt: '2026-02-01T00:00:00Z', evidence: { url: 'https://example.com/a' } };
    expect((await api.call('POST', `/v1/leads/${leadId}/consents`, { body: consent })).status).toBe(201);
    expect(await wake(leadId)).not.toBe('archived');
    expect(await shown(leadId)).toMatchObject({ archivedAt: null, phone: expect.stringContaining('*') as unknown });
  });
});

describe('a retrieval', () => {
  it('brings a lead back for the days agreed to, after a second person approved, and it returns by itself', async () => {
    const leadId = await archivedLead({ subject: { name: 'Ada' } });
    const asked = await ask(leadId);
    expect([asked.status, asked.json]).toEqual([201, expect.objectContaining({ leadId, state: 'awaiting_approval', days: 7, approvedBy: null, until: null })]);
    expect(await wake(leadId)).toBe('archived');
    const own = await approve(leadId, asked.json.id, 'compliance');
    expect([own.status, own.json.code]).toEqual([403, 'second_person_needed']);

    api.announced.length = 0;
    const approved = await approve(leadId, asked.json.id);
    expect([approved.status, approved.json.state]).toEqual([200, 'approved']);
    const again = await api.call('POST', `/v1/approvals/${asked.json.id}`);
    expect([again.status, again.json.code]).toEqual([409, 'already_settled']);
    expect(Date.parse(approved.json.until) - Date.parse(approved.json.approvedAt)).toBe(7 * 86_400_000);
    expect(api.announced).toEqual([leadId]);
    expect(await api.db.selectFrom('outbox').select('signal').where('subject', '=', leadId).orderBy('id', 'desc').limit(1).execute()).toEqual([{ signal: 'lifecycleChanged' }]);
    expect((await approve(leadId, asked.json.id)).json.code).toBe('already_settled');

    expect(await wake(leadId)).toBe('active');
    expect(await shown(leadId)).toMatchObject({ subject: { name: 'A***' }, archivedAt: null, retrievedUntil: approved.json.until });
    expect((await ask(leadId)).json.code).toBe('lead_not_archived');

    const other = await archivedLead();
    const { id } = (await ask(other)).json;
    expect((await api.call('POST', `/v1/approvals/${id}`, { as: 'admin' })).json).toMatchObject({ kind: 'retrieval', retrieval: { id, state: 'approved' } });
    expect((await approve(other, asked.json.id)).json.code).toBe('unknown_retrieval');
    expect((await api.call('GET', `/v1/leads/${leadId}/retrievals`, { as: 'auditor' })).json.items).toMatchObject([{ state: 'back' }]);

    shift = 7 * 86_400_000 + 1_000;
    expect(await wake(leadId)).toBe('archived');
    expect(await shown(leadId)).toMatchObject({ phone: null, retrievedUntil: null });
    expect((await api.call('GET', `/v1/leads/${leadId}/retrievals`)).json.items).toMatchObject([{ id: asked.json.id, state: 'returned' }]);
    shift = 0;
    const { items } = (await api.call('GET', `/v1/leads/${leadId}/timeline`)).json;
    const steps = items.map(({ type }: { type: string }) => type).filter((type: string) => type.startsWith('retrieval'));
    expect(steps).toEqual(['retrieval_asked', 'retrieval_approved', 'retrieval_back', 'retrieval_returned']);
    expect(JSON.stringify(items)).not.toContain('invoice');
  });

  it('can be taken back until somebody agrees, by whoever asked or an admin', async () => {
    const leadId = await archivedLead();
    const withdraw = (id: string, as: Role) => api.call('POST', `/v1/leads/${leadId}/retrievals/${id}/withdraw`, { as });
    const [own, others, agreed] = [(await ask(leadId)).json, (await ask(leadId, 'admin')).json, (await ask(leadId)).json];
    const refused = await withdraw(others.id, 'compliance');
    expect([refused.status, refused.json.code]).toEqual([403, 'forbidden']);
    const withdrawn = await withdraw(own.id, 'compliance');
    expect([withdrawn.status, withdrawn.json]).toMatchObject([200, { state: 'withdrawn', withdrawnBy: own.askedBy }]);
    expect((await withdraw(own.id, 'admin')).json.code).toBe('already_settled');
    expect((await approve(leadId, own.id)).json.code).toBe('already_settled');
    expect(await wake(leadId)).toBe('archived');
    await approve(leadId, agreed.id);
    expect((await withdraw(agreed.id, 'admin')).json.code).toBe('already_settled');
    expect((await withdraw(randomUUID(), 'admin')).json.code).toBe('unknown_retrieval');
    const { items } = (await api.call('GET', `/v1/leads/${leadId}/timeline`)).json;
    expect(items.map(({ type }: { type: string }) => type)).toContain('retrieval_withdrawn');
  });

  it('that nobody brought about in time is over', async () => {
    const leadId = await archivedLead();
    const { id } = (await ask(leadId, 'compliance', { reason: 'audit', days: 1 })).json;
    await approve(leadId, id);
    shift = 2 * 86_400_000;
    expect(await wake(leadId)).toBe('archived');
    expect((await api.call('GET', `/v1/leads/${leadId}/retrievals`)).json.items).toMatchObject([{ state: 'over' }]);
    shift = 0;
  });

  it('is refused for a lead that is not archived, is gone, or never was', async () => {
    const { leadId } = (await api.call('POST', '/v1/leads', { body: leadBody() })).json;
    expect([(await ask(leadId)).status, (await ask(leadId)).json.code]).toEqual([409, 'lead_not_archived']);
    const gone = await archivedLead();
    const { id } = (await ask(gone)).json;
    await api.db.updateTable('lead').set({ disposed_at: new Date() }).where('id', '=', gone).execute();
    expect((await ask(gone)).json.code).toBe('lead_disposed');
    expect((await approve(gone, id)).json.code).toBe('lead_disposed');
    expect((await ask(randomUUID())).json.code).toBe('unknown_lead');
    expect((await approve(leadId, id)).json.code).toBe('unknown_retrieval');
  });

  it('says why, for how long, and nothing else', async () => {
    const leadId = await archivedLead();
    expect(placesOf(await ask(leadId, 'admin', {}))).toEqual([['/reason', 'required']]);
    expect(placesOf(await ask(leadId, 'admin', { reason: 'audit', days: 0 }))).toEqual([['/days', 'too_short']]);
    expect(placesOf(await ask(leadId, 'admin', { reason: 'audit', days: 91 }))).toEqual([['/days', 'too_long']]);
    expect((await ask(leadId, 'admin', { reason: 'audit', until: 'x' })).status).toBe(422);
  });

  it('lists in pages', async () => {
    const leadId = await archivedLead();
    for (let n = 0; n < 3; n += 1) await ask(leadId);
    const first = (await api.call('GET', `/v1/leads/${leadId}/retrievals?limit=2`)).json;
    const second = (await api.call('GET', `/v1/leads/${leadId}/retrievals?limit=2&after=${first.next}`)).json;
    expect([first.items.length, second.items.length, second.next]).toEqual([2, 1, null]);
    expect(plus(new Date(second.items[0].askedAt), 'PT1H') > new Date()).toBe(true);
  });
});
