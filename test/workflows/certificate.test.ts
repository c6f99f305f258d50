import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { createCertificateActivities } from '../../activities/certificate.ts';
import { checksOfConsent, failedChecks, recordAttempt, type CertificateCheck } from '../../db/certificate-checks.ts';
import { lockLead, type LockedLead } from '../../db/locked-lead.ts';
import { deliverSubject } from '../../db/outbox.ts';
import { openFact } from '../../db/person-records.ts';
import { providerPause, recordProvider } from '../../db/provider-breaker.ts';
import { recordConsent } from '../../intake/consents.ts';
import { sha256Of } from '../../proof/digest.ts';
import { createSender } from '../../workflows/delivery.ts';
import { certificateWorkflowId } from '../../workflows/messages.ts';
import {
  CERTIFICATE_URL, json, LEADID, nothing, raw, startCertificateServer, trustedForm, type CertificateServer,
} from '../activities/certificate-server.ts';
import { createHouse, eventually, runWorker, type House, type RunningWorker } from '../setup/house.ts';

const SECRET = 'canary-key-4711';

let house: House;
let running: RunningWorker;
let server: CertificateServer;

beforeAll(async () => {
  house = await createHouse();
  server = await startCertificateServer();
  house.certifying = { ...house.certifying, trustedFormUrl: server.url, jornayaUrl: server.url, timeoutMs: 500 };
  await mkdir(house.certifying.credentialsFolder, { recursive: true });
  await writeFile(join(house.certifying.credentialsFolder, 'trustedform'), `basic API:${SECRET}\n`);
  running = await runWorker(house);
});

beforeEach(async () => {
  await house.db.deleteFrom('certificate_provider').execute();
});

afterAll(async () => {
  await running.stop();
  await server.close();
  await house.close();
});

/** A lead with a consent whose evidence names a certificate, and the check that came of it. */
async function consentWith(certificate: string): Promise<{ leadId: string; consentId: string; check: CertificateCheck }> {
  const { leadId } = await house.acquire({ subject: { email: 'canary.mail@example.com' } });
  const now = new Date();
  const consentId = await house.db.transaction().execute(async (tx) => {
    const lead = (await lockLead(tx, leadId)) as LockedLead;
    const consent = { channel: 'call' as const, purpose: 'marketing' as const, obtainedAt: now, expiresAt: null, evidence: { certificate } };
    return (await recordConsent(tx, house.vault, lead, consent, now)).id;
  });
  const [check] = await checksOfConsent(house.db, consentId, 1);
  if (!check) throw new Error('there is no check');
  return { leadId, consentId, check };
}

/** Starts the workflow of a check as the outbox does, and waits for its end. */
async function run(check: CertificateCheck, record = '') {
  await deliverSubject(house.db, check.id, new Date(), createSender(running.client.workflow, running.taskQueue));
  const handle = running.client.workflow.getHandle(certificateWorkflowId(check.id));
  await handle.result().catch(() => undefined);
  const { currentDetails = '' } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  const history = historyToJSON(await handle.fetchHistory());
  if (process.env.RECORD_HISTORIES && record !== '') await writeFile(join(import.meta.dirname, `histories/${record}.json`), `${history}\n`);
  const [ended] = await checksOfConsent(house.db, check.consent_id, 1);
  return { currentDetails, history, ended: ended as CertificateCheck };
}

describe('the certificate of a consent', () => {
  it('is claimed and confirmed after an answer that failed, and the answer is kept sealed, with its digest', async () => {
    const answer = trustedForm('success', true);
    server.answer(raw(503, ''), json(answer));
    const { leadId, check } = await consentWith(CERTIFICATE_URL);
    expect(check).toMatchObject({ provider: 'trustedform', result: 'unverified', answered_at: null });
    const { currentDetails, history, ended } = await run(check, 'certificate');
    expect(ended).toMatchObject({ result: 'verified', reason: 'confirmed', problem: null, attempts: 2, answer_digest: sha256Of(JSON.stringify(answer)) });
    expect(currentDetails).toContain('### verified');
    expect(await openFact(house.db, house.vault, leadId, check.id)).toEqual({ answer: JSON.stringify(answer) });
    expect(JSON.parse(server.asked.at(-1)?.body ?? '')).toMatchObject({ match_lead: { email: 'canary.mail@example.com' } });
    const words = await house.db.selectFrom('outbox').select(['signal', 'said']).where('subject', '=', leadId).orderBy('id').execute();
    expect(words.at(-1)).toEqual({ signal: 'consentChanged', said: 'certificate verified by trustedform' });
    for (const personal of ['canary', '2025550', 'eb9fc4dd9bed', SECRET]) expect(history).not.toContain(personal);
  });

  it('that fails is queued, and asked about again leaves the queue once it is confirmed', async () => {
    server.answer(json(trustedForm('failure', true)));
    const { consentId, leadId, check } = await consentWith(CERTIFICATE_URL);
    const { ended } = await run(check);
    expect(ended).toMatchObject({ result: 'failed', reason: 'declined' });
    expect((await failedChecks(house.db, null, 100)).map(({ consent_id }) => consent_id)).toContain(consentId);
    const again = { ...check, id: check.id.replace(/.$/, (last) => (last === '0' ? '1' : '0')) };
    const later = [check.id, again.id].sort();
    await house.db.updateTable('certificate_check').set({ id: later[0] as string }).where('id', '=', check.id).execute();
    await house.db.insertInto('certificate_check').values({
      id: later[1] as string, consent_id: consentId, lead_id: leadId, provider: 'trustedform', requested_at: new Date(), requested_by: 'key:test',
      result: 'verified', answered_at: new Date(), ended_at: new Date(),
    }).execute();
    expect((await failedChecks(house.db, null, 100)).map(({ consent_id }) => consent_id)).not.toContain(consentId);
  });

  it('of a provider without credentials stays unverified, and says so', async () => {
    server.answer(nothing);
    const { check } = await consentWith(LEADID);
    const { currentDetails, ended } = await run(check);
    expect(ended).toMatchObject({ result: 'unverified', problem: 'not_configured', answered_at: null, attempts: 1 });
    expect(ended.ended_at).not.toBeNull();
    expect(currentDetails).toMatch(/### unverified[^]*credentials/);
    expect(server.asked).toEqual([]);
  });

  it('of a person of whom nothing is kept any more is not asked about', async () => {
    server.answer(json(trustedForm('success', true)));
    const { leadId, check } = await consentWith(CERTIFICATE_URL);
    await house.db.deleteFrom('keyring.subject_key').where('lead_id', '=', leadId).execute();
    expect((await run(check)).ended).toMatchObject({ result: 'unverified', problem: 'no_data' });
    expect(server.asked).toEqual([]);
  });

  it('that nobody has answered about in all the time there was stays unverified, for the reason of the last attempt', async () => {
    const { check } = await consentWith(CERTIFICATE_URL);
    await recordAttempt(house.db, check.id, { problem: 'busy', tried: true, ended: false }, new Date());
    const { db, vault, certifying } = house;
    const activities = createCertificateActivities({ db, vault, certifying, now: () => new Date() });
    expect(await activities.giveUpCertificate(check.id)).toMatchObject({ result: 'unverified', reason: null, problem: 'The provider cannot answer now.' });
    const [ended] = await checksOfConsent(house.db, check.consent_id, 1);
    expect([ended?.problem, ended?.ended_at instanceof Date, ended?.answered_at]).toEqual(['busy', true, null]);
  });

  it('is asked about once, though its workflow is started twice', async () => {
    server.answer(json(trustedForm('success', true)));
    const { check } = await consentWith(CERTIFICATE_URL);
    await run(check);
    await house.db.insertInto('outbox').values({
      subject: check.id, workflow: 'certificate', signal: 'received', fact_id: check.consent_id, lane: 0, due_at: new Date(),
    }).execute();
    await run(check);
    expect(server.asked).toHaveLength(1);
  });
});

describe('a provider that does not answer', () => {
  it('is left alone after five failures in a row, and then tried by one caller at a time', async () => {
    const at = new Date();
    const later = (seconds: number) => new Date(at.getTime() + seconds * 1_000);
    for (let failure = 1; failure <= 4; failure += 1) await recordProvider(house.db, 'jornaya', false, at);
    expect(await providerPause(house.db, 'jornaya', at)).toBe(0);
    await recordProvider(house.db, 'jornaya', false, at);
    expect(await providerPause(house.db, 'jornaya', at)).toBe(60_000);
    const tries = await Promise.all([1, 2, 3, 4].map(() => providerPause(house.db, 'jornaya', later(61))));
    expect(tries.filter((pause) => pause === 0)).toHaveLength(1);
    await recordProvider(house.db, 'jornaya', false, later(62));
    expect(await providerPause(house.db, 'jornaya', later(62))).toBe(120_000);
    for (let failure = 0; failure < 40; failure += 1) await recordProvider(house.db, 'jornaya', false, later(62));
    expect(await providerPause(house.db, 'jornaya', later(62))).toBe(1_800_000);
    await recordProvider(house.db, 'jornaya', true, later(63));
    expect(await providerPause(house.db, 'jornaya', later(63))).toBe(0);
    expect(await providerPause(house.db, 'trustedform', later(63))).toBe(0);
  });

  it('is not asked at all while it is left alone, and its certificates stay unverified', async () => {
    server.answer(json(trustedForm('success', true)));
    for (let failure = 1; failure <= 5; failure += 1) await recordProvider(house.db, 'trustedform', false, new Date());
    const { check } = await consentWith(CERTIFICATE_URL);
    await deliverSubject(house.db, check.id, new Date(), createSender(running.client.workflow, running.taskQueue));
    const waiting = await eventually(async () => (await checksOfConsent(house.db, check.consent_id, 1))[0]?.problem === 'paused');
    expect([waiting, server.asked]).toEqual([true, []]);
    const handle = running.client.workflow.getHandle(certificateWorkflowId(check.id));
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await handle.terminate();
  });
});
