import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { sql } from 'kysely';
import { createPool } from '../../db/connection.ts';
import { inCopyTransaction } from '../../db/copy.ts';
import { newId } from '../../db/ids.ts';
import { handOutJournalEntries, journalLag } from '../../db/journal-entries.ts';
import { insertUnclearOptOut, resolveUnclearOptOut } from '../../db/unclear-opt-outs.ts';
import { FolderJournal, pruneJournal, readJournal } from '../../endings/journal/folder-journal.ts';
import type { JournalEntry } from '../../endings/journal/journal.ts';
import { replayJournal } from '../../endings/journal/replay.ts';
import { startJournalRelay } from '../../worker/journal-relay.ts';
import { createHouse, eventually, SOURCE, type House } from '../setup/house.ts';
import { runFolder } from '../setup/suite.ts';

const NOW = new Date('2026-11-24T18:00:00Z');
const CANARY = 'Ada Lovelace said so';

let house: House;
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());

const freshFolder = () => join(runFolder(), `journal-${randomUUID()}`);

async function noted(): Promise<JournalEntry[]> {
  const entries: object[] = [];
  while ((await handOutJournalEntries(house.db, 1_000, (some) => Promise.resolve(void entries.push(...some)))) > 0);
  return entries as JournalEntry[];
}

async function readAll(folder: string, onUnreadable?: () => void): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for await (const portion of readJournal(folder, onUnreadable)) entries.push(...portion);
  return entries;
}

async function consent(leadId: string, kind: 'granted' | 'revoked' | 'expired') {
  const row = {
    id: newId(), lead_id: leadId, acquisition_id: null, kind, channel: 'call' as const, purpose: 'marketing' as const, grade: 'express' as const,
    effect: 'in_force' as const, happened_at: NOW, received_at: NOW, expires_at: null, confirmation: 'none' as const, text_version: CANARY, via: CANARY,
  };
  await house.db.insertInto('consent_event').values(row).execute();
  return row.id;
}

async function suppression(token: bigint) {
  const row = { id: newId(), token, kind: 'opt_out' as const, channel: 'all' as const, reported_at: NOW, received_at: NOW, via: CANARY };
  await house.db.insertInto('suppression').values(row).execute();
  return row.id;
}

/** One of everything that is noted, of a lead of its own; answers the kinds of entries. */
async function everything(): Promise<{ leadId: string; token: bigint; entries: JournalEntry[] }> {
  const { leadId } = await house.acquire();
  const { token } = await house.db.selectFrom('lead').select('token').where('id', '=', leadId).executeTakeFirstOrThrow();
  await consent(leadId, 'granted');
  await consent(leadId, 'revoked');
  await consent(leadId, 'expired');
  const suppressed = await suppression(token!);
  await house.db.updateTable('suppression').set({ lifted_at: NOW, lifted_by: 'key', lifted_reason: CANARY, outlived_at: NOW }).where('id', '=', suppressed).execute();
  await house.db.transaction().execute(async (tx) => {
    const { id } = await insertUnclearOptOut(tx, { lead_id: leadId, channel: 'sms', stated_at: NOW, received_at: NOW, via: CANARY });
    await resolveUnclearOptOut(tx, id, { resolved_at: NOW, resolved_as: 'no_opt_out', resolved_by: 'key' });
  });
  await house.db.insertInto('subject_request').values({ id: newId(), lead_id: leadId, token: token!, kind: 'erasure', via: CANARY, requested_at: NOW, received_at: NOW }).execute();
  await house.db.updateTable('lead').set({ erasure_asked_at: NOW }).where('id', '=', leadId).execute();
  const hold = newId();
  await house.db.insertInto('legal_hold').values({ id: hold, kind: 'lead', lead_id: leadId, reason: CANARY, placed_by: 'key', placed_at: NOW }).execute();
  await house.db.updateTable('legal_hold').set({ released_at: NOW, released_by: 'key', release_reason: CANARY }).where('id', '=', hold).execute();
  const disposal = newId();
  await house.db.insertInto('disposal').values({ id: disposal, lead_id: leadId, ground: 'order', reason: CANARY, opened_by: 'key', opened_at: NOW }).execute();
  await house.db.updateTable('disposal').set({ key_destroyed_at: NOW }).where('id', '=', disposal).execute();
  await house.db.updateTable('disposal').set({ completed_at: NOW, certificate: '{"a": null}' }).where('id', '=', disposal).execute();
  return { leadId, token: token!, entries: await noted() };
}

describe('what is noted for the journal', () => {
  it('is everything that protects a person, and of grants nothing', async () => {
    const { entries } = await everything();
    expect(entries.map(({ kind }) => kind)).toEqual([
      'withdrawal', 'withdrawal', 'suppression', 'lift', 'outlived', 'unclear', 'unclear_resolved', 'request', 'erasure', 'hold', 'hold_released',
      'destroyed', 'disposed',
    ]);
  });

  it('holds ids, pseudonyms, moments and words, and no free text', async () => {
    expect(JSON.stringify((await everything()).entries)).not.toContain(CANARY);
  });

  it('comes with what is copied in as well, in the same transaction', async () => {
    await noted();
    const pool = createPool(house.url, { max: 1 });
    const failing = inCopyTransaction(pool, async ({ db }) => {
      await sql`insert into suppression (id, token, kind, channel, reported_at, received_at)
        select gen_random_uuid(), n, 'opt_out', 'all', now(), now() from generate_series(1, 50) n`.execute(db);
      throw new Error('broken off');
    });
    await expect(failing).rejects.toThrow('broken off');
    expect(await noted()).toEqual([]);
    await pool.end();
  });
});

describe('the journal', () => {
  it('is written by the relay and forgotten by the database only when it is on disk', async () => {
    await suppression(1n);
    const refused = { append: () => Promise.reject(new Error('disk full')) };
    const stuck = startJournalRelay({ db: house.db, journal: refused, log: house.log });
    expect(await eventually(() => Promise.resolve(house.logged.some((line) => line.includes('cannot be written'))))).toBe(true);
    await stuck.stop();
    expect(await journalLag(house.db)).not.toBeNull();
    const folder = freshFolder();
    const relay = startJournalRelay({ db: house.db, journal: new FolderJournal(folder, 'one'), log: house.log });
    await eventually(async () => (await journalLag(house.db)) === null);
    await relay.stop();
    expect(await readAll(folder)).toMatchObject([{ kind: 'suppression', row: { token: '1' } }]);
  });

  it('reads on behind a line that was cut off, and says so', async () => {
    const folder = freshFolder();
    await mkdir(folder, { recursive: true });
    const entry = (leadId: string) => ({ kind: 'disposal' as const, at: NOW.toISOString(), disposalId: randomUUID(), leadId });
    await new FolderJournal(folder, 'one').append([entry('a')]);
    const [name] = await readdir(folder);
    await appendFile(join(folder, name!), `${JSON.stringify(entry('b'))}\n{"kind": "dispo`);
    await new FolderJournal(folder, 'two').append([entry('c')]);
    let unreadable = 0;
    const read = await readAll(folder, () => void (unreadable += 1));
    expect([read.map((each) => ('leadId' in each ? each.leadId : '')), unreadable]).toEqual([['a', 'b', 'c'], 1]);
    expect(await pruneJournal(folder, new Date(Date.now() + 2 * 86_400_000))).toBe(2);
    expect(await readAll(folder)).toEqual([]);
  });
});

describe('a replay', () => {
  const replay = (journalFolder: string) => {
    return house.db.transaction().execute((tx) => replayJournal({ tx, journalFolder, removeObject: null, now: NOW }));
  };

  async function state() {
    const one = async (query: ReturnType<typeof sql>) => (await query.execute(house.db)).rows;
    return {
      suppressions: await one(sql`select token, kind, channel, lifted_at, outlived_at from suppression order by 1, 2, 3, 4`),
      events: await one(sql`select id, lead_id, kind, happened_at from consent_event order by id`),
      unclear: await one(sql`select id, resolved_as from unclear_opt_out order by id`),
      holds: await one(sql`select id, lead_id, released_at from legal_hold order by id`),
      requests: await one(sql`select id, lead_id, kind from subject_request order by id`),
      disposals: await one(sql`select id, lead_id, completed_at, certificate from disposal order by id`),
      leads: await one(sql`select id, token, disposed_at, stage, erasure_asked_at from lead order by id`),
      keys: await one(sql`select lead_id from keyring.subject_key order by 1`),
    };
  }

  /** As a backup from before would bring them back. */
  async function forget({ leadId, token }: { leadId: string; token: bigint }): Promise<void> {
    for (const table of ['unclear_opt_out', 'legal_hold', 'subject_request', 'disposal']) await sql`delete from ${sql.table(table)} where lead_id = ${leadId}`.execute(house.db);
    await sql`delete from suppression where token = ${token}`.execute(house.db);
    await sql`delete from consent_event where lead_id = ${leadId} and kind <> 'granted'`.execute(house.db);
    await sql`update lead set erasure_asked_at = null, disposed_at = null, stage = 'active', token = ${token} where id = ${leadId}`.execute(house.db);
    await noted();
  }

  it('comes to the same in whatever order, portions and repetitions the entries stand', async () => {
    const known = await everything();
    const wanted: unknown[] = [];
    await fc.assert(fc.asyncProperty(
      fc.shuffledSubarray(known.entries, { minLength: known.entries.length }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 3 }),
      async (entries, writers, times) => {
        await forget(known);
        const folder = freshFolder();
        for (let n = 0; n < times; n += 1) {
          const journals = Array.from({ length: writers }, (_, nth) => new FolderJournal(folder, `writer-${nth}`));
          for (const [nth, entry] of entries.entries()) await journals[nth % writers]!.append([entry]);
        }
        await replay(folder);
        const once = await state();
        await replay(folder);
        expect(await state()).toEqual(once);
        wanted.push(once);
        expect(once).toEqual(wanted[0]);
      },
    ), { numRuns: 12 });
    const { leads, keys, disposals } = await state();
    expect(leads).toContainEqual(expect.objectContaining({ id: known.leadId, token: null, stage: 'disposed' }));
    expect(keys).not.toContainEqual({ lead_id: known.leadId });
    expect(disposals).toContainEqual(expect.objectContaining({ lead_id: known.leadId, certificate: { a: null } }));
  });

  it('lets what was said by persons who are in no backup stand against their numbers', async () => {
    const folder = freshFolder();
    const at = NOW.toISOString();
    const row = { lead_id: randomUUID(), channel: 'sms', purpose: 'all', happened_at: at, received_at: at, stated_at: at, grade: 'express', effect: 'in_force', confirmation: 'none' };
    await new FolderJournal(folder, 'one').append([
      { kind: 'withdrawal', at, token: '71', row: { ...row, id: newId(), kind: 'revoked' } },
      { kind: 'withdrawal', at, token: '72', row: { ...row, id: newId(), kind: 'expired' } },
      { kind: 'unclear', at, token: '73', row: { ...row, id: newId() } },
      { kind: 'hold', at, row: { id: newId(), kind: 'source', source_id: SOURCE.id, placed_by: 'key', placed_at: at } },
      { kind: 'hold', at, row: { id: newId(), kind: 'lead', lead_id: randomUUID(), placed_by: 'key', placed_at: at } },
    ]);
    const { kinds } = await replay(folder);
    expect(kinds).toEqual({
      withdrawal: { put: 1, known: 0, impossible: 1 },
      unclear: { put: 1, known: 0, impossible: 0 },
      hold: { put: 1, known: 0, impossible: 1 },
    });
    const standing = await house.db.selectFrom('suppression').select(['token', 'kind', 'channel']).where('token', 'in', [71n, 72n, 73n]).orderBy('token').execute();
    expect(standing).toEqual([{ token: 71n, kind: 'opt_out', channel: 'sms' }, { token: 73n, kind: 'opt_out', channel: 'sms' }]);
  });

  it('takes a folder that is not there for an empty journal', async () => {
    expect(await replay(freshFolder())).toEqual({ kinds: {}, disposals: 0, unreadable: 0, lastAt: null });
  });

  it('is of files that nobody but their owner reads', async () => {
    const folder = freshFolder();
    await new FolderJournal(folder, 'one').append([{ kind: 'disposal', at: NOW.toISOString(), disposalId: randomUUID(), leadId: randomUUID() }]);
    const [name] = await readdir(folder);
    expect((await stat(join(folder, name!))).mode & 0o777).toBe(0o600);
  });
});
