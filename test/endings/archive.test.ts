import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { createArchiveActivities } from '../../activities/archive.ts';
import { createReconciliationActivities } from '../../activities/reconciliation.ts';
import { createReviewActivities } from '../../activities/review.ts';
import { sealForLead } from '../../db/person-records.ts';
import { newId } from '../../db/ids.ts';
import { lockToken } from '../../db/leads.ts';
import { plus } from '../../domain/civil-time.ts';
import type { ArchiveStore } from '../../endings/archive/archive-store.ts';
import { bundleOf, rowsOf } from '../../endings/archive/bundle.ts';
import { randomBytes } from 'node:crypto';
import { createHouse, SOURCE, type House } from '../setup/house.ts';
import { AT, HEADER, importInto } from '../intake/import/importing.ts';
import { hotRows, placeOf, quietLead } from './archive-house.ts';
import { retrieve } from './retrieving.ts';

let house: House;
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());

const now = () => new Date();
const over = (archive: ArchiveStore, clock = now) => createArchiveActivities({ ...house, archive, now: clock });
const archive = (leadId: string, store: ArchiveStore = house.archive) => over(store).archiveLead(leadId);
const bringBack = (leadId: string, store: ArchiveStore = house.archive) => over(store).bringBackLead(leadId);
const review = (leadId: string, clock = now) => createReviewActivities({ ...house, now: clock }).reviewLead(leadId);
const place = (leadId: string) => placeOf(house, house.archive, leadId);
const objects = async () => {
  const found = await readdir(house.archiveFolder, { recursive: true, withFileTypes: true }).catch(() => []);
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};
const objectOf = async (leadId: string) => (await objects()).filter((path) => path.includes(leadId));
const leadRow = (leadId: string) => house.db.selectFrom('lead').selectAll().where('id', '=', leadId).executeTakeFirstOrThrow();
const PERSON = { name: 'Ada Lovelace', email: 'ada@example.com', address: { street: '12 Analytical Row', region: 'DC', country: 'US' } };

async function archivedLead(changes: Parameters<typeof quietLead>[1] = {}): Promise<string> {
  const leadId = await quietLead(house, changes);
  expect(await archive(leadId)).toMatchObject({ isDone: true });
  expect((await place(leadId)).place).toBe('archive');
  return leadId;
}

/** A store that does something of a test's own at one point. */
function storeWith(changes: Partial<ArchiveStore>): ArchiveStore {
  const { archive: real } = house;
  return {
    put: (object, bytes) => real.put(object, bytes),
    get: (object) => real.get(object),
    remove: (object) => real.remove(object),
    ...changes,
  };
}

describe('a lead that has been quiet for long', () => {
  it('leaves the hot tables, and is sealed in the store', async () => {
    const leadId = await quietLead(house, { phone: '+12025557701', subject: PERSON });
    const before = await hotRows(house, leadId);
    expect(before.length).toBe(2);
    expect(await review(leadId)).toMatchObject({ stage: 'active', action: 'archive' });
    expect(await archive(leadId)).toEqual({ isDone: true, againInMs: 0, waitsFor: [] });
    expect(await hotRows(house, leadId)).toEqual([]);
    expect(await place(leadId)).toEqual({ place: 'archive', rows: before });
    const [file = '', ...others] = await objectOf(leadId);
    expect(others).toEqual([]);
    const bytes = (await readFile(file)).toString('latin1');
    for (const value of ['2025557701', 'Lovelace', 'ada@example.com', 'Analytical']) expect(bytes).not.toContain(value);
    const reviewed = await review(leadId);
    expect([reviewed.stage, reviewed.action]).toEqual(['archived', undefined]);
    expect(await archive(leadId)).toMatchObject({ isDone: true });
    expect(await house.db.selectFrom('archive_stray').selectAll().where('lead_id', '=', leadId).execute()).toEqual([]);
  });

  it('comes back as it was, for as long as a retrieval says, and returns with what was added', async () => {
    const leadId = await quietLead(house, { subject: PERSON });
    const before = await hotRows(house, leadId);
    await archive(leadId);
    const id = await retrieve(house, leadId, plus(now(), 'P7D'));
    expect(await review(leadId)).toMatchObject({ action: 'bring_back' });
    expect(await bringBack(leadId)).toMatchObject({ isDone: true });
    expect(await place(leadId)).toEqual({ place: 'hot', rows: before });
    const back = await review(leadId);
    expect([back.stage, back.action]).toEqual(['active', undefined]);
    expect(back.why.join(' ')).toContain('back from the archive until');
    expect(back.archiveDueAt).toBe((await leadRow(leadId)).retrieved_until?.toISOString());
    await house.db.transaction().execute((tx) => sealForLead(tx, house.vault, leadId, newId(), '{"statement":"seen"}'));
    const later = () => plus(now(), 'P8D');
    expect(await review(leadId, later)).toMatchObject({ action: 'archive' });
    expect(await over(house.archive, later).archiveLead(leadId)).toMatchObject({ isDone: true });
    expect(await place(leadId)).toMatchObject({ place: 'archive', rows: { length: before.length + 1 } });
    expect(await objectOf(leadId)).toHaveLength(1);
    expect((await leadRow(leadId)).retrieved_until).toBeNull();
    const row = await house.db.selectFrom('retrieval').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    expect([row.back_at, row.returned_at].map((at) => at instanceof Date)).toEqual([true, true]);
  });

  it('is archived together with others, each by itself', async () => {
    const leads = await Promise.all(Array.from({ length: 30 }, () => quietLead(house)));
    const activities = over(house.archive);
    const steps = await Promise.all(leads.map((id) => activities.archiveLead(id)));
    expect(steps.every(({ isDone }) => isDone)).toBe(true);
    for (const id of leads) expect((await place(id)).place).toBe('archive');
  });

  it('stays where it is when it is not due any more', async () => {
    const { leadId } = await house.acquire();
    expect(await archive(leadId)).toEqual({ isDone: false, againInMs: 1_000, waitsFor: [] });
    expect((await place(leadId)).place).toBe('hot');
    expect(await objectOf(leadId)).toEqual([]);
  });

  it('stays where it is while somebody else is at work on it', async () => {
    const leadId = await quietLead(house);
    const { token } = await leadRow(leadId);
    await house.db.transaction().execute(async (tx) => {
      await lockToken(tx, token!);
      expect(await archive(leadId)).toMatchObject({ isDone: false, againInMs: 1_000 });
    });
    expect(await archive(leadId)).toMatchObject({ isDone: true });
  });

  it('is archived for being suppressed, and not when it has just been freed', async () => {
    const since = plus(now(), 'P40D', -1);
    const suppressedLead = async () => {
      const { leadId } = await house.acquire({ acquiredAt: since, receivedAt: since });
      const { token } = await leadRow(leadId);
      const row = { id: newId(), token: token!, kind: 'opt_out', channel: 'all', reported_at: since, received_at: since } as const;
      await house.db.insertInto('suppression').values(row).execute();
      await review(leadId);
      await house.db.updateTable('lead').set({ stage_since: since }).where('id', '=', leadId).execute();
      expect(await review(leadId)).toMatchObject({ stage: 'suppressed', action: 'archive' });
      return { leadId, suppressionId: row.id };
    };
    const [kept, freed] = [await suppressedLead(), await suppressedLead()];
    await house.db.updateTable('suppression').set({ lifted_at: now() }).where('id', '=', freed.suppressionId).execute();
    expect(await archive(kept.leadId)).toMatchObject({ isDone: true });
    expect(await archive(freed.leadId)).toMatchObject({ isDone: false });
    expect([(await place(kept.leadId)).place, (await place(freed.leadId)).place]).toEqual(['archive', 'hot']);
  });
});

describe('a store that', () => {
  const refuses = () => Promise.reject(new Error('down'));

  it('is away keeps a lead where it is, and the lead says what it waits for', async () => {
    const leadId = await quietLead(house);
    const before = await hotRows(house, leadId);
    for (const broken of [{ put: refuses }, { get: refuses }]) {
      expect(await archive(leadId, storeWith(broken))).toEqual({ isDone: false, againInMs: 60_000, waitsFor: ['archive'] });
      expect(await place(leadId)).toEqual({ place: 'hot', rows: before });
    }
    await archive(leadId);
    await retrieve(house, leadId, plus(now(), 'P1D'));
    expect(await bringBack(leadId, storeWith({ get: refuses }))).toMatchObject({ isDone: false, waitsFor: ['archive'] });
    expect((await place(leadId)).place).toBe('archive');
    expect(await bringBack(leadId)).toMatchObject({ isDone: true });
    expect(await place(leadId)).toEqual({ place: 'hot', rows: before });
  });

  it('fails for many is spoken of once, and once when it works again', async () => {
    const leads = await Promise.all([quietLead(house), quietLead(house)]);
    let isDown = true;
    const sometimes = storeWith({ put: (object, bytes) => (isDown ? refuses() : house.archive.put(object, bytes)) });
    const said: object[] = [];
    const note = (facts: object) => void said.push(facts);
    const { archiveLead } = createArchiveActivities({ ...house, archive: sometimes, now, log: { info: note, warn: note } });
    for (const leadId of leads) await archiveLead(leadId);
    expect(said).toEqual([{ event: 'archive.failing', problem: 'store' }]);
    isDown = false;
    for (const leadId of leads) expect(await archiveLead(leadId)).toMatchObject({ isDone: true });
    expect(said.slice(1)).toEqual([{ event: 'archive.works' }]);
  });

  it('gives back something else than was put keeps it as well, and has nothing left of it', async () => {
    const leadId = await quietLead(house);
    const wrong: ((bytes: Buffer) => Buffer | null)[] = [
      () => null,
      () => Buffer.from(''),
      (bytes) => bytes.subarray(1),
      (bytes) => Buffer.concat([bytes, Buffer.from('x')]),
      (bytes) => { const other = Buffer.from(bytes); other[20]! ^= 1; return other; },
    ];
    for (const change of wrong) {
      const get = async (object: string) => change((await house.archive.get(object))!);
      expect(await archive(leadId, storeWith({ get }))).toEqual({ isDone: false, againInMs: 600_000, waitsFor: ['archive_bundle'] });
      expect((await place(leadId)).place).toBe('hot');
    }
    expect(await objectOf(leadId)).toEqual([]);
    const archived = await archivedLead();
    await retrieve(house, archived, plus(now(), 'P1D'));
    for (const change of wrong) {
      const get = async (object: string) => change((await house.archive.get(object))!);
      expect(await bringBack(archived, storeWith({ get }))).toMatchObject({ isDone: false, waitsFor: ['archive_bundle'] });
      expect((await place(archived)).place).toBe('archive');
    }
  });

  it('forgets to remove leaves nothing that the sweep does not find', async () => {
    const leadId = await quietLead(house);
    await archive(leadId, storeWith({ get: refuses }));
    expect(await objectOf(leadId)).toHaveLength(1);
    const reconcile = (clock: () => Date) => createReconciliationActivities({ ...house, now: clock }).reconcile();
    expect((await reconcile(now)).removedObjects).toBe(0);
    expect((await reconcile(() => plus(now(), 'PT2H'))).removedObjects).toBeGreaterThan(0);
    expect(await objectOf(leadId)).toEqual([]);
    expect(await house.db.selectFrom('archive_stray').selectAll().where('lead_id', '=', leadId).execute()).toEqual([]);
  });
});

describe('what happens while a lead is being archived', () => {
  it('is not lost: what is added while the bundle is on its way keeps the lead hot', async () => {
    const leadId = await quietLead(house);
    const put: ArchiveStore['put'] = async (object, bytes) => {
      await house.archive.put(object, bytes);
      await house.db.transaction().execute((tx) => sealForLead(tx, house.vault, leadId, newId(), '{"statement":"late"}'));
    };
    expect(await archive(leadId, storeWith({ put }))).toMatchObject({ isDone: false, againInMs: 1_000 });
    expect(await place(leadId)).toMatchObject({ place: 'hot', rows: { length: 2 } });
    expect(await archive(leadId)).toMatchObject({ isDone: true });
    expect(await place(leadId)).toMatchObject({ place: 'archive', rows: { length: 2 } });
  });

  it('counts: acquired once more, it is not archived', async () => {
    const phone = '+12025557702';
    const leadId = await quietLead(house, { phone });
    const put: ArchiveStore['put'] = async (object, bytes) => {
      await house.archive.put(object, bytes);
      expect(await house.acquire({ phone })).toMatchObject({ leadId, created: false });
    };
    expect(await archive(leadId, storeWith({ put }))).toMatchObject({ isDone: false });
    expect((await place(leadId)).place).toBe('hot');
    expect(await review(leadId)).not.toHaveProperty('action');
  });

  it('may be the same once more: whoever is late does no harm', async () => {
    const leadId = await quietLead(house, { subject: PERSON });
    const before = await hotRows(house, leadId);
    const gate = Promise.withResolvers<void>();
    const slow = storeWith({
      put: async (object, bytes) => { await gate.promise; await house.archive.put(object, bytes); },
    });
    const late = archive(leadId, slow);
    expect(await archive(leadId)).toMatchObject({ isDone: true });
    gate.resolve();
    expect(await late).toMatchObject({ isDone: false });
    expect(await place(leadId)).toEqual({ place: 'archive', rows: before });
    expect(await objectOf(leadId)).toHaveLength(1);

    await retrieve(house, leadId, plus(now(), 'P1D'));
    const twice = over(house.archive);
    const [one, other] = await Promise.all([bringBack(leadId), twice.bringBackLead(leadId)]);
    expect([one.isDone, other.isDone]).toContain(true);
    expect(await place(leadId)).toEqual({ place: 'hot', rows: before });
  });
});

describe('an archived lead', () => {
  it('is the same lead when its number comes in again, and then comes back for good', async () => {
    const phone = '+12025557703';
    const leadId = await archivedLead({ phone, subject: PERSON });
    expect(await house.acquire({ phone, subject: { name: 'A. Lovelace' } })).toMatchObject({ leadId, created: false });
    expect(await hotRows(house, leadId)).toHaveLength(1);
    expect(await review(leadId)).toMatchObject({ action: 'bring_back' });
    expect(await bringBack(leadId)).toMatchObject({ isDone: true });
    expect(await place(leadId)).toMatchObject({ place: 'hot', rows: { length: 3 } });
    expect(await objectOf(leadId)).toEqual([]);
    expect(await house.db.selectFrom('archive_bundle').selectAll().where('lead_id', '=', leadId).execute()).toEqual([]);
    const reviewed = await review(leadId);
    expect([reviewed.stage, reviewed.action]).toEqual(['active', undefined]);
    expect(await house.acquire({ phone })).toMatchObject({ leadId });
  });

  it('is found so also when the acquisition was received a moment before it was archived', async () => {
    const phone = '+12025557704';
    const leadId = await archivedLead({ phone });
    await house.acquire({ phone, receivedAt: plus(now(), 'PT1H', -1), acquiredAt: plus(now(), 'P1D', -1) });
    expect(await review(leadId)).toMatchObject({ action: 'bring_back' });
  });

  it('comes back for a consent, and not for a withdrawal', async () => {
    const event = (leadId: string, kind: 'granted' | 'revoked') => house.db.insertInto('consent_event').values({
      id: newId(), lead_id: leadId, kind, channel: 'call', purpose: 'marketing', grade: 'express', effect: 'in_force', happened_at: now(),
      received_at: now(), confirmation: 'none',
    }).execute();
    const [asked, left] = [await archivedLead(), await archivedLead()];
    await event(asked, 'granted');
    await event(left, 'revoked');
    expect(await review(asked)).toMatchObject({ action: 'bring_back' });
    expect(await review(left)).not.toHaveProperty('action');
  });

  it('stays for good when it is acquired again during a retrieval', async () => {
    const phone = '+12025557705';
    const leadId = await archivedLead({ phone });
    await retrieve(house, leadId, plus(now(), 'P7D'));
    await bringBack(leadId);
    await house.acquire({ phone });
    const later = () => plus(now(), 'P8D');
    expect(await review(leadId, later)).not.toHaveProperty('action');
    expect(await over(house.archive, later).archiveLead(leadId)).toMatchObject({ isDone: false });
  });

  describe('and is out of use all the same', () => {
    /** Its person asked to be forgotten; a duty of law keeps it. */
    async function forgotten(phone: string): Promise<{ leadId: string; before: string[] }> {
      const leadId = await archivedLead({ phone, subject: PERSON });
      const { rows: before } = await place(leadId);
      await house.db.updateTable('lead').set({ erasure_asked_at: now() }).where('id', '=', leadId).execute();
      await house.acquire({ phone, subject: { name: 'Ada King' } });
      return { leadId, before };
    }

    it('stays, and what came in follows the rest into the archive, once', async () => {
      const { leadId, before } = await forgotten('+12025557715');
      const added = await hotRows(house, leadId);
      expect(added.length).toBeGreaterThan(0);
      expect(await review(leadId)).toMatchObject({ stage: 'archived', action: 'archive' });
      expect(await archive(leadId)).toMatchObject({ isDone: true });
      expect(await place(leadId)).toEqual({ place: 'archive', rows: [...before, ...added].sort() });
      expect(await objectOf(leadId)).toHaveLength(1);
      expect(await review(leadId)).not.toHaveProperty('action');
      await retrieve(house, leadId, plus(now(), 'P1D'));
      expect(await bringBack(leadId)).toMatchObject({ isDone: true });
      expect((await hotRows(house, leadId)).sort()).toEqual([...before, ...added].sort());
    });

    it('also when nothing of a person came with it', async () => {
      const { leadId } = await forgotten('+12025557716');
      await house.db.deleteFrom('personal_data').where('lead_id', '=', leadId).execute();
      expect(await archive(leadId)).toMatchObject({ isDone: true });
      expect(await review(leadId)).not.toHaveProperty('action');
      expect((await place(leadId)).place).toBe('archive');
    });

    it('is left as it is while the store is away, and when something more comes in meanwhile', async () => {
      const { leadId } = await forgotten('+12025557717');
      const added = await hotRows(house, leadId);
      const away = storeWith({ get: () => Promise.reject(new Error('away')) });
      expect(await archive(leadId, away)).toMatchObject({ isDone: false, waitsFor: ['archive'] });
      const busy = storeWith({
        put: async (object, bytes) => {
          await house.archive.put(object, bytes);
          await house.db.transaction().execute((tx) => sealForLead(tx, house.vault, leadId, newId(), '{"statement":"more"}'));
        },
      });
      expect(await archive(leadId, busy)).toMatchObject({ isDone: false, waitsFor: [] });
      expect(await hotRows(house, leadId)).toEqual(expect.arrayContaining(added));
      expect(await archive(leadId)).toMatchObject({ isDone: true });
      expect(await hotRows(house, leadId)).toEqual([]);
      expect(await objectOf(leadId)).toHaveLength(1);
    });

    it('comes back for as long as a retrieval says', async () => {
      const { leadId } = await forgotten('+12025557718');
      await retrieve(house, leadId, plus(now(), 'P7D'));
      expect(await review(leadId)).toMatchObject({ action: 'bring_back' });
      expect(await bringBack(leadId)).toMatchObject({ isDone: true });
      const back = await review(leadId);
      expect(back).not.toHaveProperty('action');
      expect(back.archiveDueAt).toBe((await leadRow(leadId)).retrieved_until?.toISOString());
      expect(await review(leadId, () => plus(now(), 'P8D'))).toMatchObject({ action: 'archive' });
    });
  });

  it('is merged with by an import, like any other', async () => {
    const phone = '+12025557706';
    const leadId = await archivedLead({ phone });
    const imported = await importInto(house).send([HEADER, `${phone},${AT}`, `+12025557707,${AT}`].join('\n'));
    expect(imported).toMatchObject({ state: 'completed', rows: { created: 1, merged: 1 } });
    expect(await review(leadId)).toMatchObject({ action: 'bring_back' });
  });

  it('is told apart from another person whose number has the same token', async () => {
    const [phone, other] = ['+12025557708', '+12025557709'];
    const leadId = await archivedLead({ phone });
    await house.db.updateTable('lead').set({ token: house.vault.phoneToken(other) }).where('id', '=', leadId).execute();
    const newcomer = await house.acquire({ phone: other });
    expect(newcomer).toMatchObject({ created: true });
    expect(newcomer.leadId).not.toBe(leadId);
    expect((await leadRow(newcomer.leadId)).collision).toBe(1);
    expect(await house.acquire({ phone: other })).toMatchObject({ created: false, leadId: newcomer.leadId });
  });

  it('does what it heard by e-mail while it was away, before anything else', async () => {
    const email = 'quiet@example.com';
    const leadId = await archivedLead({ subject: { email } });
    const eventId = newId();
    await house.db.insertInto('webhook_source').values({ id: 'crm', provider: 'standard', source_id: SOURCE.id, mapping: '{}', created_at: now() }).execute();
    await house.db.insertInto('webhook_event').values({
      id: eventId, webhook_source_id: 'crm', event_id: 'e1', key: newId(), act: 'opt_out', result: 'acquisition_unknown', happened_at: now(), received_at: now(), fact_ids: [],
    }).execute();
    await house.db.insertInto('waiting_statement').values({
      id: newId(), key: house.vault.emailToken(email), event_id: eventId, webhook_source_id: 'crm', source_id: SOURCE.id, act: 'opt_out', by_message: false,
      channels: ['email'], purpose: 'all', grade: 'express', happened_at: now(), received_at: now(),
    }).execute();
    await retrieve(house, leadId, plus(now(), 'P1D'));
    expect(await bringBack(leadId)).toMatchObject({ isDone: true });
    const { token } = await leadRow(leadId);
    const withdrawn = await house.db.selectFrom('consent_event').selectAll().where('lead_id', '=', leadId).where('kind', '=', 'revoked').execute();
    const suppressed = await house.db.selectFrom('suppression').selectAll().where('token', '=', token!).execute();
    expect(withdrawn.length + suppressed.length).toBeGreaterThan(0);
    expect(await house.db.selectFrom('waiting_statement').selectAll().where('event_id', '=', eventId).execute()).toEqual([]);
  });
});

describe('a bundle', () => {
  const key = randomBytes(32);
  const row = fc.record({
    factId: fc.uuid(), tier: fc.constantFrom(1 as const, 2 as const),
    sealed: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    emailToken: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  });

  it('holds what went in, whatever that is', () => {
    fc.assert(fc.property(fc.uuid(), fc.array(row, { maxLength: 20 }), (leadId, rows) => {
      expect(rowsOf(key, leadId, bundleOf(key, leadId, rows))).toEqual(rows);
    }));
  });

  it('does not open when a single bit is another, for another lead, or with another key', () => {
    fc.assert(fc.property(fc.uuid(), fc.array(row, { maxLength: 3 }), fc.nat(), (leadId, rows, bit) => {
      const bundle = bundleOf(key, leadId, rows);
      const place = bit % (bundle.length * 8);
      bundle[place >> 3]! ^= 1 << (place & 7);
      expect(() => rowsOf(key, leadId, bundle)).toThrow();
      bundle[place >> 3]! ^= 1 << (place & 7);
      expect(() => rowsOf(key, newId(), bundle)).toThrow();
      expect(() => rowsOf(randomBytes(32), leadId, bundle)).toThrow();
      expect(rowsOf(key, leadId, bundle)).toEqual(rows);
    }));
  });
});
