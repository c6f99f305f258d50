import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHouse, eventually, SOURCE, type House } from '../setup/house.ts';
import { smtpRefusal, startMailServer, type MailServer } from '../setup/mail-server.ts';
import { runFolder, temporalAddress, workflowBundlePath } from '../setup/suite.ts';

const WORKER = join(import.meta.dirname, '../../worker/main.ts');

let house: House;
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());

async function startWorker(taskQueue: string, smtpUrl: string): Promise<ChildProcess> {
  const env = {
    ...process.env, LEADWARDEN_HOME: join(runFolder(), 'mailing'), LEADWARDEN_KEYS: house.keyFolder, DATABASE_URL: house.url,
    TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_TASK_QUEUE: taskQueue, WORKFLOW_BUNDLE: workflowBundlePath(), LOG_LEVEL: 'info',
    SMTP_URL: smtpUrl, MAIL_FROM: 'Acme <consent@acme.example>', PUBLIC_URL: 'https://consent.acme.example',
  };
  const worker = fork(WORKER, { env, execArgv: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  worker.stdout?.setEncoding('utf8').on('data', (line: string) => void said.push(line));
  await once(worker, 'message');
  return worker;
}

const said: string[] = [];

async function kill(worker: ChildProcess): Promise<void> {
  worker.kill('SIGKILL');
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
}

async function waitsForConfirmation(email: string): Promise<string> {
  const consents = [{ channel: 'email' as const, purpose: 'marketing' as const, obtainedAt: new Date(Date.now() - 60_000), expiresAt: null }];
  const { leadId } = await house.acquire({ source: { ...SOURCE, confirmation: 'double_opt_in' }, subject: { email }, consents });
  return leadId;
}

const requestsOf = (leadId: string) => house.db.selectFrom('confirmation_request').selectAll().where('lead_id', '=', leadId).execute();

describe('a worker that is killed when the mail has been taken and nobody has written that down', () => {
  it('is followed by one that sends the same mail, and writes it down once', async () => {
    const taskQueue = `mail-${randomUUID()}`;
    const first: { worker?: ChildProcess } = {};
    let taken = 0;
    const mail: MailServer = await startMailServer({
      async beforeTaking() {
        taken += 1;
        if (taken === 1 && first.worker) await kill(first.worker);
      },
    });
    const leadId = await waitsForConfirmation('ada.canary@example.net');
    first.worker = await startWorker(taskQueue, mail.url);
    await eventually(async () => taken === 1 && first.worker?.signalCode === 'SIGKILL');
    expect((await requestsOf(leadId))[0]).toMatchObject({ sent_at: null, tried_at: expect.any(Date) });

    const next = await startWorker(taskQueue, mail.url);
    await eventually(async () => (await requestsOf(leadId))[0]?.sent_at);
    const requests = await requestsOf(leadId);
    expect(requests).toHaveLength(1);
    expect(mail.mails).toHaveLength(2);
    const [one, other] = mail.mails;
    expect(one?.messageId).toBe(`<${requests[0]?.id}@acme.example>`);
    expect(other?.messageId).toBe(one?.messageId);
    expect(requests[0]?.message_id).toBe(one?.messageId);
    await kill(next);
    expect(said.join('')).not.toMatch(/ada\.canary|\/confirm\//);
    await mail.close();
  });
});

describe('a mail server', () => {
  it('that is away is tried again, and one that knows no such person is not', async () => {
    const taskQueue = `mail-${randomUUID()}`;
    let refusals = 0;
    const mail = await startMailServer({
      onRecipient(address) {
        if (address.startsWith('nobody')) throw smtpRefusal(550);
        refusals += 1;
        if (refusals < 3) throw smtpRefusal(451);
      },
    });
    const worker = await startWorker(taskQueue, mail.url);
    const patient = await waitsForConfirmation('patient@example.net');
    const nobody = await waitsForConfirmation('nobody@example.net');
    await eventually(async () => (await requestsOf(patient))[0]?.sent_at && (await requestsOf(nobody))[0]?.failed_at);
    expect(mail.mails.map(({ to }) => to)).toEqual([['patient@example.net']]);
    expect((await requestsOf(nobody))[0]).toMatchObject({ failure: 'rejected', sent_at: null });
    await kill(worker);
    await mail.close();
  });
});
