import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { inCopyTransaction } from '../../db/copy.ts';
import { matchQuery, pinMatching } from '../../db/dnc-matches.ts';
import { findRelease } from '../../db/dnc-releases.ts';
import { connect, type Db } from '../../db/connection.ts';
import { newId } from '../../db/ids.ts';
import { findImport, insertImport } from '../../db/imports.ts';
import { activateRelease } from '../../dnc/activate.ts';
import { prepareRelease } from '../../dnc/prepare.ts';
import { acquireLead } from '../../intake/acquire.ts';
import { importFile } from '../../intake/import/import-file.ts';
import { storeUpload } from '../../intake/import/upload.ts';
import { Readable } from 'node:stream';
import { acquisition, SOURCE } from '../setup/house.ts';
import { createRegistry, NEVER, type Registry } from './registry.ts';

let registry: Registry;
let db: Db;
beforeAll(async () => {
  registry = await createRegistry();
  db = connect(registry.url, { max: 20 });
});
afterAll(async () => {
  await db.destroy();
  await registry.close();
});

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
const range = (first: number, count: number) => Array.from({ length: count }, (_, nth) => first + nth);
const acquire = (number: number) => db.transaction().execute((tx) => {
  return acquireLead(tx, registry.vault, acquisition({ phone: `+${number}` }));
});

/** Each of the leads is on the list if its number is, and no other way. */
async function expectTruth(list: string, leads: ReadonlyMap<number, string>, numbers: readonly number[]): Promise<void> {
  const listed = new Set(numbers);
  const expected = [...leads].flatMap(([number, leadId]) => (listed.has(number) ? [leadId] : [])).sort();
  expect(await registry.listed(list)).toEqual(expected);
  expect(await registry.db.selectFrom('dnc_latecomer').selectAll().execute()).toEqual([]);
}

describe('leads that come in while releases are activated', () => {
  it('are on the list in the end exactly if their number is, in both directions', async () => {
    await registry.addList('busy');
    const odd = range(12025550000, 300).filter((number) => number % 2 === 1);
    const third = range(12025550000, 300).filter((number) => number % 3 === 0);
    await registry.db.insertInto('settings').values({
      version: 1, created_at: new Date(), created_by: 'test',
      document: JSON.stringify({ ...(await import('../../domain/settings.ts')).DEFAULT_SETTINGS, lists: { required: [], maxDrop: 1 } }),
    }).execute();
    await registry.release('busy', odd, { asOf: daysAgo(9) });
    const leads = new Map<number, string>();
    const arrivals = (async () => {
      const waiting = range(12025550000, 300);
      await Promise.all(Array.from({ length: 8 }, async () => {
        for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
          leads.set(number, (await acquire(number)).leadId);
        }
      }));
    })();
    for (const [nth, numbers] of [third, odd, third, odd, third].entries()) {
      expect(await registry.release('busy', numbers, { asOf: daysAgo(8 - nth) })).toMatchObject({ state: 'in_force' });
    }
    await arrivals;
    await expectTruth('busy', leads, third);
  });

  it('are looked up in what is staged when the activation has begun, and reconciled at its end', async () => {
    await registry.addList('marked');
    const before = [12035550000, ...range(12035551000, 100)];
    await registry.release('marked', before, { asOf: daysAgo(9) });
    const file = [...range(12035550001, 150), ...range(12035551000, 100)].map((number) => `+${number}\n`).join('');
    const { releaseId } = await registry.receive('marked', file, { asOf: daysAgo(8) });
    expect(await prepareRelease(registry.deps, releaseId, () => undefined, NEVER)).toBe('ready');
    await registry.db.updateTable('dnc_list').set({ activating: releaseId }).where('id', '=', 'marked').execute();
    const [freed, hit, neither, both] = await Promise.all([12035550000, 12035550001, 12035559999, 12035551000].map(acquire));
    const latecomers = await registry.db.selectFrom('dnc_latecomer').selectAll().execute();
    const expected = [[freed?.leadId, false], [hit?.leadId, true]].sort();
    expect(latecomers.map(({ lead_id, listed }) => [lead_id, listed]).sort()).toEqual(expected);
    expect(await activateRelease(registry.deps, releaseId, () => undefined, NEVER)).toBe('in_force');
    expect(await registry.listed('marked')).toEqual([hit?.leadId, both?.leadId].sort());
    expect(neither?.leadId).toBeDefined();
  });

  it('in an import are on the list in the end exactly if their number is', async () => {
    await registry.addList('bulk');
    const numbers = range(12045550000, 3_000);
    const odd = numbers.filter((number) => number % 2 === 1);
    const even = numbers.filter((number) => number % 2 === 0);
    await registry.release('bulk', odd, { asOf: daysAgo(9) });
    const importId = newId();
    const file = `phone\n${numbers.map((number) => `+${number}`).join('\n')}\n`;
    const { uploadFolder, vault } = registry;
    const stored = await storeUpload({ folder: uploadFolder, vault }, importId, Readable.from([Buffer.from(file)]));
    const parameters = { mapping: { phone: 'phone' }, acquiredAt: '2026-01-01T00:00:00Z' };
    const brought = { id: importId, sourceId: SOURCE.id, format: 'csv' as const, parameters, receivedAt: new Date(), ...stored };
    await registry.db.transaction().execute((tx) => insertImport(tx, brought));
    const importing = importFile({ db, pool: registry.deps.pool, vault, uploadFolder, now: () => new Date() }, importId);
    for (const [nth, list] of [even, odd, even].entries()) await registry.release('bulk', list, { asOf: daysAgo(8 - nth) });
    await importing;
    expect(await findImport(registry.db, importId)).toMatchObject({ state: 'completed', rows: { created: 3_000 } });
    const { rows: [count] } = await sql<{ hits: bigint }>`
      select count(*) as hits from dnc_hit where list_id = 'bulk' and freed_by is null`.execute(registry.db);
    expect(count?.hits).toBe(BigInt(even.length));
  });
});

describe('two releases at once', () => {
  it('come into force one after the other, in the order of their moments', async () => {
    await registry.addList('twice');
    const leads = new Map<number, string>();
    for (const number of range(12055550000, 6)) leads.set(number, (await acquire(number)).leadId);
    await registry.release('twice', range(12055550000, 100), { asOf: daysAgo(9) });
    const later = await registry.receive('twice', '+12055550000\n', { kind: 'change', op: 'remove', asOf: daysAgo(5) });
    const earlier = await registry.receive('twice', '+12055550000\n+12055550001\n', { kind: 'change', op: 'remove', asOf: daysAgo(6) });
    const [two, one] = await Promise.all([registry.work(later.releaseId), registry.work(earlier.releaseId)]);
    expect([one?.number, two?.number, one?.removed, two?.removed]).toEqual([2, 3, 2, 0]);
    await expectTruth('twice', leads, range(12055550002, 98));
  });

  it('of the same preparation are activated once', async () => {
    await registry.addList('again');
    const { releaseId } = await registry.receive('again', '+12065550000\n');
    await prepareRelease(registry.deps, releaseId, () => undefined, NEVER);
    const activated = await Promise.all([1, 2].map(() => activateRelease(registry.deps, releaseId, () => undefined, NEVER)));
    expect(activated).toEqual(['in_force', 'in_force']);
    expect(await findRelease(registry.db, releaseId)).toMatchObject({ number: 1 });
  });
});

describe('an activation that breaks off', () => {
  const BREAKS = ['dnc_hit', 'outbox', 'dnc_flip', 'dnc_block', 'dnc_release'] as const;

  it.each(BREAKS)('at %s leaves the list as it was, and the next attempt brings it to its end', async (table) => {
    const list = `breaks-${table.replaceAll('_', '-')}`;
    await registry.addList(list);
    const base = BREAKS.indexOf(table) * 1_000 + 12075550000;
    const leads = new Map<number, string>();
    for (const number of [base, base + 1, base + 2]) leads.set(number, (await acquire(number)).leadId);
    const first = await registry.release(list, range(base + 1, 100), { asOf: daysAgo(9) });
    const file = [base, ...range(base + 2, 99)].map((number) => `+${number}\n`).join('');
    const { releaseId } = await registry.receive(list, file, { asOf: daysAgo(8) });
    await prepareRelease(registry.deps, releaseId, () => undefined, NEVER);
    await sql.raw(`create function break_off() returns trigger language plpgsql as $$ begin raise exception 'broken off'; end $$`).execute(registry.db);
    const moment = table === 'dnc_release' ? `update on dnc_release for each row when (new.state = 'in_force')` : `insert on ${table} for each row`;
    await sql.raw(`create trigger break_off before ${moment} execute function break_off()`).execute(registry.db);
    await expect(activateRelease(registry.deps, releaseId, () => undefined, NEVER)).rejects.toThrow();
    await sql.raw('drop function break_off cascade').execute(registry.db);
    expect(await registry.db.selectFrom('dnc_list').select('release_id').where('id', '=', list).executeTakeFirst()).toEqual({ release_id: first.id });
    await expectTruth(list, leads, range(base + 1, 100));
    leads.set(base + 50, (await acquire(base + 50)).leadId);
    expect(await registry.work(releaseId)).toMatchObject({ state: 'in_force', number: 2 });
    await expectTruth(list, leads, [base, ...range(base + 2, 99)]);
  });

  it('because what was staged is lost is prepared again', async () => {
    await registry.addList('lost');
    const { releaseId } = await registry.receive('lost', '+12085550000\n');
    await prepareRelease(registry.deps, releaseId, () => undefined, NEVER);
    await registry.db.deleteFrom('dnc_staged_block').where('release_id', '=', releaseId).execute();
    expect(await activateRelease(registry.deps, releaseId, () => undefined, NEVER)).toBe('again');
    expect(await registry.work(releaseId)).toMatchObject({ state: 'in_force', numbers: 1 });
  });
});

describe('the look-up of flipped numbers', () => {
  const situations: [number, string, boolean][] = [
    [0, 'counted', true], [20_000, 'not counted yet', false], [40_000, 'counted', true],
  ];
  it.each(situations)('finds leads by the index on their tokens, with %i more of them, %s', async (more, _, counted) => {
    await sql`
      insert into lead (id, token, jurisdictions, stage_since, source_id, created_at)
      select gen_random_uuid(), ${more} - nth * 7919, '{US}', now(), ${SOURCE.id}, now() from generate_series(1, ${more}) nth`.execute(registry.db);
    if (counted) await sql`analyze lead`.execute(registry.db);
    const plan = await inCopyTransaction(registry.deps.pool, async (transaction) => {
      await pinMatching(transaction.db);
      // As it is planned for every portion of tokens: without looking at them.
      await sql.raw(`prepare look_up as ${matchQuery(new BigInt64Array()).compile(transaction.db).sql}`).execute(transaction.db);
      const { rows } = await sql<{ 'QUERY PLAN': string }>`explain execute look_up('{1,2,3}')`.execute(transaction.db);
      await sql`deallocate look_up`.execute(transaction.db);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    });
    expect(plan).toContain('Index Scan using lead_token_collision_key on lead');
    expect(plan).toContain('Index Cond: (token = ANY ($1))');
    expect(plan).not.toContain('Seq Scan on lead');
  });
});
