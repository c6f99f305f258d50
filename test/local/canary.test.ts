import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunFacts } from '../../local/run-file.ts';
import { cleanUp, clientOf, eventually, launch, newHome, untilReady, type Product } from './product.ts';

// Values that occur nowhere by accident. The number is written in every way in which it could leak.
const NAME = 'Quirinalia Zyxcanary';
const EMAIL = 'quirinalia@zyxcanary.example';
const STREET = '77 Zyxcanary Wharf';
const REASON = 'zyxcanary asked for her own data';
const CANARIES = ['quirinalia', 'zyxcanary', '2025550177', '202-555-0177', '(202) 555-0177', '2025550178', '2025550179'];

let product: Product;
let facts: RunFacts;
let request: ReturnType<typeof clientOf>;

beforeAll(async () => {
  product = launch(await newHome());
  facts = await untilReady(product);
  request = clientOf(facts);
  await useWithCanaries();
});

afterAll(() => cleanUp(product));

describe('personal data [ASVS 14.2.1] [ASVS 16.2.5]', () => {
  it('is in no file of Temporal, and in no log', async () => {
    await expectNoCanary(await filesBelow(product.home.folder, (path) => /temporal\.db|\/logs\//.test(path)));
  });

  it('is nowhere in the data directory of PostgreSQL but sealed, its write-ahead log included', async () => {
    const files = await filesBelow(product.home.postgres.data, () => true);
    expect(files.some((path) => path.includes('pg_wal'))).toBe(true);
    await expectNoCanary(files);
  });

  it('is in no upload that was kept', async () => {
    await expectNoCanary(await filesBelow(product.home.folder, (path) => path.includes('/uploads/')));
  });

  it('is in no line that the processes printed', () => {
    expectClean('the terminal', Buffer.from(product.output()));
    expect(product.output()).toContain('POST /v1/leads');
  });

  it('is in no metric', async () => {
    const metrics = await (await fetch(facts.metrics)).text();
    expect(metrics).toContain('acquireLead');
    expectClean('the metrics', Buffer.from(metrics));
  });

  it('is in no workflow history', async () => {
    const base = `${facts.temporalUi}/api/v1/namespaces/default/workflows`;
    const { executions } = (await (await fetch(base)).json()) as { executions: { execution: { workflowId: string } }[] };
    expect(executions.length).toBeGreaterThanOrEqual(3);
    for (const { execution } of executions) {
      const history = await (await fetch(`${base}/${encodeURIComponent(execution.workflowId)}/history`)).text();
      const decoded = history.replace(/"data":"([A-Za-z0-9+/=]+)"/g, (_, data: string) => Buffer.from(data, 'base64').toString());
      expectClean(execution.workflowId, Buffer.from(history + decoded));
    }
  });
});

async function useWithCanaries(): Promise<void> {
  await request('POST', '/v1/sources', { id: 'canary', name: 'Canary', kind: 'event', legalBasis: 'consent', defaultRegion: 'US' });
  const lead = {
    phone: '(202) 555-0177', source: 'canary', acquiredAt: '2026-11-01T00:00:00Z', method: 'form', reference: 'zyxcanary-4711',
    subject: { name: NAME, email: EMAIL, address: { street: STREET, city: 'Zyxcanary', country: 'US' } },
    consents: [{ channel: 'call', purpose: 'marketing', obtainedAt: '2026-11-01T00:00:00Z', evidence: { method: 'web_form', url: 'https://zyxcanary.example/form' } }],
  };
  const { body } = await request('POST', '/v1/leads', lead);
  const leadId = String(body.leadId);
  await request('POST', '/v1/leads/search', { email: EMAIL });
  await request('POST', '/v1/leads/search', { phone: '+12025550177' });
  await fetch(new URL(`/v1/leads/${leadId}?reveal=phone,email,name,address`, facts.api), { headers: { ...(await authorization()), 'access-reason': REASON } });
  await sendRubbish(lead);
  await importCanaries();
  await eventually(async () => ((await request('GET', `/v1/leads/${leadId}`)).body.stage === 'active' ? true : undefined));
}

/** Whatever is refused is refused without a word of it being kept. */
async function sendRubbish(lead: object): Promise<void> {
  for (const body of [
    { ...lead, phone: 'zyxcanary' }, { ...lead, zyxcanary: 1 }, { ...lead, source: 'zyxcanary' }, { ...lead, acquiredAt: 'zyxcanary' },
    { ...lead, subject: { email: 'zyxcanary' } }, { ...lead, attributes: { zyxcanary: 'x' } }, { ...lead, campaign: 'quirinalia@zyxcanary' },
  ]) {
    const answer = await request('POST', '/v1/leads', body);
    expect(answer.status).toBe(422);
  }
  await fetch(new URL('/v1/leads', facts.api), { method: 'POST', headers: { ...(await authorization()), 'content-type': 'application/json' }, body: '{"zyxcanary' });
  await fetch(new URL('/v1/zyxcanary?phone=2025550179', facts.api), { headers: await authorization() });
  await fetch(new URL('/v1/leads/zyxcanary?source=zyxcanary', facts.api), { headers: await authorization() });
}

async function importCanaries(): Promise<void> {
  const mapping = encodeURIComponent(JSON.stringify({ phone: 'Phone', acquiredAt: 'When', 'subject.name': 'Name', 'subject.email': 'Mail' }));
  const csv = `Phone,When,Name,Mail\n2025550178,2026-11-01T00:00:00Z,${NAME},${EMAIL}\nzyxcanary,2026-11-01T00:00:00Z,${NAME},${EMAIL}\n2025550179,never,${NAME},x\n`;
  const answer = await fetch(new URL(`/v1/imports?source=canary&mapping=${mapping}`, facts.api), {
    method: 'POST', headers: { ...(await authorization()), 'content-type': 'text/csv' }, body: csv,
  });
  const { importId } = (await answer.json()) as { importId: string };
  const rows = await eventually(async () => {
    const { body } = await request('GET', `/v1/imports/${importId}`);
    return body.state === 'completed' ? body.rows : undefined;
  });
  expect(rows).toMatchObject({ read: 3, created: 1, refused: 2 });
  const refusals = await fetch(new URL(`/v1/imports/${importId}/refusals`, facts.api), { headers: await authorization() });
  expectClean('the refusals', Buffer.from(await refusals.text()));
}

async function authorization(): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${(await readFile(facts.apiKeyFile, 'utf8')).trim()}` };
}

async function filesBelow(folder: string, wanted: (path: string) => boolean): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)).filter(wanted);
}

async function expectNoCanary(files: string[]): Promise<void> {
  for (const file of files) expectClean(file, await readFile(file).catch(() => Buffer.alloc(0)));
}

function expectClean(where: string, content: Buffer): void {
  const text = content.toString('latin1').toLowerCase();
  expect({ where, found: CANARIES.filter((canary) => text.includes(canary)) }).toEqual({ where, found: [] });
}
