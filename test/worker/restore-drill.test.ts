import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { takeBackup } from '../../activities/backup/backing-up.ts';
import { findBackup } from '../../activities/backup/backup-folder.ts';
import { restoreText, type RestoreReport } from '../../activities/backup/restore-report.ts';
import { restoreBackup } from '../../activities/backup/restoring.ts';
import { connect, createPool, type Db } from '../../db/connection.ts';
import { eraseLeads } from '../../db/erasure.ts';
import { newId } from '../../db/ids.ts';
import { journalLag } from '../../db/journal-entries.ts';
import { readBackupKeys } from '../../keys/key-files.ts';
import { deliverSubject } from '../../db/outbox.ts';
import { createPipelinePool, type PipelinePool } from '../../db/pipeline.ts';
import { insertSource } from '../../db/sources.ts';
import { insertUnclearOptOut } from '../../db/unclear-opt-outs.ts';
import { FolderJournal } from '../../endings/journal/folder-journal.ts';
import { Gate } from '../../gate/gate.ts';
import { acquireLead } from '../../intake/acquire.ts';
import { startJournalRelay } from '../../worker/journal-relay.ts';
import { reconcileWorkflows } from '../../worker/workflow-reconciliation.ts';
import { createSender } from '../../workflows/delivery.ts';
import { leadWorkflowId } from '../../workflows/messages.ts';
import { createSender as createWebhookSource, sendStandard } from '../api/webhook-sending.ts';
import { SOURCE as API_SOURCE, startApi, type RunningApi } from '../api/running-api.ts';
import { openForBusiness } from '../gate/open-for-business.ts';
import { acquisition, createHouse, eventually, runWorker, SOURCE, type House, type RunningWorker } from '../setup/house.ts';
import { createEmptyDatabase, runFolder, type SuiteDatabase } from '../setup/suite.ts';

/** 13:00 in New York, on a Tuesday. */
const NOON = new Date('2026-11-24T18:00:00Z');
const BEFORE = new Date('2026-11-24T15:00:00Z');
const LATER = new Date('2026-11-24T16:00:00Z');
const LEADS = 1_500;
const DISPOSED = 500;
const ARCHIVED = 40;

interface Lead {
  id: string;
  phone: string;
}

let frame: House;
let api: RunningApi;
let running: RunningWorker;
let restored: SuiteDatabase;
let db: Db;
let hotPool: PipelinePool;
let gate: Gate;
let report: RestoreReport;
let now = BEFORE;
const removedObjects: string[] = [];

const leads: Lead[] = [];
const newcomers: Lead[] = [];
const optedOut: Lead[] = [];
const unclear: Lead[] = [];
let wrongly: Lead;
let held: Lead;
let takenBack: Lead;
let unfinished: Lead;

const disposed = () => leads.slice(0, DISPOSED);
const untouched = () => leads.slice(1_000, 1_010);
const hasWorkflow = () => [...leads.slice(0, 5), ...leads.slice(1_000, 1_010), ...newcomers.slice(0, 5)];

async function acquire(count: number): Promise<Lead[]> {
  const made: Lead[] = [];
  const one = async () => {
    const asked = acquisition({ acquiredAt: new Date('2026-11-20T00:00:00Z'), receivedAt: now, subject: { name: 'Ada Lovelace' } });
    const { leadId } = await api.db.transaction().execute((tx) => acquireLead(tx, api.context.vault, asked));
    made.push({ id: leadId, phone: asked.phone });
  };
  for (let at = 0; at < count; at += 20) await Promise.all(Array.from({ length: Math.min(20, count - at) }, one));
  return made;
}

async function start(lead: Lead): Promise<void> {
  await deliverSubject(api.db, lead.id, new Date(), createSender(running.client.workflow, running.taskQueue));
}

/** As the disposal of leads does it: the journal first, then the key and everything else, at last the certificate. */
async function dispose(journal: FolderJournal, batch: readonly Lead[]): Promise<void> {
  const rows = batch.map((lead) => ({ id: newId(), lead_id: lead.id, ground: 'retention' as const, opened_by: 'review', opened_at: now }));
  await journal.append(rows.map((row) => ({ kind: 'disposal', at: now.toISOString(), disposalId: row.id, leadId: row.lead_id })));
  await api.db.transaction().execute(async (tx) => {
    await tx.insertInto('disposal').values(rows).execute();
    await eraseLeads(tx, batch.map(({ id }) => id), now);
    await tx.updateTable('disposal').set({ key_destroyed_at: now }).where('id', 'in', rows.map(({ id }) => id)).execute();
    await tx.updateTable('disposal').set({ completed_at: now, certificate: JSON.stringify({ proves: 'that it is gone' }) }).where('id', 'in', rows.map(({ id }) => id)).execute();
    await tx.updateTable('lead').set({ disposed_at: now, stage: 'disposed' }).where('id', 'in', batch.map(({ id }) => id)).execute();
  });
}

async function archive(batch: readonly Lead[]): Promise<void> {
  const bundle = (lead: Lead) => ({
    lead_id: lead.id, object: `bundle/${lead.id}`, sha256: Buffer.alloc(32), size_bytes: 1, records: 1, acquisitions: 1, grants: 0,
    number_check: Buffer.alloc(32), stored_at: now,
  });
  await api.db.insertInto('archive_bundle').values(batch.map(bundle)).execute();
  await api.db.deleteFrom('personal_data').where('lead_id', 'in', batch.map(({ id }) => id)).execute();
  await api.db.updateTable('lead').set({ archived_at: now }).where('id', 'in', batch.map(({ id }) => id)).execute();
}

async function suppress(batch: readonly Lead[]): Promise<void> {
  for (const { phone } of batch) {
    const { status } = await api.call('POST', '/v1/suppressions', { body: { phone, kind: 'opt_out', channel: 'all', reportedAt: now.toISOString() } });
    if (status !== 201) throw new Error('the opt-out was not taken');
    optedOut.push(...batch.filter((lead) => lead.phone === phone));
  }
}

async function revoke(batch: readonly Lead[]): Promise<void> {
  for (const lead of batch) {
    const { status } = await api.call('POST', `/v1/leads/${lead.id}/revocations`, { body: { channel: 'call', purpose: 'marketing', revokedAt: now.toISOString() } });
    if (status !== 201) throw new Error('the revocation was not taken');
    optedOut.push(lead);
  }
}

async function stopByWebhook(batch: readonly Lead[]): Promise<void> {
  const source = await createWebhookSource(api, 'standard');
  for (const { id, phone } of batch) {
    const { status } = await sendStandard(api, source, { type: 'contact.opted-out', timestamp: now.toISOString(), data: { phone } });
    if (status >= 300) throw new Error('the webhook was not taken');
    optedOut.push({ id, phone });
  }
}

async function ask(lead: Lead, by: 'phone' | 'leadId' = 'phone') {
  const question = { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12025550100' } as const;
  const answer = await gate.ask({ person: by === 'phone' ? { phone: lead.phone } : { leadId: lead.id }, question, agent: null, askedBy: 'drill' });
  return { decision: answer.decision, codes: answer.reasons.map(({ code }) => code) };
}

beforeAll(async () => {
  frame = await createHouse();
  api = await startApi({ now: () => now });
  const keyFolder = join(dirname(api.context.uploadFolder), 'keys');
  const { vault, signing } = api.context;
  running = await runWorker({ ...frame, db: api.db, url: api.databaseUrl, vault, signing });
  const folder = join(runFolder(), `drill-${randomUUID()}`);
  const journalFolder = join(folder, 'journal');
  const journal = new FolderJournal(journalFolder, 'drill');
  const relay = startJournalRelay({ db: api.db, journal, log: frame.log });

  await openForBusiness(api.db, NOON);
  await api.call('POST', '/v1/sources', { body: API_SOURCE });
  await api.db.transaction().execute((tx) => insertSource(tx, SOURCE, now));
  leads.push(...(await acquire(LEADS)));
  await archive(leads.slice(0, ARCHIVED));
  await suppress(leads.slice(100, 120));
  const earlier = optedOut.length;

  const pool = createPool(api.databaseUrl, { max: 3, statementTimeout: 0 });
  const [key] = await readBackupKeys(keyFolder);
  const target = { folder: join(folder, 'backups'), keyringFolder: join(folder, 'keys') };
  const backingUp = { pool, signing, key: key!, target, keepDays: 30, journalFolder, now: () => now };
  await takeBackup(backingUp, () => undefined, new AbortController().signal);
  await pool.end();

  now = LATER;
  newcomers.push(...(await acquire(40)));
  await Promise.all(hasWorkflow().map(start));
  await suppress([...leads.slice(120, 140), ...leads.slice(500, 570), ...newcomers.slice(0, 15)]);
  await revoke([...leads.slice(570, 630), ...newcomers.slice(15, 30)]);
  await stopByWebhook(leads.slice(630, 650));
  unclear.push(...leads.slice(650, 675), ...newcomers.slice(30, 35));
  await api.db.transaction().execute(async (tx) => {
    for (const { id } of unclear) {
      await insertUnclearOptOut(tx, { lead_id: id, channel: 'all', stated_at: now, received_at: now, via: 'sms' });
    }
  });
  wrongly = leads[700]!;
  await suppress([wrongly]);
  await api.db.updateTable('suppression').set({ lifted_at: now, lifted_by: 'compliance' }).where('token', '=', api.context.vault.phoneToken(wrongly.phone)).execute();
  optedOut.splice(optedOut.indexOf(wrongly), 1);
  [held, takenBack, unfinished] = [leads[710]!, leads[711]!, leads[712]!];
  await api.db.insertInto('legal_hold').values({ id: newId(), kind: 'lead', lead_id: held.id, reason: 'a quarrel', placed_by: 'compliance', placed_at: now }).execute();
  const opened = [held, takenBack, unfinished].map((lead) => ({ id: newId(), lead_id: lead.id, ground: 'retention' as const, opened_by: 'review', opened_at: now }));
  await api.db.insertInto('disposal').values(opened).execute();
  await journal.append(opened.map((row) => ({ kind: 'disposal', at: now.toISOString(), disposalId: row.id, leadId: row.lead_id })));
  await api.db.deleteFrom('disposal').where('lead_id', '=', takenBack.id).execute();
  for (let at = 0; at < DISPOSED; at += 100) await dispose(journal, disposed().slice(at, at + 100));
  await eventually(async () => (await journalLag(api.db)) === null);
  await relay.stop();
  expect([earlier, optedOut.length - earlier + unclear.length]).toEqual([20, 230]);

  await running.stop();
  await api.stop();

  restored = await createEmptyDatabase();
  const filling = createPool(restored.url, { max: 1, statementTimeout: 0 });
  report = await restoreBackup(
    {
      pool: filling, signing, backupKeys: [key!], vault, journalFolder, now: () => NOON,
      removeObject: (object) => Promise.resolve(void removedObjects.push(object)),
    },
    await findBackup(target.folder, target.keyringFolder),
    { onProgress: () => undefined, readsBack: true },
  );
  await filling.end();
  db = connect(restored.url, { max: 4 });
  hotPool = createPipelinePool(restored.url, { max: 2 });
  gate = new Gate({ pool: hotPool, db, vault, now: () => NOON });
  running = await runWorker({ ...frame, db, url: restored.url, vault, signing }, () => NOON, running.taskQueue);
});

afterAll(async () => {
  await running.stop();
  await Promise.all([db.destroy(), hotPool.end()]);
  await restored.drop();
  await frame.close();
});

describe('after backup, 500 disposals, 200 opt-outs, disaster and restore', () => {
  it('nobody who was disposed of is back: no key, no record, no number, no object in the archive', async () => {
    const ids = disposed().map(({ id }) => id);
    const keys = await db.selectFrom('keyring.subject_key').select('lead_id').where('lead_id', 'in', ids).execute();
    const records = await db.selectFrom('personal_data').select('lead_id').where('lead_id', 'in', ids).execute();
    const tokens = disposed().map(({ phone }) => api.context.vault.phoneToken(phone));
    const found = await db.selectFrom('lead').select('id').where('token', 'in', tokens).execute();
    expect([keys, records, found]).toEqual([[], [], []]);
    const gone = await db.selectFrom('lead').select(['stage', 'disposed_at']).where('id', 'in', ids).execute();
    expect(gone).toEqual(Array(DISPOSED).fill({ stage: 'disposed', disposed_at: LATER }));
    expect(removedObjects.sort()).toEqual(leads.slice(0, ARCHIVED).map(({ id }) => `bundle/${id}`).sort());
  });

  it('their certificates are still there', async () => {
    const rows = await db.selectFrom('disposal').select(['certificate', 'completed_at']).execute();
    expect(rows.filter(({ completed_at }) => completed_at)).toEqual(Array(DISPOSED).fill({ certificate: { proves: 'that it is gone' }, completed_at: LATER }));
  });

  it('everybody else has all of their data', async () => {
    const ids = leads.slice(DISPOSED).filter((lead) => lead !== unfinished).map(({ id }) => id);
    const records = await db.selectFrom('personal_data').innerJoin('keyring.subject_key', 'keyring.subject_key.lead_id', 'personal_data.lead_id')
      .select('personal_data.lead_id').distinct().where('personal_data.lead_id', 'in', ids).execute();
    expect(records).toHaveLength(LEADS - DISPOSED - 1);
  });

  it('none of those who opted out can be contacted, before or after the backup, by whatever way they said so', async () => {
    for (const lead of optedOut) {
      const { decision, codes } = await ask(lead);
      expect([decision, codes.some((code) => code === 'suppressed' || code === 'consent_revoked')]).toEqual(['deny', true]);
    }
    for (const lead of unclear.slice(0, 25)) expect(await ask(lead)).toMatchObject({ decision: 'hold', codes: ['opt_out_unclear'] });
    for (const lead of unclear.slice(25)) expect(await ask(lead)).toMatchObject({ decision: 'deny', codes: expect.arrayContaining(['suppressed']) });
  });

  it('those who said nothing can be, and so can the one whose suppression was lifted', async () => {
    for (const lead of [...untouched(), wrongly]) expect(await ask(lead)).toEqual({ decision: 'allow', codes: [] });
  });

  it('a disposal that a hold or a change of mind had stopped is not done by the restore', async () => {
    for (const { id } of [held, takenBack]) {
      const lead = await db.selectFrom('lead').select(['disposed_at', 'token']).where('id', '=', id).executeTakeFirstOrThrow();
      expect([lead.disposed_at, lead.token === null]).toEqual([null, false]);
    }
    expect(await db.selectFrom('legal_hold').select(['lead_id', 'reason']).execute()).toEqual([{ lead_id: held.id, reason: 'journal' }]);
  });

  it('a number that was disposed of is refused when it comes again where it was opted out, and else is new', async () => {
    for (const lead of [disposed()[100]!, disposed()[125]!]) {
      const again = acquisition({ phone: lead.phone, receivedAt: NOON });
      const acquiring = db.transaction().execute((tx) => acquireLead(tx, api.context.vault, again));
      await expect(acquiring).rejects.toMatchObject({ code: 'opted_out' });
      expect(await ask(lead)).toMatchObject({ decision: 'deny', codes: expect.arrayContaining(['suppressed']) });
    }
    const { id, phone } = disposed()[300]!;
    const again = acquisition({ phone, receivedAt: NOON });
    const { leadId } = await db.transaction().execute((tx) => acquireLead(tx, api.context.vault, again));
    expect(leadId).not.toBe(id);
  });

  it('workflows agree with the store: those of unknown leads are ended, those of forgotten ones end, all others look again', async () => {
    const waitsFor = [...untouched(), leads[800]!];
    const send = createSender(running.client.workflow, running.taskQueue);
    for (const { id } of waitsFor) await deliverSubject(db, id, new Date(), send);
    const seen = async () => {
      const { count } = await running.client.workflow.count(`WorkflowType = "leadLifecycle" AND ExecutionStatus = "Running" AND TaskQueue = "${running.taskQueue}"`);
      return count === 21;
    };
    expect(await eventually(seen)).toBe(true);
    expect(await reconcileWorkflows(running.client, db, running.taskQueue)).toEqual({ looked: 21, ended: 5, told: 5 });
    const stateOf = async ({ id }: Lead) => (await running.client.workflow.getHandle(leadWorkflowId(id)).describe()).status.name;
    const statesOf = (some: Lead[]) => Promise.all(some.map(stateOf));
    await eventually(async () => (await statesOf(leads.slice(0, 5))).every((state) => state === 'COMPLETED'));
    expect(new Set(await statesOf(leads.slice(0, 5)))).toEqual(new Set(['COMPLETED']));
    expect(new Set(await statesOf(newcomers.slice(0, 5)))).toEqual(new Set(['TERMINATED']));
    expect(new Set(await statesOf(waitsFor))).toEqual(new Set(['RUNNING']));
    const waiting = await db.selectFrom('outbox').select(['subject', 'lane']).where('said', '=', 'the store was restored').execute();
    const others = leads.slice(DISPOSED).filter((lead) => !waitsFor.includes(lead));
    expect(new Set(waiting.map(({ subject }) => subject))).toEqual(new Set(others.map(({ id }) => id)));
  });

  it('a disposal whose key was about to go is brought to its end by its workflow, with a certificate', async () => {
    const find = () => db.selectFrom('disposal').selectAll().where('lead_id', '=', unfinished.id).executeTakeFirstOrThrow();
    expect(await find()).toMatchObject({ key_destroyed_at: NOON, completed_at: null });
    expect(await db.selectFrom('keyring.subject_key').select('lead_id').where('lead_id', '=', unfinished.id).execute()).toEqual([]);
    await deliverSubject(db, unfinished.id, new Date(), createSender(running.client.workflow, running.taskQueue));
    const done = await eventually(async () => {
      const disposal = await find();
      return disposal.completed_at !== null && disposal;
    });
    expect(done).toMatchObject({ certificate: { signature: { alg: 'Ed25519' } } });
  });

  it('the report names the window and what cannot be known', () => {
    const kinds = { hold: { put: 1 }, unclear: { put: 30 } };
    expect(report.replayed).toMatchObject({ disposals: DISPOSED + 1, unreadable: 0, kinds });
    const text = restoreText(report);
    expect(text).toContain(`Window of possible loss: from ${report.snapshotAt} to ${NOON.toISOString()}.`);
    expect(text).toContain('501 leads were disposed of again');
    expect(text).not.toContain('+1202');
  });
});
