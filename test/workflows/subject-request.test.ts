import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { FolderStore } from '../../activities/archiving/folder-store.ts';
import { readEndingLeads } from '../../db/archive.ts';
import { completeDisposals } from '../../db/disposal-work.ts';
import { deliverSubject } from '../../db/outbox.ts';
import { open } from '../../db/vault.ts';
import { plus } from '../../domain/civil-time.ts';
import type { ArchiveStore } from '../../endings/archive/archive-store.ts';
import { archiveLeads } from '../../endings/archive/archiving.ts';
import { rowsOf } from '../../endings/archive/bundle.ts';
import { createSender } from '../../workflows/delivery.ts';
import { searchAttributes, subjectRequestWorkflowId } from '../../workflows/messages.ts';
import { consent, personWith, preferencesOf, SOURCE } from '../api/person-visits.ts';
import { startApi, type RunningApi } from '../api/running-api.ts';
import { NOBODY_TO_ASK, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';
import { runFolder } from '../setup/suite.ts';
import { smtpRefusal, startMailServer, type MailServer } from '../setup/mail-server.ts';

const CANARY = 'Zyxwcanary';

let api: RunningApi;
let mail: MailServer;
let running: RunningWorker;
let store: ArchiveStore;
let isAway = false;
/** How far the clock of everybody here is ahead. */
let ahead = 'PT0S';
const now = () => plus(new Date(), ahead);

beforeAll(async () => {
  mail = await startMailServer({ onRecipient: () => { if (isAway) throw smtpRefusal(421); } });
  api = await startApi({ now });
  await api.call('POST', '/v1/sources', { body: SOURCE });
  await api.call('POST', '/v1/webhook-endpoints', { body: { url: 'http://127.0.0.1:9/hooks', events: ['subject-request.due-soon', 'lead.erased-in-part'] } });
  const { vault, log, uploadFolder, listFolder, signing } = api.context;
  const messaging = { adapter: 'smtp' as const, smtpUrl: mail.url, mailFrom: 'Acme <rights@acme.example>', publicUrl: api.url };
  const fetching = { inboxFolder: '/nowhere', credentialsFolder: '/nowhere', allowsPrivate: false, maxBytes: 1, settleMs: 1 };
  store = new FolderStore(join(runFolder(), 'subjects-archive'));
  const house = {
    reassigned: NOBODY_TO_ASK,
    db: api.db, url: api.databaseUrl, vault, log, messaging, fetching, uploadFolder, listFolder, signing, archive: store,
  };
  running = await runWorker(house as unknown as House, now);
});

afterAll(async () => {
  await running.stop();
  await api.stop();
  await mail.close();
});

/** Brings a subject its word, and answers how many there were: at least once each, so one that went wrong before comes along. */
const deliver = (subject: string) => {
  return deliverSubject(api.db, subject, now(), createSender(running.client.workflow, running.taskQueue));
};
const handleOf = (id: string) => running.client.workflow.getHandle(subjectRequestWorkflowId(id));
const read = async (id: string) => (await api.call('GET', `/v1/subject-requests/${id}`)).json;
const stepsOf = async (id: string) => (await read(id)).steps.map(({ kind }: { kind: string }) => kind) as string[];
const step = async (id: string, name: string, body?: object) => {
  const reply = await api.call('POST', `/v1/subject-requests/${id}/${name}`, body === undefined ? {} : { body });
  await deliver(id);
  return reply;
};
const send = (url: string, fields: Record<string, string>) => fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });

let next = 0;

async function person(changes: object = {}): Promise<{ leadId: string; address: string }> {
  next += 1;
  const address = `${CANARY.toLowerCase()}.${next}@example.net`;
  const leadId = await personWith(api, [consent('email')], { subject: { name: `${CANARY} ${next}`, email: address }, ...changes });
  return { leadId, address };
}

async function ask(leadId: string, kind: string, changes: object = {}): Promise<string> {
  const { json } = await api.call('POST', '/v1/subject-requests', { body: { leadId, kind, via: 'letter', statement: `${CANARY} asks`, ...changes } });
  await deliver(json.id);
  return json.id as string;
}

async function poke(id: string): Promise<void> {
  await api.db.insertInto('outbox').values({ subject: id, workflow: 'subject_request', signal: 'requestChanged', fact_id: id, lane: 0, due_at: new Date(0) }).execute();
  await deliver(id);
}

/** What stands in the payloads of a history, which are base64. */
const decoded = (history: string) => [...history.matchAll(/"data": "([\w+/=]+)"/g)].map(([, data = '']) => Buffer.from(data, 'base64').toString()).join('\n');

const mailTo = (address: string, nth = 1) => eventually(async () => mail.mails.filter(({ to }) => to.includes(address))[nth - 1]);

describe('a request of a person', () => {
  it('goes from their own page over a code by mail to the answer, and nothing of the person reaches Temporal', async () => {
    const { leadId, address } = await person();
    const preferences = api.url + (await preferencesOf(api, leadId));
    await send(preferences, { action: 'request', kind: 'access', statement: `${CANARY} wants to know` });
    const { id } = await api.db.selectFrom('subject_request').select('id').where('lead_id', '=', leadId).executeTakeFirstOrThrow();
    await deliver(id);
    const opened = await send(preferences, { action: 'open', request: id });
    const page = new URL(opened.headers.get('location') ?? '', preferences).href;
    await send(page, { action: 'send' });
    await deliver(id);
    const arrived = await mailTo(address);
    expect(arrived?.code).toMatch(/^\d{8}$/);
    expect(arrived?.subject).toContain('Your code');
    expect(arrived?.text).toContain('A copy of the data about me');
    // The link in the mail leads to a page like the one that is open already.
    expect((await fetch(arrived?.links.requests ?? '')).status).toBe(200);
    await eventually(async () => (await stepsOf(id)).includes('code_sent'));
    expect((await send(page, { action: 'verify', code: arrived?.code ?? '' })).status).toBe(303);
    await deliver(id);
    const held = await (await fetch(`${page}/answer?format=json`)).text();
    expect(held).toContain(`${CANARY} wants to know`);
    await deliver(id);
    expect(await handleOf(id).result()).toEqual({ state: 'fulfilled' });
    expect(await stepsOf(id)).toEqual(['received', 'code_asked', 'code_sent', 'identified', 'handed_over', 'fulfilled']);
    const history = historyToJSON(await handleOf(id).fetchHistory());
    const file = join(import.meta.dirname, 'histories', 'subject-request.json');
    if (process.env.RECORD_HISTORIES) writeFileSync(file, `${history}\n`);
    expect(readFileSync(file, 'utf8')).toContain('sendSubjectCode');
    const written = [history, decoded(history), ...api.logged].join('\n').toLowerCase();
    expect(written).toContain('lookatrequest');
    for (const personal of [CANARY.toLowerCase(), '4915199900', arrived?.code ?? '-', new URL(page).pathname.split('/')[2] ?? '-']) expect(written).not.toContain(personal);
  });

  it('whose mail cannot be sent just now gets the same code later, and no other', async () => {
    const { leadId, address } = await person();
    const id = await ask(leadId, 'portability');
    isAway = true;
    await step(id, 'code');
    await eventually(async () => (await handleOf(id).describe()).historyLength > 6);
    isAway = false;
    const arrived = await mailTo(address);
    expect((await step(id, 'verify', { code: arrived?.code })).status).toBe(200);
    expect(mail.mails.filter(({ to }) => to.includes(address))).toHaveLength(1);
    await handleOf(id).terminate();
  });

  it('without an address is told so, and waits for somebody who vouches', async () => {
    const { leadId } = await person({ subject: { name: CANARY } });
    const id = await ask(leadId, 'access');
    await step(id, 'code');
    await eventually(async () => (await stepsOf(id)).includes('code_not_sent'));
    expect((await read(id)).steps.at(-1)).toMatchObject({ kind: 'code_not_sent', word: 'no_address' });
    await step(id, 'vouch', { reason: 'showed a passport' });
    await step(id, 'fulfil', { via: 'letter' });
    expect(await handleOf(id).result()).toEqual({ state: 'fulfilled' });
  });

  it('calls for help before a deadline passes, once each time it has come nearer, where operators and subscribers see it', async () => {
    try {
      const { leadId } = await person();
      const id = await ask(leadId, 'access');
      const blocker = async () => (await handleOf(id).describe()).typedSearchAttributes.get(searchAttributes.blocker);
      expect(await eventually(async () => (await blocker()) === 'identity')).toBe(true);
      for (const [shift, level] of [['P25D', 'due_soon'], ['P29D', 'urgent'], ['P1M2D', 'overdue']] as const) {
        ahead = shift;
        await poke(id);
        await poke(id);
        expect(await eventually(async () => (await blocker()) === level)).toBe(true);
        expect((await read(id)).alarm).toBe(level);
      }
      expect((await stepsOf(id)).slice(1)).toEqual(['due_soon', 'urgent', 'overdue']);
      const events = await api.db.selectFrom('webhook_delivery').select('words').where('type', '=', 'subject-request.due-soon').where('fact_id', '=', id).orderBy('seq').execute();
      expect(events.map(({ words }) => words)).toEqual(['due_soon', 'urgent', 'overdue'].map((level) => {
        return { kind: 'access', deadline: 'answer', jurisdiction: 'EU', level, dueAt: expect.any(String) };
      }));
      await step(id, 'withdraw', { via: 'call' });
      expect(await handleOf(id).result()).toEqual({ state: 'withdrawn' });
      expect(await blocker()).toBe('none');
    } finally {
      ahead = 'PT0S';
    }
  });
});

describe('an erasure', () => {
  it('that duties of law stand against is done in part, and the CRM hears of it', async () => {
    const { leadId } = await person({ phone: '+13105550177' });
    const id = await ask(leadId, 'erasure', { via: 'crm' });
    await step(id, 'vouch', { reason: 'signed the letter' });
    expect(await handleOf(id).result()).toEqual({ state: 'fulfilled' });
    const events = await api.db.selectFrom('webhook_delivery').select('words').where('type', '=', 'lead.erased-in-part').where('lead_id', '=', leadId).execute();
    expect(events).toEqual([{ words: { requestId: id } }]);
  });

  it('that is held is carried out by itself once the hold is over', async () => {
    try {
      const { leadId } = await person({ phone: '+13105550178' });
      const hold = { id: leadId, kind: 'lead' as const, lead_id: leadId, reason: 'a suit', placed_by: 'key:test', placed_at: new Date(0) };
      await api.db.insertInto('legal_hold').values(hold).execute();
      const id = await ask(leadId, 'erasure');
      await step(id, 'vouch', { reason: 'signed the letter' });
      await eventually(async () => (await stepsOf(id)).includes('held'));
      await api.call('POST', `/v1/holds/${leadId}/release`, { body: { reason: 'settled' }, as: 'compliance' });
      expect((await api.call('POST', `/v1/holds/${leadId}/release/approve`, { as: 'admin' })).status).toBe(200);
      expect(await deliver(id)).toBeGreaterThan(0);
      expect(await handleOf(id).result()).toEqual({ state: 'fulfilled' });
      expect((await read(id)).kept.length).toBeGreaterThan(0);
    } finally {
      ahead = 'PT0S';
    }
  });

  it('of an archived lead reaches what lies in the archive, and leaves it there without what was to go', async () => {
    const { leadId } = await person({ phone: '+13105550179' });
    const { vault } = api.context;
    await archiveLeads({ db: api.db, vault, store, stillDue: (_, ids) => Promise.resolve(new Set(ids)), now }, [leadId]);
    const ending = async () => (await readEndingLeads(api.db, [leadId]))[0];
    const before = (await ending())?.bundle?.object ?? '';
    expect((await ending())?.bundle?.isInUse).toBe(true);
    const id = await ask(leadId, 'erasure');
    await step(id, 'vouch', { reason: 'signed the letter' });
    expect(await stepsOf(id)).toContain('retrieval_ordered');
    await deliver(leadId);
    expect(await eventually(async () => (await ending())?.archivedAt === null)).toBe(true);
    expect(await deliver(id)).toBeGreaterThan(0);
    expect(await handleOf(id).result()).toEqual({ state: 'fulfilled' });
    await deliver(leadId);
    expect(await eventually(async () => (await ending())?.bundle?.isInUse)).toBe(true);
    const lead = await ending();
    if (!lead?.key || !lead.bundle) throw new Error('the lead is gone');
    const key = vault.unwrapKey(leadId, lead.key);
    const rows = rowsOf(key, leadId, (await store.get(lead.bundle.object)) ?? Buffer.alloc(0));
    const opened = rows.map(({ factId, tier, sealed }) => open(key, { leadId, factId, tier }, sealed));
    expect(opened).toContain(JSON.stringify({ phone: '+13105550179' }));
    expect(opened.filter((text) => text.includes(`${CANARY} `) && !text.includes('asks'))).toEqual([]);
    expect(await eventually(async () => (await store.get(before)) === null)).toBe(true);
  });

  it('that nothing stands against ends with the disposal, and names it', async () => {
    const { leadId } = await person({ phone: '+61412345678', consents: [] });
    const id = await ask(leadId, 'erasure');
    await step(id, 'vouch', { reason: 'signed the letter' });
    const disposal = await api.db.selectFrom('disposal').select('id').where('lead_id', '=', leadId).executeTakeFirstOrThrow();
    expect(await eventually(async () => (await handleOf(id).describe()).typedSearchAttributes.get(searchAttributes.blocker) === 'disposal')).toBe(true);
    // The request hears of it: it would look by itself an hour later only.
    await api.db.transaction().execute((tx) => completeDisposals(tx, [{ id: disposal.id, leadId, certificate: {} }], now()));
    expect(await deliver(id)).toBeGreaterThan(0);
    expect(await handleOf(id).result()).toEqual({ state: 'fulfilled', certificateId: disposal.id });
    expect(await read(id)).toMatchObject({ state: 'fulfilled', certificateId: disposal.id });
  });
});
