import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { addSettings } from '../../db/settings.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../domain/settings.ts';
import { ASK_AHEAD_WORKFLOW, leadWorkflowId, reassignedWorkflowId } from '../../workflows/messages.ts';
import { createSender } from '../../workflows/delivery.ts';
import { startRelay, type Relay } from '../../worker/relay.ts';
import { measureReassigned } from '../../api/reassigned-metrics.ts';
import { json, raw, startCertificateServer, type Answer, type CertificateServer } from '../activities/certificate-server.ts';
import { openForBusiness } from '../gate/open-for-business.ts';
import { createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';
import { leadBody, SOURCE, startApi, type Reply, type RunningApi } from './running-api.ts';

/** 13:00 in New York, on a Tuesday. */
const NOON = new Date('2026-11-24T18:00:00Z');
/** The same the day after the reports of December. */
const AFTER_REPORTS = new Date('2026-12-16T18:00:00Z');
const HISTORY = join(import.meta.dirname, '../workflows/histories/reassigned-check.json');
const WAY = { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12025550100' };

let api: RunningApi;
let house: House;
let running: RunningWorker;
let relay: Relay;
let server: CertificateServer;
let now = NOON;
let edition = 0;

beforeAll(async () => {
  api = await startApi({ now: () => now, asksReassigned: true });
  await openForBusiness(api.db, NOON);
  await api.call('POST', '/v1/sources', { body: SOURCE });
  server = await startCertificateServer();
  house = await createHouse();
  const { vault } = api.context;
  const reassigned = { ...house.reassigned, url: `${server.url}/query`, timeoutMs: 5_000 };
  await mkdir(reassigned.credentialsFolder, { recursive: true });
  await writeFile(join(reassigned.credentialsFolder, 'reassigned'), 'bearer canary-token\n');
  running = await runWorker({ ...house, db: api.db, url: api.databaseUrl, vault, reassigned }, () => now);
  const send = createSender(running.client.workflow, running.taskQueue);
  relay = startRelay({ db: api.db, send, now: () => now, log: house.log, rate: 100, rateDuringImport: 100 });
});

beforeEach(async () => {
  now = NOON;
  server.answer(says('no'));
  await api.db.deleteFrom('certificate_provider').execute();
  await settle({ required: true });
});

afterAll(async () => {
  await relay.stop();
  await running.stop();
  await Promise.all([server.close(), api.stop(), house.close()]);
});

/** Answers every question with a word. */
function says(disconnected: string): Answer {
  return (response, question) => {
    const { tnList: [entry] } = JSON.parse(question.body) as { tnList: object[] };
    json({ tnList: [{ ...entry, disconnected }] })(response, question);
  };
}

async function settle(reassigned: Settings['reassigned']): Promise<void> {
  edition += 1;
  await api.db.transaction().execute((tx) => addSettings(tx, { version: edition, settings: { ...DEFAULT_SETTINGS, reassigned } }, 'test', now));
}

async function newLead(changes: object = {}): Promise<{ leadId: string; phone: string }> {
  const body = leadBody({ acquiredAt: '2026-11-20T15:04:05Z', ...changes });
  const { json: { leadId } } = await api.call('POST', '/v1/leads', { body });
  return { leadId, phone: String(body.phone) };
}

const clear = (leadId: string): Promise<Reply> => api.call('POST', '/v1/clearances', { as: 'agent', body: { ...WAY, leadId } });
const codesOf = ({ json: { reasons } }: Reply) => reasons.map(({ code }: { code: string }) => code) as string[];
const itemsOf = async (leadId: string, what: string) => (await api.call('GET', `/v1/leads/${leadId}/${what}`)).json.items;
const askFor = (leadId: string) => api.call('POST', `/v1/leads/${leadId}/reassigned-checks`, { as: 'operator' });
/** The questions about a lead once none is under way. */
const settledChecks = (leadId: string, count = 1) => eventually(async () => {
  const items = await itemsOf(leadId, 'reassigned-checks');
  return items.length >= count && items.every(({ endedAt }: { endedAt: string | null }) => endedAt !== null) && items;
});

describe('a lead whose number has to be checked', () => {
  it('is held, asked about by itself, and allowed once the database says no', async () => {
    const { leadId, phone } = await newLead();
    const held = await clear(leadId);
    expect([held.json.decision, codesOf(held)]).toEqual(['hold', ['reassigned_unknown']]);
    expect(await settledChecks(leadId)).toMatchObject([{ answer: 'no', problem: null, attempts: 1, requestedBy: 'clearance' }]);
    expect(server.asked.map(({ method, url, body }) => [method, url, JSON.parse(body) as unknown])).toEqual([
      ['POST', '/query', { tnList: [{ tn: phone.slice(2), date: '2026-11-20' }] }],
    ]);
    const [answer] = await itemsOf(leadId, 'reassigned-answers');
    expect(answer).toMatchObject({
      answer: 'no', askedAt: NOON.toISOString(), lastKnownGoodAt: '2026-11-20T00:00:00.000Z', goodUntil: '2026-12-16T12:00:00.000Z',
      checkId: expect.any(String),
    });
    const allowed = await clear(leadId);
    expect(allowed.json.decision).toBe('allow');
    const timeline = await itemsOf(leadId, 'timeline');
    expect(timeline).toContainEqual(expect.objectContaining({ type: 'reassigned_answer', id: answer.id, summary: 'A database of reassigned numbers (asked): the number is still the person\'s.' }));
    const lead = running.client.workflow.getHandle(leadWorkflowId(leadId));
    const heard = await eventually(async () => {
      const { events } = await lead.fetchHistory();
      return (events ?? []).some(({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === 'lifecycleChanged');
    });
    const question = running.client.workflow.getHandle(reassignedWorkflowId(answer.checkId));
    await question.result();
    if (process.env.RECORD_HISTORIES) await writeFile(HISTORY, `${historyToJSON(await question.fetchHistory())}\n`);
    const histories = [await lead.fetchHistory(), await question.fetchHistory()].map((history) => historyToJSON(history));
    const texts = [...histories, ...house.logged, ...api.logged].join('');
    expect([heard, texts.includes(phone.slice(2)), texts.includes('canary-token')]).toEqual([true, false, false]);
  });

  it('is denied, and suppressed, once it says yes', async () => {
    server.answer(says('yes'));
    const { leadId } = await newLead();
    await clear(leadId);
    expect(await settledChecks(leadId)).toMatchObject([{ answer: 'yes' }]);
    const denied = await clear(leadId);
    expect([denied.json.decision, codesOf(denied)]).toEqual(['deny', ['reassigned']]);
    expect(await eventually(async () => (await api.call('GET', `/v1/leads/${leadId}`)).json.stage === 'suppressed')).toBe(true);
  });

  it('stays held where it knows nothing, and is not asked about again before the next reports', async () => {
    server.answer(says('no data'));
    const { leadId } = await newLead();
    await clear(leadId);
    expect(await settledChecks(leadId)).toMatchObject([{ answer: 'no_data' }]);
    now = new Date(NOON.getTime() + 2 * 3_600_000);
    expect(codesOf(await clear(leadId))).toEqual(['reassigned_unknown']);
    expect(await itemsOf(leadId, 'reassigned-checks')).toHaveLength(1);
    now = AFTER_REPORTS;
    await clear(leadId);
    expect(await settledChecks(leadId, 2)).toHaveLength(2);
  });

  it('is held again when the next reports have been made, and asked about again', async () => {
    const { leadId } = await newLead();
    await clear(leadId);
    await settledChecks(leadId);
    now = AFTER_REPORTS;
    expect(codesOf(await clear(leadId))).toEqual(['reassigned_unknown']);
    await settledChecks(leadId, 2);
    expect((await clear(leadId)).json.decision).toBe('allow');
  });

  it('is asked about once by many at once', async () => {
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    server.answer((response, question) => void done.then(() => says('no')(response, question)));
    const { leadId } = await newLead();
    const replies = await Promise.all([1, 2, 3, 4, 5, 6].flatMap(() => [clear(leadId), askFor(leadId)]));
    expect(new Set(replies.map(({ json: { decision, checkId } }) => (decision as string | undefined) ?? typeof checkId))).toEqual(new Set(['hold', 'string']));
    finish();
    await settledChecks(leadId);
    expect(server.asked).toHaveLength(1);
    expect(await itemsOf(leadId, 'reassigned-answers')).toHaveLength(1);
  });

  it('is not asked about for a preview, nor while something else stands against the call', async () => {
    const { leadId, phone } = await newLead();
    await api.call('POST', '/v1/clearances/preview', { body: { leadId, channel: 'call', purpose: 'marketing' } });
    await api.call('POST', '/v1/suppressions', { body: { phone, kind: 'complaint' } });
    expect(codesOf(await clear(leadId))).toEqual(['suppressed', 'reassigned_unknown']);
    expect(await itemsOf(leadId, 'reassigned-checks')).toEqual([]);
  });

  it('is asked about by nobody where that is not required', async () => {
    await settle({ required: false });
    const { leadId } = await newLead();
    expect((await clear(leadId)).json.decision).toBe('allow');
    expect(await itemsOf(leadId, 'reassigned-checks')).toEqual([]);
  });
});

describe('asking for one lead', () => {
  it('answers with the question under way, and asks whatever the settings say', async () => {
    await settle({ required: false });
    const { leadId } = await newLead();
    const { status, json: check } = await askFor(leadId);
    expect([status, check]).toMatchObject([202, { leadId, answer: null, endedAt: null, workflowId: `reassigned-check/${check.checkId}` }]);
    expect(await settledChecks(leadId)).toMatchObject([{ checkId: check.checkId, answer: 'no', requestedBy: expect.stringMatching(/^key:/) }]);
  });

  it('is refused for a number of which no database knows, and for a lead that is none', async () => {
    const { leadId } = await newLead({ phone: '+442071838750' });
    expect((await askFor(leadId)).json).toMatchObject({ status: 422, code: 'nobody_to_ask' });
    for (const [method, what] of [['POST', 'checks'], ['GET', 'checks'], ['GET', 'answers']] as const) {
      const reply = await api.call(method, `/v1/leads/0198c0de-7a1e-7b3c-9d4e-5f60718293a4/reassigned-${what}`);
      expect(reply.json.code).toBe('unknown_lead');
    }
  });

  it('is not needed where somebody else did: what they report is shown once, page by page', async () => {
    const { leadId } = await newLead();
    for (const answer of ['no_data', 'no', 'yes']) {
      const body = { answer, askedAt: '2026-11-21T00:00:00Z', lastKnownGoodAt: '2026-11-20T00:00:00Z' };
      await api.call('POST', `/v1/leads/${leadId}/reassigned-answers`, { body });
    }
    const seen: string[] = [];
    for (let after = ''; ;) {
      const { json: page } = await api.call('GET', `/v1/leads/${leadId}/reassigned-answers?limit=2${after}`);
      seen.push(...page.items.map(({ answer, checkId }: { answer: string; checkId: null }) => `${answer} ${checkId}`));
      if (page.next === null) break;
      after = `&after=${page.next}`;
    }
    expect(seen).toEqual(['no_data null', 'no null', 'yes null']);
  });
});

describe('a database that does not answer', () => {
  it('is tried again, says so in log and metrics, and leaves the lead held', async () => {
    server.answer(raw(503, '', { 'retry-after': '1' }), says('no'));
    const before = house.logged.length;
    const { leadId } = await newLead();
    await clear(leadId);
    await eventually(async () => (await itemsOf(leadId, 'reassigned-checks'))[0]?.problem === 'busy');
    expect(codesOf(await clear(leadId))).toEqual(['reassigned_unknown']);
    await measureReassigned(api.metrics, api.db, () => now)();
    const metrics = await api.metrics.registry.metrics();
    expect(metrics).toMatch(/leadwarden_reassigned_checks 1\n/);
    expect(metrics).toMatch(/leadwarden_reassigned_failures 1\n/);
    expect(house.logged.slice(before).join('')).toContain('"event":"reassigned.unanswered"');
    expect(await settledChecks(leadId)).toMatchObject([{ answer: 'no', attempts: 2, problem: null }]);
  });

  it('that refuses is not tried again for an hour, however often the lead is held', async () => {
    server.answer(raw(401, ''));
    const { leadId } = await newLead();
    await clear(leadId);
    expect(await settledChecks(leadId)).toMatchObject([{ answer: null, problem: 'credentials_refused', attempts: 1 }]);
    now = new Date(NOON.getTime() + 3_599_999);
    await clear(leadId);
    expect(await itemsOf(leadId, 'reassigned-checks')).toHaveLength(1);
    server.answer(says('no'));
    now = new Date(NOON.getTime() + 3_600_000);
    await clear(leadId);
    expect(await settledChecks(leadId, 2)).toMatchObject([{ answer: 'no' }, { answer: null }]);
  });
});

describe('asking ahead', () => {
  const round = () => running.client.workflow.execute(ASK_AHEAD_WORKFLOW, {
    taskQueue: running.taskQueue, workflowId: `${ASK_AHEAD_WORKFLOW}/${running.taskQueue}-${edition}`, args: [],
  });
  const isUnasked = async (leadId: string) => (await api.call('GET', `/v1/leads/${leadId}`)).json.blockers.join() === 'reassigned_unknown';

  it('asks about the newest leads that nothing else keeps from being called, as many a day as the settings say', async () => {
    const [older, newer, abroad, suppressed] = [await newLead(), await newLead(), await newLead({ phone: '+442071838751' }), await newLead()];
    await api.call('POST', '/v1/suppressions', { body: { phone: suppressed.phone, kind: 'complaint' } });
    await eventually(async () => (await isUnasked(older.leadId)) && (await isUnasked(newer.leadId)));
    await eventually(async () => (await api.call('GET', `/v1/leads/${suppressed.leadId}`)).json.stage === 'suppressed');
    await round();
    expect(await itemsOf(newer.leadId, 'reassigned-checks')).toEqual([]);
    await settle({ required: true, askAhead: 1 });
    await round();
    expect(await settledChecks(newer.leadId)).toMatchObject([{ answer: 'no', requestedBy: 'ahead' }]);
    await settle({ required: true, askAhead: 1 });
    await round();
    expect(await itemsOf(older.leadId, 'reassigned-checks')).toEqual([]);
    for (const { leadId } of [abroad, suppressed]) expect(await itemsOf(leadId, 'reassigned-checks')).toEqual([]);
    expect(await eventually(async () => (await api.call('GET', '/v1/leads?contactable=true&limit=100')).json.items
      .some(({ leadId }: { leadId: string }) => leadId === newer.leadId))).toBe(true);
  });
});
