import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DisposalMetrics } from '../../api/disposal-metrics.ts';
import { createApiKey, digestOf, keyIdOf } from '../../api/key-format.ts';
import { createDisposalActivities } from '../../activities/disposal.ts';
import { createReviewActivities } from '../../activities/review.ts';
import { FolderStore } from '../../activities/archiving/folder-store.ts';
import { registerApiKey } from '../../db/api-keys.ts';
import { recordDelivered } from '../../db/webhook-work.ts';
import { FolderJournal } from '../../endings/journal/folder-journal.ts';
import { verifyProof } from '../../proof/verify.ts';
import { runFolder } from '../setup/suite.ts';
import { leadBody, placesOf, SOURCE, startApi, type RunningApi } from './running-api.ts';

const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';

let api: RunningApi;
let moment = new Date();
let disposals: DisposalMetrics;
let disposeLead: (leadId: string) => Promise<{ isDone: boolean; waitsFor: string[] }>;
beforeAll(async () => {
  api = await startApi({ now: () => moment });
  await api.call('POST', '/v1/sources', { body: SOURCE });
  const folder = join(runFolder(), `disposals-${randomUUID()}`);
  const { db, signing, now, log } = api.context;
  disposals = new DisposalMetrics(api.metrics, { db, now, log });
  const [archive, journal] = [new FolderStore(join(folder, 'archive')), new FolderJournal(join(folder, 'journal'), 'one')];
  ({ disposeLead } = createDisposalActivities({ db, now, signing, archive, journal, backupKeepDays: 14 }));
});
afterAll(() => api.stop());

const acquire = async (changes: object = {}) => (await api.call('POST', '/v1/leads', { body: leadBody(changes) })).json.leadId as string;
const order = (leadId: string, reason = 'acquired in error') => api.call('POST', `/v1/leads/${leadId}/disposals`, { as: 'compliance', body: { reason } });
const approve = (id: string, as: 'compliance' | 'admin' = 'admin') => api.call('POST', `/v1/disposals/${id}/approve`, { as });

/** Orders, agrees to and carries out the disposal of a lead; answers its id. */
async function dispose(leadId: string): Promise<string> {
  const { json: { id } } = await order(leadId);
  await approve(id);
  expect(await disposeLead(leadId)).toMatchObject({ isDone: true });
  return id;
}

describe('an order', () => {
  it('waits for another key, is carried out, and is certified', async () => {
    const leadId = await acquire();
    const asked = await order(leadId);
    expect([asked.status, asked.json]).toMatchObject([202, { leadId, state: 'awaiting_approval', ground: 'order', waitsFor: ['second_person'], certificate: null }]);
    expect(api.announced).toContain(leadId);
    const { id } = asked.json;
    expect((await order(leadId)).json.id).toBe(id);
    expect((await approve(id, 'compliance')).json.code).toBe('second_person_needed');
    const mayCall = async () => (await api.call('POST', '/v1/clearances/preview', { body: { leadId, channel: 'call', purpose: 'marketing' } })).json;
    expect((await mayCall()).reasons.map(({ code }: { code: string }) => code)).not.toContain('lead_archived');
    const open = await approve(id);
    expect([open.status, open.json.state]).toEqual([200, 'open']);
    expect(await mayCall()).toMatchObject({ decision: 'deny', reasons: expect.arrayContaining([expect.objectContaining({ code: 'lead_archived' })]) });
    expect((await approve(id)).json.code).toBe('already_settled');
    expect((await api.call('GET', `/v1/disposals/${id}/certificate`)).json.code).toBe('disposal_open');
    await disposeLead(leadId);
    const { json } = await api.call('GET', `/v1/disposals/${id}`, { as: 'auditor' });
    expect(json).toMatchObject({ state: 'complete', waitsFor: [], nextAttemptAt: null, certificate: `/v1/disposals/${id}/certificate` });
    expect(new Set(json.stores.map(({ state }: { state: string }) => state))).toEqual(new Set(['confirmed']));
    const certificate = (await api.call('GET', json.certificate, { as: 'auditor' })).json;
    expect(certificate).toMatchObject({ kind: 'disposal', leadId, backupsEndAt: new Date(moment.getTime() + 14 * 86_400_000).toISOString() });
    const verdict = await api.call('POST', '/v1/proofs/verify', { body: certificate });
    expect(verdict.json.valid).toBe(true);
    const forged = { ...certificate, backupsEndAt: moment.toISOString() };
    expect(verifyProof(forged).valid).toBe(false);
  });

  it('can be agreed to by its id alone', async () => {
    const leadId = await acquire();
    const { id } = (await order(leadId)).json;
    const agree = (as: 'compliance' | 'admin') => api.call('POST', `/v1/approvals/${id}`, { as });
    expect((await agree('compliance')).json.code).toBe('second_person_needed');
    expect((await agree('admin')).json).toMatchObject({ kind: 'disposal', disposal: { id, state: 'open' } });
    expect((await agree('admin')).json.code).toBe('already_settled');
    expect(await disposeLead(leadId)).toMatchObject({ isDone: true });
  });

  it('takes a lead that is there, and a reason that names nobody', async () => {
    expect((await order(UNKNOWN)).json.code).toBe('unknown_lead');
    expect(placesOf(await order(await acquire(), 'call +12025550143'))).toEqual([['/reason', 'wrong_format']]);
    const leadId = await acquire();
    await dispose(leadId);
    expect((await order(leadId)).json.code).toBe('lead_disposed');
    for (const path of [`/v1/disposals/${UNKNOWN}`, `/v1/disposals/${UNKNOWN}/certificate`]) expect((await api.call('GET', path)).json.code).toBe('unknown_disposal');
    expect((await approve(UNKNOWN)).json.code).toBe('unknown_disposal');
  });
});

describe('an order that nobody has agreed to', () => {
  it('is taken back by whoever gave it, stays on record, and can be given anew', async () => {
    const leadId = await acquire();
    const { json: { id } } = await order(leadId);
    const withdraw = (one: string, as: 'compliance' | 'admin' = 'compliance') => api.call('POST', `/v1/disposals/${one}/withdraw`, { as });
    const withdrawn = await withdraw(id);
    expect([withdrawn.status, withdrawn.json]).toMatchObject([200, {
      id, leadId, state: 'withdrawn', reason: 'acquired in error', waitsFor: [], withdrawnAt: moment.toISOString(), withdrawnBy: withdrawn.json.openedBy,
    }]);
    expect((await api.call('GET', `/v1/disposals/${id}`, { as: 'auditor' })).json).toEqual(withdrawn.json);
    for (const refused of [await approve(id), await withdraw(id), await api.call('GET', `/v1/disposals/${id}/certificate`)]) expect(refused.json.code).toBe('already_settled');
    expect(await disposeLead(leadId)).toMatchObject({ isDone: false, waitsFor: [] });
    const { json: { items } } = await api.call('GET', '/v1/queues/open-disposals?limit=100');
    expect(items.map((each: { id: string }) => each.id)).not.toContain(id);
    const { json: timeline } = await api.call('GET', `/v1/leads/${leadId}/timeline`);
    expect(timeline.items.map(({ type }: { type: string }) => type)).toEqual(expect.arrayContaining(['disposal_opened', 'order_withdrawn']));
    const { json: { id: anew } } = await order(leadId);
    expect(anew).not.toBe(id);
    await approve(anew);
    expect((await withdraw(anew)).json.code).toBe('already_settled');
    expect(await disposeLead(leadId)).toMatchObject({ isDone: true });
  });

  it('is taken back by an admin, and by nobody else who did not give it', async () => {
    const { json: { id } } = await order(await acquire());
    const other = createApiKey();
    await registerApiKey(api.db, {
      id: keyIdOf(other) ?? '', name: 'other', role: 'compliance', digest: digestOf(other), createdAt: moment, expiresAt: null,
    });
    const byOther = await api.call('POST', `/v1/disposals/${id}/withdraw`, { as: null, headers: { authorization: `Bearer ${other}` } });
    expect([byOther.status, byOther.json.code]).toEqual([403, 'forbidden']);
    expect((await api.call('POST', `/v1/disposals/${id}/withdraw`, { as: 'admin' })).json.state).toBe('withdrawn');
    expect((await api.call('POST', `/v1/disposals/${UNKNOWN}/withdraw`)).json.code).toBe('unknown_disposal');
  });
});

describe('a lead that was disposed of', () => {
  it('may not be contacted, which is answered and on record like any other answer', async () => {
    const body = leadBody();
    const { json: { leadId } } = await api.call('POST', '/v1/leads', { body });
    await dispose(leadId);
    const asked = { leadId, channel: 'sms', purpose: 'marketing', campaign: 'spring', seller: 'acme' };
    const denied = { decision: 'deny', leadId, validUntil: null, notBefore: null, reasons: [{ code: 'lead_disposed', effect: 'deny' }] };
    const preview = await api.call('POST', '/v1/clearances/preview', { body: asked });
    const answer = await api.call('POST', '/v1/clearances', { body: asked });
    const batch = await api.call('POST', '/v1/clearances/batch', { body: { items: [asked, { ...asked, leadId: UNKNOWN }] } });
    expect([preview.status, preview.json, answer.status, answer.json, batch.json.items]).toMatchObject([
      200, denied, 201, denied, [denied, { problem: { code: 'unknown_lead' } }],
    ]);
    expect((await api.call('GET', `/v1/clearances/${answer.json.clearanceId}`)).json).toMatchObject(denied);
    const replayed = await api.call('POST', `/v1/clearances/${answer.json.clearanceId}/replay`, { body: { policy: 'then' } });
    expect(replayed.json.equal).toBe(true);
    const { json: proof } = await api.call('GET', `/v1/clearances/${answer.json.clearanceId}/proof`);
    expect((await api.call('POST', '/v1/proofs/verify', { body: { proof } })).json.valid).toBe(true);
    const byPhone = await api.call('POST', '/v1/clearances/preview', { body: { ...asked, leadId: undefined, phone: body.phone } });
    expect(byPhone.json).toMatchObject({ decision: 'deny', leadId: null, reasons: [{ code: 'lead_unknown' }] });
  });

  it('is shown without the person, and takes nothing more', async () => {
    const body = leadBody({ subject: { name: 'Ada Lovelace', email: 'ada@example.net' } });
    const { json: { leadId } } = await api.call('POST', '/v1/leads', { body });
    await dispose(leadId);
    const { status, json } = await api.call('GET', `/v1/leads/${leadId}`);
    expect([status, json]).toMatchObject([200, { phone: null, subject: { name: null, email: null, address: null }, zones: [] }]);
    const refusals = await Promise.all([
      api.call('POST', `/v1/leads/${leadId}/consents`, { body: { channel: 'call', purpose: 'marketing', obtainedAt: moment.toISOString() } }),
      api.call('POST', `/v1/leads/${leadId}/relationships`, { body: { kind: 'purchase', at: moment.toISOString() } }),
      api.call('POST', `/v1/leads/${leadId}/portings`, { body: { lineType: 'mobile', at: moment.toISOString() } }),
      api.call('POST', '/v1/subject-requests', { body: { leadId, kind: 'access' } }),
    ]);
    expect(refusals.map(({ status: refused, json: { code } }) => [refused, code])).toEqual(refusals.map(() => [422, 'lead_disposed']));
    expect((await api.call('POST', '/v1/leads/search', { body: { phone: body.phone } })).json.items).toEqual([]);
    const { json: { items } } = await api.call('GET', `/v1/leads/${leadId}/timeline`);
    expect(items.map(({ type }: { type: string }) => type)).toEqual(expect.arrayContaining(['disposal_opened', 'disposal_approved', 'key_destroyed', 'disposal_completed']));
  });

  it('is a new one when the number comes again, without a memory of the old', async () => {
    const body = leadBody({ subject: { name: 'Ada Lovelace' }, reference: 'crm-1' });
    const { json: { leadId } } = await api.call('POST', '/v1/leads', { body });
    await dispose(leadId);
    const again = await api.call('POST', '/v1/leads', { body: { ...body, subject: {} } });
    expect([again.status, again.json.created]).toEqual([201, true]);
    expect(again.json.leadId).not.toBe(leadId);
    expect((await api.call('GET', `/v1/leads/${again.json.leadId}?reveal=name`, { headers: { 'access-reason': 'test' } })).json.subject.name).toBeNull();
    expect((await api.call('GET', `/v1/leads/${again.json.leadId}/timeline`)).json.items.map(({ type }: { type: string }) => type)).not.toContain('suppressed');
  });

  it('is not taken in again when the person had opted out, until that is lifted', async () => {
    const body = leadBody();
    const { json: { leadId } } = await api.call('POST', '/v1/leads', { body });
    const { json: { id } } = await api.call('POST', '/v1/suppressions', { body: { phone: body.phone, kind: 'opt_out' } });
    await dispose(leadId);
    const refused = await api.call('POST', '/v1/leads', { body, headers: { 'idempotency-key': 'again' } });
    expect([refused.status, refused.json.code, refused.headers.get('content-type')]).toEqual([422, 'opted_out', 'application/problem+json']);
    expect((await api.call('POST', '/v1/leads', { body, headers: { 'idempotency-key': 'again' } })).json.code).toBe('opted_out');
    expect(await api.db.selectFrom('refused_acquisition').select(['source_id', 'token']).execute()).toEqual([
      { source_id: SOURCE.id, token: api.context.vault.phoneToken(String(body.phone)) },
    ]);
    await api.call('POST', `/v1/suppressions/${id}/lift`, { body: { reason: 'wrong person', evidence: { method: 'letter' } } });
    expect((await api.call('POST', '/v1/leads', { body })).status).toBe(201);
  });
});

describe('a receiver of webhooks', () => {
  it('has to acknowledge, or be answered for', async () => {
    const { json: endpoint } = await api.call('POST', '/v1/webhook-endpoints', { body: { url: 'https://crm.example.com/hook', events: ['lead.disposal-requested'] } });
    const leadId = await acquire();
    const { json: { id } } = await order(leadId);
    await approve(id);
    expect(await disposeLead(leadId)).toMatchObject({ isDone: false, waitsFor: ['crm'] });
    expect(await disposeLead(leadId)).toMatchObject({ isDone: false, waitsFor: ['crm'] });
    const sent = await api.db.selectFrom('webhook_delivery').selectAll().where('lead_id', '=', leadId).execute();
    expect(sent).toMatchObject([{ type: 'lead.disposal-requested', fact_id: id, endpoint_id: endpoint.id }]);
    const waits = (await api.call('GET', '/v1/queues/open-disposals')).json.items.find((each: { id: string }) => each.id === id);
    expect(waits).toMatchObject({ state: 'open', waitsFor: expect.arrayContaining(['crm']), attempts: 2, stores: expect.arrayContaining([expect.objectContaining({ store: 'crm', problem: 'waits_for_answer' })]) });
    await api.db.updateTable('webhook_delivery').set({ state: 'given_up', settled_at: moment }).where('fact_id', '=', id).execute();
    await disposeLead(leadId);
    expect((await api.call('GET', `/v1/disposals/${id}`)).json.stores).toContainEqual(expect.objectContaining({ store: 'crm', problem: 'not_acknowledged' }));
    const waived = await api.call('POST', `/v1/disposals/${id}/waive`, { as: 'compliance', body: { store: 'crm', reason: 'the contract ended' } });
    expect([waived.status, waived.json.stores[0]]).toMatchObject([200, { store: 'crm', state: 'waived', evidence: { reason: 'the contract ended' } }]);
    expect((await api.call('POST', `/v1/disposals/${id}/waive`, { body: { store: 'crm', reason: 'again' } })).json.code).toBe('already_settled');
    expect(await disposeLead(leadId)).toMatchObject({ isDone: true });
    const certificate = (await api.call('GET', `/v1/disposals/${id}/certificate`)).json;
    expect(verifyProof(certificate).explanation).toContain('waived by key:');
    await api.call('DELETE', `/v1/webhook-endpoints/${endpoint.id}`);
  });

  it('that acknowledges wakes the lead, which goes on at once', async () => {
    const { json: endpoint } = await api.call('POST', '/v1/webhook-endpoints', { body: { url: 'https://crm.example.com/hook', events: ['lead.disposal-requested'] } });
    const leadId = await acquire();
    const { json: { id } } = await order(leadId);
    await approve(id);
    expect(await disposeLead(leadId)).toMatchObject({ isDone: false, waitsFor: ['crm'] });
    const { event_id: eventId } = await api.db.selectFrom('webhook_delivery').select('event_id').where('fact_id', '=', id).executeTakeFirstOrThrow();
    await recordDelivered(api.db, { endpointId: endpoint.id, lease: UNKNOWN }, eventId, 204, moment);
    const words = await api.db.selectFrom('outbox').select('said').where('subject', '=', leadId).where('fact_id', '=', id).execute();
    expect(words).toContainEqual({ said: 'disposal acknowledged' });
    expect(await disposeLead(leadId)).toMatchObject({ isDone: true });
    expect((await api.call('GET', `/v1/disposals/${id}`)).json.stores[0].evidence).toMatchObject({ told: 1, acknowledged: 1, lastAcknowledgedAt: moment.toISOString() });
    await api.call('DELETE', `/v1/webhook-endpoints/${endpoint.id}`);
  });

  it('that is removed need not any more', async () => {
    const { json: endpoint } = await api.call('POST', '/v1/webhook-endpoints', { body: { url: 'https://crm.example.com/hook', events: ['lead.disposal-requested'] } });
    const leadId = await acquire();
    const { json: { id } } = await order(leadId);
    await approve(id);
    expect(await disposeLead(leadId)).toMatchObject({ isDone: false });
    await api.call('DELETE', `/v1/webhook-endpoints/${endpoint.id}`);
    expect(await disposeLead(leadId)).toMatchObject({ isDone: true });
    expect((await api.call('GET', `/v1/disposals/${id}`)).json.stores[0]).toMatchObject({ state: 'confirmed', evidence: { told: 1, acknowledged: 0, removed: 1 } });
  });
});

describe('a disposal that a legal hold stops', () => {
  it('waits for the hold and for no store, everywhere where it is shown, and is not called for', async () => {
    const { db, now } = api.context;
    const endpoint = (await api.call('POST', '/v1/webhook-endpoints', { body: { url: 'https://crm.example.com/hook', events: ['lead.disposal-requested'] } })).json;
    const [leadId, asked] = [await acquire(), await acquire()];
    const { json: { id } } = await order(leadId);
    const { json: { id: askedId } } = await order(asked);
    await approve(id);
    expect(await disposeLead(leadId)).toMatchObject({ isDone: false, waitsFor: ['crm'] });
    for (const lead of [leadId, asked]) await api.call('POST', '/v1/holds', { body: { lead, reason: 'Case 7/2026' } });
    const waiting = async (one: string) => {
      const { json: { items } } = await api.call('GET', '/v1/queues/open-disposals?limit=100');
      const listed = items.find((each: { id: string }) => each.id === one);
      const { json: read } = await api.call('GET', `/v1/disposals/${one}`);
      expect(listed.waitsFor).toEqual(read.waitsFor);
      return read.waitsFor;
    };
    expect([await waiting(id), await waiting(askedId)]).toEqual([['hold'], ['second_person', 'hold']]);
    expect((await api.call('GET', `/v1/leads/${leadId}/retention`)).json.disposal.waitsFor).toEqual(['hold']);
    await createReviewActivities({ db, now }).reviewLead(leadId);
    moment = new Date(moment.getTime() + 2 * 86_400_000);
    await disposals.measure();
    expect(await api.metrics.registry.metrics()).toMatch(/leadwarden_open_disposals\{state="overdue"\} 0/);
    await api.db.updateTable('legal_hold').set({ released_at: moment }).where('lead_id', '=', leadId).execute();
    expect(await waiting(id)).toEqual(expect.arrayContaining(['crm']));
    await api.call('DELETE', `/v1/webhook-endpoints/${endpoint.id}`);
    await disposeLead(leadId);
  });
});

describe('disposals that do not come to an end', () => {
  it('are counted, and called for after a day', async () => {
    const { json: { id } } = await order(await acquire());
    await approve(id);
    await disposals.measure();
    expect(await api.metrics.registry.metrics()).toMatch(/leadwarden_open_disposals\{state="overdue"\} 0/);
    moment = new Date(moment.getTime() + 2 * 86_400_000);
    await disposals.measure();
    expect(await api.metrics.registry.metrics()).toMatch(/leadwarden_open_disposals\{state="overdue"\} [1-9]/);
    expect(api.logged.join('')).toContain('disposals have been under way for more than a day');
  });

  it('are listed page by page', async () => {
    for (let nth = 0; nth < 3; nth += 1) await order(await acquire());
    const first = await api.call('GET', '/v1/queues/open-disposals?limit=2');
    const second = await api.call('GET', `/v1/queues/open-disposals?limit=2&after=${first.json.next}`);
    expect([first.json.items.length, second.json.items.length]).toEqual([2, 2]);
    expect(second.json.items[0].id > first.json.items[1].id).toBe(true);
  });
});
