import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { lockToken } from '../../db/leads.ts';
import { askAbout, findReassignedCheck } from '../../db/reassigned-checks.ts';
import { json, startCertificateServer, type CertificateServer } from '../activities/certificate-server.ts';
import { createHouse, eventually, type House } from '../setup/house.ts';
import { runFolder, temporalAddress, workflowBundlePath } from '../setup/suite.ts';

const WORKER = join(import.meta.dirname, '../../worker/main.ts');

let house: House;
let server: CertificateServer;
beforeAll(async () => {
  house = await createHouse();
  server = await startCertificateServer();
  server.answer((response, question) => {
    const { tnList: [entry] } = JSON.parse(question.body) as { tnList: object[] };
    json({ tnList: [{ ...entry, disconnected: 'no' }] })(response, question);
  });
});
afterAll(async () => {
  await server.close();
  await house.close();
});

const said: string[] = [];

async function startWorker(taskQueue: string): Promise<ChildProcess> {
  const { credentialsFolder } = house.reassigned;
  await mkdir(credentialsFolder, { recursive: true });
  await writeFile(join(credentialsFolder, 'reassigned'), 'bearer token-1\n');
  const env = {
    ...process.env, LEADWARDEN_HOME: join(runFolder(), 'asking'), LEADWARDEN_KEYS: house.keyFolder, DATABASE_URL: house.url,
    TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_TASK_QUEUE: taskQueue, WORKFLOW_BUNDLE: workflowBundlePath(), LOG_LEVEL: 'info',
    REASSIGNED_URL: server.url, REASSIGNED_PRIVATE: 'yes', REASSIGNED_CREDENTIALS: credentialsFolder, REASSIGNED_PER_SECOND: '100',
  };
  const worker = fork(WORKER, { env, execArgv: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  worker.stdout?.setEncoding('utf8').on('data', (line: string) => void said.push(line));
  await once(worker, 'message');
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  worker.kill('SIGKILL');
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
}

async function hasWaiters(): Promise<boolean> {
  const { rows } = await sql<{ waiters: bigint }>`select count(*) as waiters from pg_locks where locktype = 'advisory' and not granted
    and database = (select oid from pg_database where datname = current_database())`.execute(house.db);
  return Number(rows[0]?.waiters) > 0;
}

describe('a worker that is killed when a database has answered and nobody has written that down', () => {
  it('is followed by one that asks again, and writes the answer down once', async () => {
    const taskQueue = `asking-${randomUUID()}`;
    const { leadId } = await house.acquire();
    const { token } = await house.db.selectFrom('lead').select('token').where('id', '=', leadId).executeTakeFirstOrThrow();
    const first = await startWorker(taskQueue);
    // The review of the lead waits for the same lock.
    await eventually(() => house.db.selectFrom('lead').select('id').where('id', '=', leadId).where('reviewed_at', 'is not', null).executeTakeFirst());
    const at = new Date();
    const checkId = await house.db.transaction().execute(async (tx) => {
      await lockToken(tx, token as bigint);
      const [id = ''] = await askAbout(house.db, [leadId], { by: 'key:test', at, notSince: at });
      await eventually(async () => server.asked.length === 1 && (await hasWaiters()));
      await kill(first);
      return id;
    });
    expect(await findReassignedCheck(house.db, checkId)).toMatchObject({ answer: null, ended_at: null });
    const next = await startWorker(taskQueue);
    const settled = await eventually(async () => {
      const check = await findReassignedCheck(house.db, checkId);
      return check?.ended_at && check;
    });
    expect(settled).toMatchObject({ answer: 'no', problem: null });
    expect(server.asked).toHaveLength(2);
    expect(await house.db.selectFrom('reassigned_answer').select('check_id').where('lead_id', '=', leadId).execute()).toEqual([{ check_id: checkId }]);
    await kill(next);
    expect(said.join('')).not.toMatch(/202555/);
  });
});
