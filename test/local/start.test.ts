import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { isAlive } from '../../local/processes.ts';
import type { RunFacts } from '../../local/run-file.ts';
import { searchAttributes } from '../../workflows/messages.ts';
import { cleanUp, clientOf, eventually, launch, newHome, pidsOf, type Product, untilReady } from './product.ts';

jest.setTimeout(90_000);

const SOURCE = { id: 'fair', name: 'Fair', kind: 'event', legalBasis: 'consent', defaultRegion: 'US' };
const products: Product[] = [];

async function start(home = newHome(), environment: NodeJS.ProcessEnv = {}): Promise<Product> {
  const product = launch(await home, environment);
  products.push(product);
  return product;
}

/** Records a lead and answers its id; it is only acknowledged once it is kept. */
async function acquire(facts: RunFacts, phone: string): Promise<string> {
  const lead = { phone, source: 'fair', acquiredAt: '2026-05-01T10:00:00Z', method: 'form' };
  return eventually(async () => {
    const { status, body } = await clientOf(facts)('POST', '/v1/leads', lead);
    return status < 300 ? String(body.leadId) : undefined;
  });
}

async function untilWorkflowKnows(facts: RunFacts, leadId: string): Promise<void> {
  await eventually(async () => {
    const connection = await Connection.connect({ address: facts.temporalAddress });
    try {
      const { typedSearchAttributes } = await new Client({ connection }).workflow.getHandle(`lead/${leadId}`).describe();
      return typedSearchAttributes.get(searchAttributes.stage) === 'active' ? true : undefined;
    } finally {
      await connection.close();
    }
  });
}

afterAll(async () => {
  await Promise.all(products.map(cleanUp));
});

describe('npm start', () => {
  let product: Product;
  let facts: RunFacts;

  beforeAll(async () => {
    product = await start();
    facts = await untilReady(product);
    await clientOf(facts)('POST', '/v1/sources', SOURCE);
  });

  it('says in run.json where everything is, and answers there', async () => {
    expect(facts).toEqual({
      api: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/), temporalUi: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      temporalAddress: expect.stringMatching(/^127\.0\.0\.1:\d+$/), metrics: expect.stringMatching(/\/metrics$/),
      databaseUrl: expect.stringMatching(/^postgres:/), apiKeyFile: product.home.adminKey, pid: product.supervisor.pid,
    });
    expect((await clientOf(facts)('GET', '/readyz')).status).toBe(200);
    for (const url of [facts.temporalUi, facts.metrics]) expect((await fetch(String(url))).ok).toBe(true);
  });

  it('keeps what opens doors for its owner alone', async () => {
    for (const file of [product.home.adminKey, product.home.runFile, product.home.postgres.password]) {
      expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600');
    }
    expect(((await stat(product.home.folder)).mode & 0o077).toString(8)).toBe('0');
  });

  it('shows addresses, counts and things to try, and nothing secret', async () => {
    await eventually(async () => (product.output().includes('Three things to try') ? true : undefined));
    expect(product.output()).toContain(facts.api);
    expect(product.output()).toContain('No leads yet');
    expect(product.output()).not.toContain(new URL(facts.databaseUrl).password);
  });

  it('refuses a second start on the same home and says where the first one is', async () => {
    const second = await start(Promise.resolve(product.home));
    expect(await second.ended).toBe(1);
    expect(second.output()).toMatch(new RegExp(`already runs[^]*${facts.api}[^]*what to do: `));
    expect((await clientOf(facts)('GET', '/healthz')).status).toBe(200);
  });

  it.each([
    ['api', '(202) 555-0130'],
    ['worker', '(202) 555-0131'],
    ['temporal', '(202) 555-0132'],
    ['postgres', '(202) 555-0133'],
  ] as const)('goes on at the same addresses after its %s was killed', async (name, phone) => {
    const before = await pidsOf(product.home);
    process.kill(before[name], 'SIGKILL');
    const leadId = await acquire(facts, phone);
    await untilWorkflowKnows(facts, leadId);
    const after = await eventually(async () => {
      const found = await pidsOf(product.home);
      return found[name] === before[name] ? undefined : found;
    });
    expect(await isAlive(after[name])).toBe(true);
  });

  it('loses nothing when it is killed itself, and its own processes end without it', async () => {
    const leadId = await acquire(facts, '(202) 555-0140');
    const left = await pidsOf(product.home);
    product.supervisor.kill('SIGKILL');
    await eventually(async () => ((await isAlive(left.api)) || (await isAlive(left.worker)) ? undefined : true));

    product = await start(Promise.resolve(product.home));
    facts = await untilReady(product);
    expect(await clientOf(facts)('GET', `/v1/leads/${leadId}`)).toMatchObject({ status: 200, body: { leadId } });
    await untilWorkflowKnows(facts, leadId);
    expect(await Promise.all(Object.values(left).map(isAlive))).toEqual([false, false, false, false]);
  });

  it('stops everything in order when it is asked to, and leaves nothing', async () => {
    const running = await pidsOf(product.home);
    expect(await Promise.all(Object.values(running).map(isAlive))).toEqual([true, true, true, true]);
    product.supervisor.kill('SIGTERM');
    expect(await product.ended).toBe(0);
    expect(product.output()).toMatch(/stopping api[^]*stopping worker[^]*stopping temporal[^]*stopping postgres/);
    expect(await Promise.all(Object.values(running).map(isAlive))).toEqual([false, false, false, false]);
    await expect(stat(product.home.runFile)).rejects.toThrow('ENOENT');
    expect(product.output()).not.toContain('No workflows registered');
  });

  it('waits for another one that is just stopping on the same home', async () => {
    const first = await start(Promise.resolve(product.home));
    await untilReady(first);
    first.supervisor.kill('SIGTERM');
    const second = await start(Promise.resolve(product.home));
    expect(await first.ended).toBe(0);
    await untilReady(second);
    second.supervisor.kill('SIGTERM');
    expect(await second.ended).toBe(0);
  });
});

describe('npm start on an empty store', () => {
  it('brings the sample leads, once', async () => {
    const product = await start(newHome(), { LEADWARDEN_SAMPLE: 'leads' });
    await untilReady(product);
    await eventually(async () => (product.output().includes('205 leads from 3 sources.') ? true : undefined));
    expect(product.output()).toMatch(/Do-not-call lists in force: gb-tps with 350 numbers, \d+ leads on it; us-federal with 398 numbers, \d+ leads on it\./);
    product.supervisor.kill('SIGTERM');
    expect(await product.ended).toBe(0);

    const again = await start(Promise.resolve(product.home), { LEADWARDEN_SAMPLE: 'leads' });
    await untilReady(again);
    await eventually(async () => (again.output().includes('205 leads from 3 sources.') ? true : undefined));
    expect(again.output()).not.toContain('POST /v1/imports');
    again.supervisor.kill('SIGTERM');
    expect(await again.ended).toBe(0);
  });
});

describe('npm start that cannot', () => {
  it('names the taken port that it was told to use, and leaves nothing', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port));
    });
    const product = await start(newHome(), { PORT: String(port) });
    expect(await product.ended).toBe(1);
    expect(product.output()).toMatch(new RegExp(`Port ${port}[^]*why: [^]*what to do: [^]*PORT`));
    expect(Object.values(await pidsOf(product.home))).toEqual([0, 0, 0, 0]);
    other.close();
  });

  it('ends what it had started when a later step fails', async () => {
    const product = await start(newHome(), { TEMPORAL_CLI_PATH: '/nowhere/temporal' });
    expect(await product.ended).toBe(1);
    expect(product.output()).toMatch(/TEMPORAL_CLI_PATH[^]*why: [^]*what to do: /);
    expect(Object.values(await pidsOf(product.home))).toEqual([0, 0, 0, 0]);
  });

  it('ends what it had started when it is stopped before it is ready', async () => {
    const product = await start();
    await eventually(async () => ((await pidsOf(product.home)).postgres > 0 ? true : undefined));
    product.supervisor.kill('SIGTERM');
    expect(await product.ended).toBe(0);
    for (const pid of Object.values(await pidsOf(product.home))) expect(pid > 0 && (await isAlive(pid))).toBe(false);
  });

  it('refuses to shift the clock of a store that is not on this machine', async () => {
    const remote = { LEADWARDEN_TIME_SHIFT: 'P18M', DATABASE_URL: 'postgres://someone@db.example.com/real' };
    const product = await start(newHome(), remote);
    expect(await product.ended).toBe(1);
    expect(product.output()).toMatch(/DATABASE_URL: may be a real store/);
    expect(product.output()).not.toContain('someone');
  });

  it('names the variables that it cannot read', async () => {
    const product = await start(newHome(), { PORT: 'eighty' });
    expect(await product.ended).toBe(1);
    expect(product.output()).toContain('PORT');
    expect(product.output()).not.toContain('eighty');
  });
});
