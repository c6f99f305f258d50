import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createPool } from '../../db/connection.ts';
import { newId } from '../../db/ids.ts';
import { receiveRelease, storeListFile, type ReleaseDeps } from '../../dnc/releases.ts';
import { MOST_BYTES } from '../../proof/sections.ts';
import { verifyProof } from '../../proof/verify.ts';
import { work } from '../dnc/registry.ts';
import { runFolder } from '../setup/suite.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

const PHONE = '+12025550142';
const NUMBER = Number(PHONE.slice(1));
const QUESTION = { channel: 'call', purpose: 'marketing', campaign: 'spring', seller: 'acme', dialerMode: 'manual', callerId: '+12025550100' };
const UNKNOWN = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';
const DAY_MS = 86_400_000;

let api: RunningApi;
let deps: ReleaseDeps;
let pool: ReturnType<typeof createPool>;

beforeAll(async () => {
  api = await startApi();
  pool = createPool(api.databaseUrl, { max: 6 });
  const { vault, signing, now } = api.context;
  deps = { db: api.db, pool, vault, signing, listFolder: join(runFolder(), `lists-${randomUUID()}`), now };
  await api.call('POST', '/v1/sources', { body: SOURCE });
  await api.call('POST', '/v1/leads', { body: leadBody({ phone: PHONE }) });
  for (const [id, jurisdiction] of [['us-federal', 'US'], ['own', 'US-DC']] as const) {
    await api.db.insertInto('dnc_list').values({ id, jurisdiction, name: id, effect: 'block_unless_consent', created_at: new Date() }).execute();
  }
});
afterAll(async () => {
  await pool.end();
  await api.stop();
});

let days = 20;

async function release(list: string, numbers: readonly number[], kind: 'full' | 'change' = 'full', op: 'add' | 'remove' | null = null) {
  const id = newId();
  const stored = await storeListFile(deps.listFolder, id, Readable.from([Buffer.from(numbers.map((number) => `+${number}\n`).join(''))]));
  const asOf = new Date(Date.now() - (days -= 1) * DAY_MS);
  const row = { id, list, kind, format: 'lines', op, areaCodes: null, asOf, dryRun: false, receivedAt: new Date(), receivedBy: 'officer', ...stored };
  await api.db.transaction().execute((tx) => receiveRelease(tx, row));
  return work(deps, id);
}

const clear = async (): Promise<string> => (await api.call('POST', '/v1/clearances', { body: { phone: PHONE, ...QUESTION } })).json.clearanceId;
const proofOf = (id: string, lists = 'paths') => api.call('GET', `/v1/clearances/${id}/proof?lists=${lists}`, { as: 'auditor' });
const listing = (clearanceId: string, list = 'us-federal') => api.call('POST', '/v1/dnc/proof', { as: 'auditor', body: { clearanceId, list } });

async function openingOf(id: string): Promise<string> {
  return (await api.call('GET', `/v1/clearances/${id}/opening`, { headers: { 'access-reason': 'asked by the person' } })).json.opening;
}

/** What the holder of the number finds out with the file, the published keys and the opening, and nothing else. */
async function found(proof: unknown, id: string): Promise<string[]> {
  const trusted = api.context.signing.published.map(({ x }) => x);
  const { valid, checks } = verifyProof(proof, { trusted, claim: { e164: PHONE, opening: await openingOf(id) } });
  expect(valid).toBe(true);
  return checks.filter(({ name }) => name === 'listing').map(({ ok, detail }) => `${ok} ${detail}`);
}

describe('the proof of a clearance', () => {
  it('shows by the release of its moment whether the number was on the list, whatever came after', async () => {
    const before = await release('us-federal', [NUMBER + 1, NUMBER + 2, 12125550143, 442079460000]);
    const free = await clear();
    await release('us-federal', [NUMBER, 13055550143], 'change', 'add');
    const listed = await clear();
    await release('us-federal', [NUMBER, NUMBER + 1, NUMBER + 2], 'change', 'remove');
    await release('us-federal', [NUMBER + 7], 'change', 'add');
    const again = await clear();
    const proof = (await proofOf(free)).json;
    const stated = { number: 1, root: before.root, signature: { alg: 'Ed25519' } };
    expect(proof.lists).toMatchObject([{ list: 'us-federal', releaseId: before.id, release: stated }]);
    expect(await found(proof, free)).toEqual(['true us-federal: the number was NOT ON the list in release 1.']);
    expect(await found((await proofOf(listed)).json, listed)).toEqual(['true us-federal: the number was ON the list in release 2.']);
    expect(await found((await proofOf(again)).json, again)).toEqual(['true us-federal: the number was NOT ON the list in release 4.']);
  });

  it('is as small as ever, and without being asked says nothing of the block', async () => {
    await release('own', Array.from({ length: 4_000 }, (_, nth) => 12025550000 + nth * 2 + 1));
    const id = await clear();
    const [plain, full] = [await proofOf(id, 'roots'), await proofOf(id)];
    expect(plain.json.lists.map(({ path }: { path?: unknown }) => path)).toEqual([undefined, undefined]);
    expect(plain.json.issuer.listPaths).toBe('/v1/dnc/proof');
    expect(full.text.length).toBeLessThanOrEqual(MOST_BYTES);
    for (const { path, pathDigest } of full.json.lists) expect(path === undefined).not.toBe(pathDigest === undefined);
    const alone = await listing(id, 'own');
    expect(alone.text.length).toBeLessThan(5_000);
    expect(await found(alone.json, id)).toEqual(['true own: the number was NOT ON the list in release 1.']);
    expect([alone.json.clearanceId, alone.json.person]).toEqual([id, plain.json.person]);
    for (const { text } of [plain, full, alone]) expect(text).not.toContain(PHONE.slice(2));
  });

  it('is checked by the API in the same way', async () => {
    const id = await clear();
    const { json: proof } = await listing(id);
    const verify = (body: object) => api.call('POST', '/v1/proofs/verify', { as: 'agent', body });
    const { json } = await verify({ proof, phone: PHONE, opening: await openingOf(id) });
    expect([json.valid, json.explanation]).toEqual([true, expect.stringContaining('us-federal: the number was NOT ON the list in release 4')]);
    const { checks } = (await verify({ proof, phone: PHONE })).json;
    expect(checks.map(({ ok }: { ok: unknown }) => ok)).toEqual([true, true, true, true, null, true, true]);
    expect((await verify({ proof, phone: '+12125550142' })).json.valid).toBe(false);
    const [list] = proof.lists;
    expect((await verify({ proof: { ...proof, lists: [{ ...list, asOf: '2026-01-01T00:00:00.000Z' }] } })).json.valid).toBe(false);
  });

  it('is given of lists that were looked at, and of numbers that can be read', async () => {
    const id = await clear();
    expect((await listing(id, 'gb-tps')).json.code).toBe('unknown_list');
    expect((await listing(UNKNOWN)).json.code).toBe('unknown_clearance');
    expect((await listing('rubbish')).status).toBe(422);
    await api.db.deleteFrom('keyring.subject_key').execute();
    expect((await listing(id)).json.code).toBe('number_unknown');
    const { status, json } = await proofOf(id);
    expect([status, json.lists.at(-1).path, json.lists.at(-1).release.number]).toEqual([200, undefined, 4]);
  });
});
