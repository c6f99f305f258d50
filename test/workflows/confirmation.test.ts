import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { deliverSubject } from '../../db/outbox.ts';
import { insertSource } from '../../db/sources.ts';
import { openFact } from '../../db/person-records.ts';
import { plus } from '../../domain/civil-time.ts';
import type { Acquisition, CarriedConsent } from '../../intake/acquisition.ts';
import { createSender } from '../../workflows/delivery.ts';
import { leadWorkflowId, searchAttributes } from '../../workflows/messages.ts';
import { startApi, type RunningApi } from '../api/running-api.ts';
import { NOBODY_TO_ASK, acquisition, eventually, runWorker, SOURCE, type House, type RunningWorker } from '../setup/house.ts';
import { startMailServer, type MailServer } from '../setup/mail-server.ts';

const TEXT = { version: '2026-03', language: 'de', text: 'Ich möchte von Acme per E-Mail beworben werden.', names: ['acme'] };
const PLAIN = { ...SOURCE, defaultRegion: 'DE' };
const CONFIRMED = { ...SOURCE, id: 'double', confirmation: 'double_opt_in' as const, defaultRegion: 'DE', consentTexts: [TEXT] };

let api: RunningApi;
let mail: MailServer;
let running: RunningWorker;
/** How far the clock of everybody here is ahead. */
let ahead = 'PT0S';
const now = () => plus(new Date(), ahead);

beforeAll(async () => {
  mail = await startMailServer();
  api = await startApi({ now });
  await api.db.transaction().execute((tx) => insertSource(tx, CONFIRMED, new Date()));
  await api.db.transaction().execute((tx) => insertSource(tx, PLAIN, new Date()));
  const folder = { uploadFolder: api.context.uploadFolder, listFolder: api.context.listFolder, signing: api.context.signing };
  const messaging = { adapter: 'smtp' as const, smtpUrl: mail.url, mailFrom: 'Acme <consent@acme.example>', publicUrl: api.url };
  const fetching = { inboxFolder: '/nowhere', credentialsFolder: '/nowhere', allowsPrivate: false, maxBytes: 1, settleMs: 1 };
  const { vault, log } = api.context;
  const house = { reassigned: NOBODY_TO_ASK, db: api.db, url: api.databaseUrl, vault, log, messaging, fetching, ...folder };
  running = await runWorker(house as unknown as House, now);
});

afterAll(async () => {
  await running.stop();
  await api.stop();
  await mail.close();
});

const deliver = (leadId: string) =>
  deliverSubject(api.db, leadId, now(), createSender(running.client.workflow, running.taskQueue));
const handleOf = (leadId: string) => running.client.workflow.getHandle(leadWorkflowId(leadId));
const lead = (leadId: string) => api.db.selectFrom('lead').selectAll().where('id', '=', leadId).executeTakeFirstOrThrow();
const ledger = (leadId: string) => api.db.selectFrom('consent_event').selectAll().where('lead_id', '=', leadId).orderBy('id').execute();
const requests = (leadId: string) => api.db.selectFrom('confirmation_request').selectAll().where('lead_id', '=', leadId).orderBy('id').execute();
const mailsTo = (address: string) => mail.mails.filter(({ to }) => to.includes(address));
const preview = async (leadId: string) =>
  (await api.call('POST', '/v1/clearances/preview', { body: { leadId, channel: 'email', purpose: 'marketing' } })).json;

let next = 0;

/** A person in Germany who ticked a box on a form; the workflow hears of it as it does from the relay. */
async function acquire(changes: Partial<CarriedConsent> = {}, more: Partial<Acquisition> = {}) {
  next += 1;
  const address = `person-${next}@example.net`;
  const consent: CarriedConsent = {
    channel: 'email', purpose: 'marketing', obtainedAt: plus(now(), 'PT1H', -1), expiresAt: null,
    evidence: { textVersion: '2026-03', method: 'web_form' }, ...changes,
  };
  const arrival = acquisition({
    phone: `+491512345${String(next).padStart(4, '0')}`, country: 'DE', source: CONFIRMED, acquiredAt: plus(now(), 'PT1H', -1), receivedAt: now(),
    subject: { email: address }, consents: [consent], ...more,
  });
  const { acquireLead } = await import('../../intake/acquire.ts');
  const { leadId } = await api.db.transaction().execute((tx) => acquireLead(tx, api.context.vault, arrival));
  await deliver(leadId);
  return { leadId, address };
}

async function poke(leadId: string): Promise<void> {
  await api.db.insertInto('outbox').values({ subject: leadId, workflow: 'lead', signal: 'reviewOverdue', fact_id: leadId, lane: 0, due_at: new Date() }).execute();
  await deliver(leadId);
}

const post = (url: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'POST', body, redirect: 'manual', headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } });

describe('a consent that has to be confirmed', () => {
  it('is asked about by mail, is not touched by whoever looks at the page, and counts once the person has pressed the button', async () => {
    const { leadId, address } = await acquire();
    await eventually(async () => mailsTo(address).length === 1);
    const [arrived] = mailsTo(address);
    expect(arrived?.subject).toContain('Acme'.toLowerCase());
    expect(arrived?.text).toContain(TEXT.text);
    expect(arrived?.header('List-Unsubscribe')).toBe(`<${arrived?.links.preferences}>`);
    expect(arrived?.header('List-Unsubscribe-Post')).toBe('List-Unsubscribe=One-Click');
    expect((await lead(leadId)).stage).toBe('confirming');
    expect((await preview(leadId)).reasons.map(({ code }: { code: string }) => code)).toContain('consent_unconfirmed');

    const page = await fetch(arrived?.links.confirm ?? '', { headers: { 'accept-language': 'de-AT,de;q=0.9' } });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(TEXT.text);
    await fetch(arrived?.links.confirm ?? '', { method: 'HEAD' });
    expect((await ledger(leadId)).map(({ kind }) => kind)).toEqual(['granted']);

    const done = await post(arrived?.links.confirm ?? '', 'action=confirm', { 'accept-language': 'de', 'user-agent': 'A browser' });
    expect(done.status).toBe(200);
    expect(await done.text()).toContain('Danke, es ist bestätigt');
    const confirmed = (await ledger(leadId)).find(({ kind }) => kind === 'confirmed');
    expect(confirmed).toMatchObject({ channel: 'email', purpose: 'marketing', method: 'confirmation_link' });
    expect(await preview(leadId)).toMatchObject({ decision: 'allow' });
    await deliver(leadId);
    expect(await eventually(async () => (await lead(leadId)).stage === 'active')).toBe(true);

    const evidence = await openFact(api.db, api.context.vault, leadId, confirmed?.id ?? '');
    expect(evidence).toMatchObject({ textVersion: 'leadwarden-2026-11+2026-03', language: 'de', messageId: arrived?.messageId });
    expect((evidence as { text: string }).text).toContain(TEXT.text);
    expect(JSON.stringify(evidence)).not.toMatch(/127\.0\.0\.1|A browser/);
    const again = await fetch(arrived?.links.confirm ?? '');
    expect(again.status).toBe(404);
  });

  it('is asked about in the words and the language that were shown, where its version has several', async () => {
    const [en, fr] = [{ ...TEXT, language: 'en', text: 'I would like to hear of Acme.' }, { ...TEXT, language: 'fr', text: 'Je veux des nouvelles d’Acme.' }];
    const source = { ...CONFIRMED, id: 'several', consentTexts: [en, TEXT, fr] };
    await api.db.transaction().execute((tx) => insertSource(tx, source, new Date()));
    const evidence = { textVersion: '2026-03', method: 'web_form', language: 'fr-CA' };
    const { leadId, address } = await acquire({ evidence }, { source });
    await eventually(async () => mailsTo(address).length === 1);
    const [arrived] = mailsTo(address);
    expect(arrived?.text).toContain(fr.text);
    expect(arrived?.text).toContain('Bonjour');
    expect(arrived?.text).not.toContain(en.text);
    const page = await (await fetch(arrived?.links.confirm ?? '', { headers: { 'accept-language': 'de' } })).text();
    expect(page).toContain(`<p lang="fr">${fr.text}</p>`);
    await post(arrived?.links.confirm ?? '', 'action=confirm', { 'accept-language': 'de' });
    const confirmed = (await ledger(leadId)).find(({ kind }) => kind === 'confirmed');
    expect(await openFact(api.db, api.context.vault, leadId, confirmed?.id ?? '')).toMatchObject({ text: expect.stringContaining(fr.text) });
  });

  it('is confirmed once, however many clicks come at the same time', async () => {
    const { leadId, address } = await acquire();
    await eventually(async () => mailsTo(address).length === 1);
    const url = mailsTo(address)[0]?.links.confirm ?? '';
    const [request] = await requests(leadId);
    const { json } = await api.call('POST', `/v1/confirmations/${request?.id}/link`);
    const clicks = await Promise.all([url, url, url, json.url, json.url].map((each: string) => post(each, 'action=confirm')));
    expect(clicks.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404, 404]);
    expect((await ledger(leadId)).filter(({ kind }) => kind === 'confirmed')).toHaveLength(1);
    expect((await api.call('GET', `/v1/confirmations/${request?.id}`)).json).toMatchObject({ state: 'used', adapter: 'smtp' });
  });

  it('is reminded of after a day and after three, and lapses after a week, for its own channel and purpose', async () => {
    try {
      const { leadId, address } = await acquire();
      await eventually(async () => mailsTo(address).length === 1);
      for (const [shift, mails] of [['PT12H', 1], ['PT25H', 2], ['P2D', 2], ['P3DT1H', 3], ['P5D', 3]] as const) {
        ahead = shift;
        await poke(leadId);
        const allSent = async () => (await requests(leadId)).every(({ sent_at }) => sent_at !== null);
        await eventually(async () => mailsTo(address).length >= mails && (await allSent()));
        expect(mailsTo(address)).toHaveLength(mails);
      }
      expect(new Set(mailsTo(address).map(({ messageId }) => messageId)).size).toBe(3);
      ahead = 'P7DT1M';
      await poke(leadId);
      expect(await eventually(async () => (await lead(leadId)).consent_state === 'expired')).toBe(true);
      const events = await ledger(leadId);
      expect(events.map(({ kind, channel, purpose }) => [kind, channel, purpose])).toEqual([
        ['granted', 'email', 'marketing'], ['expired', 'email', 'marketing'],
      ]);
      expect((await post(mailsTo(address)[2]?.links.confirm ?? '', 'action=confirm')).status).toBe(404);
      const history = await handleOf(leadId).fetchHistory();
      const file = join(import.meta.dirname, 'histories', 'confirmation.json');
      if (process.env.RECORD_HISTORIES) writeFileSync(file, `${historyToJSON(history)}\n`);
      expect(readFileSync(file, 'utf8')).toContain('requestConfirmation');
    } finally {
      ahead = 'PT0S';
    }
  });

  it('is asked about once, however often its workflow is woken, and never of somebody who has opted out', async () => {
    const { leadId, address } = await acquire();
    await eventually(async () => mailsTo(address).length === 1);
    for (let n = 0; n < 4; n += 1) await poke(leadId);
    const events = async () => (await handleOf(leadId).fetchHistory()).events ?? [];
    const signals = async () => (await events()).filter((event) => event.workflowExecutionSignaledEventAttributes).length;
    await eventually(async () => (await signals()) === 4 && (await lead(leadId)).reviewed_at);
    await eventually(async () => (await handleOf(leadId).describe()).historyLength > 20);
    expect(await requests(leadId)).toHaveLength(1);
    expect(mailsTo(address)).toHaveLength(1);

    const phone = '+4915123459999';
    await api.call('POST', '/v1/suppressions', { body: { phone, kind: 'opt_out', channel: 'email' } });
    const silent = await acquire({}, { phone });
    await eventually(async () => (await lead(silent.leadId)).reviewed_at !== null);
    expect(await requests(silent.leadId)).toEqual([]);
  });

  it('tells a person without an address nothing, and says so', async () => {
    const { leadId } = await acquire({ channel: 'call' }, { subject: {} });
    const failed = await eventually(async () => (await requests(leadId)).find(({ failure }) => failure !== null));
    expect(failed?.failure).toBe('no_address');
    const { json } = await api.call('GET', `/v1/leads/${leadId}/timeline`);
    expect(json.items.map(({ summary }: { summary: string }) => summary)).toContain('Not asked for the confirmation: no address.');
  });
});

describe('a consent that ends', () => {
  it('is noticed by the workflow at its moment, and shown to operators', async () => {
    const { leadId } = await acquire(
      { obtainedAt: plus(now(), 'PT1H', -1), expiresAt: new Date(Date.now() + 4_000) }, { source: PLAIN });
    const shown = async () => (await handleOf(leadId).describe()).typedSearchAttributes;
    const until = await eventually(async () => (await shown()).get(searchAttributes.consentUntil));
    expect(until).toBeInstanceOf(Date);
    expect((await shown()).get(searchAttributes.consentState)).toBe('granted');
    expect(await eventually(async () => (await shown()).get(searchAttributes.consentState) === 'expired')).toBe(true);
    expect((await shown()).get(searchAttributes.consentUntil)).toBeUndefined();
  });

  it('is asked about once before, where settings say so, and given anew by one click', async () => {
    const { json: { version: _, ...settings }, headers } = await api.call('GET', '/v1/settings');
    await api.call('PUT', '/v1/settings', { body: { ...settings, renewal: { before: 'P30D' } }, headers: { 'if-match': headers.get('etag') ?? '' } });
    const consent = { obtainedAt: plus(now(), 'P11M', -1), expiresAt: plus(now(), 'P20D') };
    const { leadId, address } = await acquire(consent, { source: PLAIN });
    await eventually(async () => mailsTo(address).length === 1);
    await poke(leadId);
    const [request] = await requests(leadId);
    expect(request).toMatchObject({ kind: 'renewal' });
    expect((await post(mailsTo(address)[0]?.links.confirm ?? '', 'action=confirm')).status).toBe(200);
    const renewed = (await ledger(leadId)).at(-1);
    expect(renewed).toMatchObject({ kind: 'granted', channel: 'email', purpose: 'marketing', method: 'renewal_link', confirmation: 'none', acquisition_id: null });
    expect(renewed?.expires_at?.getTime()).toBeGreaterThan(plus(now(), 'P11M').getTime());
    await deliver(leadId);
    await eventually(async () => (await requests(leadId)).every(({ sent_at }) => sent_at));
    expect(mailsTo(address)).toHaveLength(1);
  });
});
