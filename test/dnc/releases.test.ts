import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { approveRelease, abandonRelease } from '../../db/dnc-releases.ts';
import { newId } from '../../db/ids.ts';
import { sql } from 'kysely';
import { gzipSync } from 'node:zlib';
import { currentlyListed, listedAsOf } from '../../dnc/look-up.ts';
import { isReleaseSignedWith } from '../../proof/release-statement.ts';
import { acquisition } from '../setup/house.ts';
import { createRegistry, type Registry } from './registry.ts';

let registry: Registry;
beforeAll(async () => void (registry = await createRegistry()));
afterAll(() => registry.close());

const DAY_MS = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
const range = (first: number, count: number) => Array.from({ length: count }, (_, nth) => first + nth);

let lists = 0;
const newList = async (changes: Parameters<Registry['addList']>[1] = {}) => {
  const id = `list-${++lists}`;
  await registry.addList(id, changes);
  return id;
};

describe('a full release', () => {
  it('comes into force with its counts, its root and a signature over them', async () => {
    const list = await newList();
    const release = await registry.release(list, [12025550001, 12025550002, 12125550003, 442079460000], { asOf: daysAgo(2) });
    expect(release).toMatchObject({
      state: 'in_force', number: 1, numbers: 4, foreign: 1, added: 4, removed: 0, refused: 0, lines: 4, leaves: 3, problem: null,
      leads: { checked: 4, hit: 0, freed: 0 },
    });
    const [key] = registry.signing.published;
    const { id: releaseId, asOf, sha256, root, inForceFrom, signature } = release;
    const statement = {
      list, releaseId, number: 1, kind: 'full' as const, asOf, sha256, numbers: 4, leaves: 3, root: root ?? '', inForceFrom: inForceFrom ?? new Date(0),
    };
    expect(signature?.kid).toBe(key?.kid);
    expect(isReleaseSignedWith(key?.x ?? '', statement, signature?.value ?? '')).toBe(true);
    expect(isReleaseSignedWith(key?.x ?? '', { ...statement, numbers: 5 }, signature?.value ?? '')).toBe(false);
  });

  it('hits exactly the leads on it, tells them, and writes nothing about anybody else', async () => {
    const list = await newList();
    const leads = await Promise.all(range(12035550000, 20).map((number) => registry.acquire({ phone: `+${number}` })));
    await sql`delete from outbox`.execute(registry.db);
    const release = await registry.release(list, range(12035550005, 5));
    const expected = leads.slice(5, 10).map(({ leadId }) => leadId).sort();
    expect(await registry.listed(list)).toEqual(expected);
    expect(release.leads).toEqual({ checked: 5, hit: 5, freed: 0 });
    const news = await registry.db.selectFrom('outbox').selectAll().where('workflow', '=', 'lead').execute();
    expect(news.map(({ subject }) => subject).sort()).toEqual(expected);
    expect(new Set(news.map(({ signal, lane, fact_id }) => `${signal} ${lane} ${fact_id}`))).toEqual(new Set([`listChanged 1 ${release.id}`]));
  });

  it('tells two leads who share a token apart by their numbers', async () => {
    const list = await newList();
    const [meant, neighbour] = [await registry.acquire({ phone: '+12065550001' }), await registry.acquire({ phone: '+12065550002' })];
    await sql`
      update lead set collision = 1, token = (select token from lead where id = ${meant.leadId})
      where id = ${neighbour.leadId}`.execute(registry.db);
    const hit = await registry.release(list, [12065550001], { asOf: daysAgo(3) });
    expect(hit.leads).toEqual({ checked: 1, hit: 1, freed: 0 });
    expect(await registry.listed(list)).toEqual([meant.leadId]);
    const freed = await registry.release(list, [12065550001], { kind: 'change', op: 'remove', asOf: daysAgo(2) });
    expect(freed.leads).toEqual({ checked: 1, hit: 0, freed: 1 });
    expect(await registry.listed(list)).toEqual([]);
  });

  it('replaces only the area codes that it is for, whether they are named or found in it', async () => {
    const list = await newList();
    await registry.release(list, [...range(12025550000, 10), ...range(13125550000, 10)], { asOf: daysAgo(9) });
    const named = await registry.release(list, range(12025550000, 10), { areaCodes: [202], asOf: daysAgo(8) });
    expect(named).toMatchObject({ state: 'in_force', numbers: 20, removed: 0, added: 0 });
    const found = await registry.release(list, [...range(12025550001, 9), 12025550999], { areaCodes: 'in-file', asOf: daysAgo(7) });
    expect(found).toMatchObject({ state: 'in_force', numbers: 20, removed: 1, added: 1 });
    const [listings] = await currentlyListed(registry.db, [13125550005], [list]);
    expect(listings).toHaveLength(1);
  });

  it('that drops more than its share waits for a person, and comes into force when one has approved it', async () => {
    const list = await newList();
    await registry.release(list, range(12045550000, 100), { asOf: daysAgo(5) });
    const waiting = await registry.release(list, range(12045550000, 94), { asOf: daysAgo(4) });
    expect(waiting).toMatchObject({ state: 'awaiting_approval', removed: 6 });
    expect(await currentlyListed(registry.db, [12045550099], [list])).toEqual([[expect.objectContaining({ list })]]);
    expect(await registry.db.transaction().execute((tx) => approveRelease(tx, waiting.id, 'another', new Date()))).toBe(true);
    expect(await registry.work(waiting.id)).toMatchObject({ state: 'in_force', numbers: 94, approvedBy: 'another' });
    expect(await currentlyListed(registry.db, [12045550099], [list])).toEqual([[]]);
  });

  it('that drops just its share needs nobody', async () => {
    const list = await newList();
    await registry.release(list, range(12045550000, 100), { asOf: daysAgo(5) });
    expect(await registry.release(list, range(12045550000, 95), { asOf: daysAgo(4) })).toMatchObject({ state: 'in_force' });
  });

  it('that waits is superseded by a newer one that comes into force', async () => {
    const list = await newList();
    await registry.release(list, range(12045550000, 100), { asOf: daysAgo(5) });
    const waiting = await registry.release(list, range(12045550000, 10), { asOf: daysAgo(4) });
    await registry.release(list, range(12045550000, 99), { asOf: daysAgo(3) });
    expect(await registry.work(waiting.id)).toMatchObject({ state: 'superseded' });
  });
});

describe('a file', () => {
  const fails = async (file: string | Buffer, changes: Parameters<Registry['receive']>[2], code: string) => {
    const list = await newList();
    const before = await registry.release(list, range(12055550000, 100), { asOf: daysAgo(9) });
    const { releaseId } = await registry.receive(list, file, { asOf: daysAgo(1), ...changes });
    expect(await registry.work(releaseId)).toMatchObject({ state: 'failed', problem: { code } });
    const state = await registry.db.selectFrom('dnc_list').selectAll().where('id', '=', list).executeTakeFirstOrThrow();
    expect(state).toMatchObject({ release_id: before.id, latest: 1, activating: null });
    expect(await registry.db.selectFrom('dnc_staged_block').select('prefix').where('release_id', '=', releaseId).execute()).toEqual([]);
  };
  const text = range(12055550000, 100).map((number) => `+${number}\n`).join('');

  it('that is cut off fails', () => fails(gzipSync(text).subarray(0, 60), {}, 'file_truncated'));
  it('in another format than was said fails', () => fails(text, { format: 'ftc_full' }, 'wrong_format'));
  it('with too many unreadable lines fails', () => fails(`${text}none\nnone\n`, {}, 'too_many_refused'));
  it('with no number at all fails', () => fails('', {}, 'no_numbers'));
  it('that is not the one received fails', () => fails(text, { sha256: 'f'.repeat(64) }, 'file_altered'));
  it('older than the release in force fails', () => fails(text, { asOf: daysAgo(10) }, 'older_than_in_force'));

  it('with one unreadable line in a hundred is used, and the line is reported without its words', async () => {
    const list = await newList();
    const { releaseId } = await registry.receive(list, `${text.slice(0, -13)}secret\n`);
    expect(await registry.work(releaseId)).toMatchObject({ state: 'in_force', refused: 1, refusals: [{ line: 100, code: 'letters' }] });
  });

  it('sent again is the same release', async () => {
    const list = await newList();
    const asOf = daysAgo(3);
    const first = await registry.receive(list, text, { asOf });
    expect(await registry.receive(list, text, { asOf })).toEqual({ releaseId: first.releaseId, replayOf: true, state: 'receiving' });
    await registry.work(first.releaseId);
    expect(await registry.receive(list, text, { asOf })).toEqual({ releaseId: first.releaseId, replayOf: true, state: 'in_force' });
    const later = await registry.receive(list, text, { asOf: daysAgo(2) });
    expect(await registry.work(later.releaseId)).toMatchObject({ state: 'in_force', number: 2, added: 0, removed: 0, numbers: 100 });
  });

  it('that failed or was given up can be sent again', async () => {
    const list = await newList();
    const asOf = daysAgo(3);
    const first = await registry.receive(list, text, { asOf });
    await registry.db.transaction().execute((tx) => abandonRelease(tx, first.releaseId, 'officer', new Date()));
    expect(await registry.work(first.releaseId)).toMatchObject({ state: 'failed', problem: { code: 'abandoned' }, abandonedBy: 'officer' });
    expect((await registry.receive(list, text, { asOf })).replayOf).toBe(false);
  });

  it('of a moment to come, of no list, of no kind, or a change without a base is refused at once', async () => {
    const list = await newList();
    const code = (changes: Parameters<Registry['receive']>[2], of = list) => {
      return registry.receive(of, text, changes).then(() => null, (error: unknown) => (error as { code: string }).code);
    };
    expect(await code({ asOf: new Date(Date.now() + 60_000) })).toBe('release_in_future');
    expect(await code({}, 'nowhere')).toBe('unknown_list');
    expect(await code({ kind: 'change', format: 'ftc_full' })).toBe('invalid_request');
    expect(await code({ kind: 'change' })).toBe('invalid_request');
    expect(await code({ kind: 'change', op: 'add' })).toBe('change_without_base');
  });
});

describe('a change release', () => {
  it('adds and removes in the order of its file: the last word on a number counts', async () => {
    const list = await newList();
    await registry.release(list, range(12065550000, 10), { asOf: daysAgo(5) });
    const file = '206,5550000,D\n206,5550010,A\n206,5550010,D\n206,5550011,D\n206,5550011,A\n206,5550001,A\n';
    const { releaseId } = await registry.receive(list, file, { kind: 'change', format: 'ftc_change_csv', asOf: daysAgo(4) });
    expect(await registry.work(releaseId)).toMatchObject({ state: 'in_force', numbers: 10, added: 1, removed: 1 });
    const listed = await currentlyListed(registry.db, range(12065550000, 12), [list]);
    expect(listed.map((listings) => listings.length)).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1]);
  });

  it('waits for the full release before it', async () => {
    const list = await newList();
    const full = await registry.receive(list, '+12065550001\n', { asOf: daysAgo(5) });
    const change = await registry.receive(list, '+12065550002\n', { kind: 'change', op: 'add', asOf: daysAgo(4) });
    const [last] = await Promise.all([registry.work(change.releaseId), registry.work(full.releaseId)]);
    expect(last).toMatchObject({ state: 'in_force', number: 2, numbers: 2 });
  });
});

describe('a dry run', () => {
  it('says what would change and changes nothing', async () => {
    const list = await newList();
    await registry.acquire({ phone: '+12075550001' });
    await registry.acquire({ phone: '+12075550050' });
    await registry.release(list, range(12075550000, 40), { asOf: daysAgo(5) });
    const dry = await registry.release(list, range(12075550002, 60), { asOf: daysAgo(4), dryRun: true });
    expect(dry).toMatchObject({
      state: 'superseded', dryRun: true, number: null, added: 22, removed: 2, numbers: 60, leads: { checked: 24, hit: 1, freed: 1 },
    });
    expect(await registry.listed(list)).toHaveLength(1);
    const { latest } = await registry.db.selectFrom('dnc_list').select('latest').where('id', '=', list).executeTakeFirstOrThrow();
    expect(latest).toBe(1);
  });
});

describe('a lead', () => {
  it('is looked up as it comes in, by the release that first shows its number', async () => {
    const list = await newList();
    const first = await registry.release(list, [12085550001], { asOf: daysAgo(9) });
    await registry.release(list, [12085550001, 12085550002], { asOf: daysAgo(8) });
    const { leadId } = await registry.acquire({ phone: '+12085550001' });
    const hits = await registry.db.selectFrom('dnc_hit').selectAll().where('lead_id', '=', leadId).execute();
    expect(hits).toEqual([expect.objectContaining({ list_id: list, release_id: first.id, since: first.asOf, freed_by: null })]);
  });

  it('that is freed keeps the evidence, and is hit anew by the release that lists it again', async () => {
    const list = await newList();
    const { leadId } = await registry.acquire({ phone: '+12095550001' });
    const others = range(12095550100, 100);
    const one = await registry.release(list, [12095550001, ...others], { asOf: daysAgo(9) });
    const two = await registry.release(list, others, { asOf: daysAgo(8) });
    const three = await registry.release(list, [12095550001, ...others], { asOf: daysAgo(7) });
    const hits = await registry.db.selectFrom('dnc_hit').selectAll().where('lead_id', '=', leadId).orderBy('since').execute();
    expect(hits.map(({ release_id, freed_by }) => [release_id, freed_by])).toEqual([[one.id, two.id], [three.id, null]]);
    const [past] = await listedAsOf(registry.db, [12095550001], { list, asOf: daysAgo(6) });
    expect(past).toEqual([expect.objectContaining({ releaseId: three.id, since: three.asOf })]);
  });

  it('loses the consents that it gave before an annulling register showed its number, for good', async () => {
    const list = await newList({ jurisdiction: 'IT', effect: 'annul_consent' });
    const consent = { channel: 'call', purpose: 'marketing', expiresAt: null } as const;
    const before = acquisition({ phone: '+390612345678', country: 'IT', consents: [{ ...consent, obtainedAt: daysAgo(20) }] });
    const after = acquisition({ phone: '+390612345679', country: 'IT', consents: [{ ...consent, obtainedAt: daysAgo(5) }] });
    const none = acquisition({ phone: '+390612345670', country: 'IT' });
    await registry.db.insertInto('webhook_endpoint').values({
      id: newId(), url: 'https://crm.example.com/', host: 'crm.example.com', events: ['consent.changed'], secret: Buffer.of(1),
      description: null, created_at: new Date(), created_by: 'key:test',
    }).execute();
    const [lost, kept, bare] = await Promise.all([before, after, none].map((brought) => registry.acquire(brought)));
    await registry.release(list, [390612345678, 390612345679, 390612345670], { asOf: daysAgo(10) });
    const late = await registry.acquire(acquisition({ ...before, phone: '+390612345677' }));
    const events = await registry.db.selectFrom('consent_event').selectAll().where('kind', '=', 'annulled').execute();
    expect(events).toEqual([expect.objectContaining({
      lead_id: lost?.leadId, channel: 'call', purpose: 'all', happened_at: expect.any(Date), via: 'registry',
    })]);
    expect([kept?.leadId, bare?.leadId, late.leadId]).not.toContain(events[0]?.lead_id);
    const heard = await registry.db.selectFrom('webhook_delivery').select(['fact_id', 'words']).where('lead_id', '=', lost!.leadId).orderBy('seq').execute();
    expect(heard.at(-1)).toEqual({ fact_id: events[0]?.id, words: { kind: 'annulled', channel: 'call', purpose: 'all' } });
  });
});
