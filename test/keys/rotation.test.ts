import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { randomUUID } from 'node:crypto';
import { activateEpoch, announceReader, findEpochInUse, readersBehind } from '../../db/key-epochs.ts';
import { findKekUse } from '../../db/key-retirement.ts';
import { askForRotation, findRotation, finishRotation, openRotation, recordCourse } from '../../db/key-rotations.ts';
import { openPersonRecords } from '../../db/person-records.ts';
import { rewrapBatch, writeRewrapped } from '../../db/subject-keys.ts';
import { Vault } from '../../db/vault.ts';
import { fileStore } from '../../keys/file-store.ts';
import { addNextKey, destroyKek, readKeyFiles } from '../../keys/key-files.ts';
import { KeyRing } from '../../keys/key-ring.ts';
import { rewrapAll } from '../../keys/rewrapping.ts';
import { createHouse, eventually, type House } from '../setup/house.ts';

let house: House;
beforeAll(async () => {
  house = await createHouse();
});
afterAll(() => house.close());

const quiet = { warn: () => undefined };

/** Another process over the same store, with the keys that lie in the folder now. */
async function anotherProcess({ db, keyFolder: folder }: House, everyMs = 60_000): Promise<{ vault: Vault; keys: KeyRing }> {
  const vault = new Vault(await readKeyFiles(folder));
  return { vault, keys: new KeyRing({ db, vault, folder, store: fileStore, process: 'another', log: quiet, everyMs }) };
}

/** As the workflow does it, of which see test/workflows/key-rotation.test.ts. */
async function rotate({ db, vault, keys }: House): Promise<string | null> {
  await keys.refresh();
  const kek = await keys.addKek();
  await keys.refresh();
  expect(await activateEpoch(db, kek)).toBe(0);
  await keys.refresh();
  const { rotation } = await db.transaction().execute((tx) => openRotation(tx, 'test', new Date()));
  await recordCourse(db, rotation.id, { kek });
  const work = { db, vault, onProgress: () => undefined, signal: AbortSignal.timeout(20_000) };
  const problem = await rewrapAll(work, { ...rotation, kek });
  await finishRotation(db, { id: rotation.id, kek }, problem, new Date());
  return problem;
}

const nameOf = async ({ db }: House, vault: Vault, leadId: string) => {
  const records = (await openPersonRecords(db, vault, [leadId])).get(leadId) as { subject?: { name?: string } }[] | undefined;
  return JSON.stringify(records ?? null);
};
const keksUsed = async ({ db }: House) =>
  (await db.selectFrom('keyring.subject_key').select('kek').distinct().orderBy('kek').execute()).map(({ kek }) => kek);

describe('a new key-encryption key', () => {
  it('is not wrapped with before every living process can unwrap with it', async () => {
    const { db, keys, vault } = house;
    const other = await anotherProcess(house);
    await Promise.all([keys.refresh(), other.keys.refresh()]);
    const kek = await keys.addKek();
    await keys.refresh();
    expect(vault.wrapsWith).toBe(kek - 1);
    expect(await activateEpoch(db, kek)).toBe(1);
    expect((await findEpochInUse(db))?.kek).toBe(kek - 1);
    await other.keys.refresh();
    expect(await activateEpoch(db, kek)).toBe(0);
    expect(await readersBehind(db, kek)).toBe(2);
    await keys.refresh();
    const { leadId } = await house.acquire();
    expect(other.vault.wrapsWith).toBe(kek - 1);
    expect(await nameOf(house, other.vault, leadId)).toContain('+1202555');
    await other.keys.refresh();
    expect(await readersBehind(db, kek)).toBe(0);
    expect(other.vault.wrapsWith).toBe(kek);
    await other.keys.stop();
  });

  it('does not wait for a process that has not been heard of for a while', async () => {
    const { db, keys } = house;
    await announceReader(db, { id: randomUUID(), process: 'killed', keks: [1], wrapsWith: 1, goodForMs: 300 });
    await keys.refresh();
    const kek = await keys.addKek();
    await keys.refresh();
    expect(await activateEpoch(db, kek)).toBeGreaterThanOrEqual(1);
    expect(await eventually(async () => (await activateEpoch(db, kek)) === 0)).toBe(true);
    await keys.refresh();
  });

  it('is needed by a process that starts later: without it, it does not start', async () => {
    const { db, keyFolder } = house;
    const keys = await readKeyFiles(keyFolder);
    const vault = new Vault({ ...keys, keks: new Map([...keys.keks].filter(([number]) => number === 1)), newestKek: 1 });
    const folder = `${keyFolder}-elsewhere`;
    const late = new KeyRing({ db, vault, folder, store: fileStore, process: 'late', log: quiet, everyMs: 300 });
    await expect(late.refresh()).rejects.toMatchObject({ name: 'WrongKeys', message: expect.stringContaining('in use and not in the key folder') });
    await late.stop();
  });

  it('of another store is left aside, and said so', async () => {
    const { db, keyFolder: folder, keys } = house;
    await keys.refresh();
    const number = await keys.addKek();
    await keys.refresh();
    await destroyKek(folder, number);
    expect(await addNextKey(folder, 'kek', fileStore)).toBe(number);
    const said: string[] = [];
    const known = await readKeyFiles(folder);
    const keks = new Map([...known.keks].filter(([each]) => each !== number));
    const vault = new Vault({ ...known, keks, newestKek: number - 1 });
    const other = new KeyRing({ db, vault, folder, store: fileStore, process: 'other', log: { warn: (line) => void said.push(line) }, everyMs: 60_000 });
    await other.refresh();
    expect(said.join()).toContain(`"kek-${number}"`);
    expect(vault.keks).not.toContain(number);
    await other.stop();
    await destroyKek(folder, number);
    await db.deleteFrom('keyring.epoch').where('kek', '=', number).execute();
    await db.deleteFrom('keyring.key_check').where('name', '=', `kek-${number}`).execute();
    vault.forget(number);
  });

  it('that a process does not know yet makes it look at once', async () => {
    const other = await anotherProcess(house, 60_000);
    await other.keys.refresh();
    other.keys.start();
    const kek = await house.keys.addKek();
    expect(() => other.vault.unwrapKey(randomUUID(), { kek, wrapped: Buffer.alloc(60) })).toThrow(`key-encryption key ${kek}`);
    expect(await eventually(() => Promise.resolve(other.vault.keks.includes(kek)))).toBe(true);
    await other.keys.stop();
  });
});

describe('wrapping the keys of all leads anew', () => {
  it('leaves none under an older key, and every record as it was', async () => {
    const leads = await Promise.all(Array.from({ length: 30 }, () => house.acquire()));
    const before = await Promise.all(leads.map(({ leadId }) => nameOf(house, house.vault, leadId)));
    expect(await rotate(house)).toBeNull();
    expect(await keksUsed(house)).toEqual([house.vault.wrapsWith]);
    const fresh = await anotherProcess(house);
    expect(await Promise.all(leads.map(({ leadId }) => nameOf(house, fresh.vault, leadId)))).toEqual(before);
  });

  it('passes over a key that is being destroyed, and does not bring it back', async () => {
    const { db, vault } = house;
    const { leadId } = await house.acquire();
    await db.transaction().execute(async (tx) => {
      await tx.updateTable('keyring.subject_key').set({ wrapped: Buffer.alloc(60) }).where('lead_id', '=', leadId).execute();
      await db.transaction().execute(async (other) => writeRewrapped(other, vault, await rewrapBatch(other, vault, null, 1_000)));
      await tx.deleteFrom('keyring.subject_key').where('lead_id', '=', leadId).execute();
    });
    expect(await rotate(house)).toBeNull();
    expect(await db.selectFrom('keyring.subject_key').select('lead_id').where('lead_id', '=', leadId).executeTakeFirst()).toBeUndefined();
  });

  it('says that there are keys which it cannot open, leaves them as they are, and keeps older keys needed', async () => {
    const { db } = house;
    const { leadId } = await house.acquire();
    const { wrapped } = await db.selectFrom('keyring.subject_key').select('wrapped').where('lead_id', '=', leadId).executeTakeFirstOrThrow();
    const altered = Buffer.from(wrapped);
    altered[20]! ^= 1;
    await db.updateTable('keyring.subject_key').set({ wrapped: altered }).where('lead_id', '=', leadId).execute();
    const older = house.vault.wrapsWith;
    expect(await rotate(house)).toBe('unreadable_keys');
    expect(await findKekUse(db, older, 0, new Date())).toContain('no rotation to a later key');
    await db.deleteFrom('keyring.subject_key').where('lead_id', '=', leadId).execute();
  });

  it('is under way once at a time', async () => {
    const { db } = house;
    const first = await db.transaction().execute((tx) => askForRotation(tx, 'one', new Date()));
    const second = await db.transaction().execute((tx) => askForRotation(tx, 'two', new Date()));
    expect([first.isNew, second.isNew, second.rotation.id]).toEqual([true, false, first.rotation.id]);
    await finishRotation(db, first.rotation, 'key_folder_read_only', new Date());
    expect((await findRotation(db, first.rotation.id))?.problem).toBe('key_folder_read_only');
  });

  it('in any order with new leads, destroyed keys, other processes and further rotations leaves every record readable', async () => {
    const steps = fc.array(fc.constantFrom('acquire', 'rotate', 'destroy', 'restart', 'part'), { minLength: 4, maxLength: 12 });
    await fc.assert(fc.asyncProperty(steps, async (taken) => {
      const { db, vault } = house;
      const alive = new Map<string, string>();
      let reader = await anotherProcess(house);
      for (const step of taken) {
        if (step === 'acquire') {
          const { leadId } = await house.acquire();
          alive.set(leadId, await nameOf(house, vault, leadId));
        }
        if (step === 'rotate') expect(await rotate(house)).toBeNull();
        if (step === 'restart') reader = await anotherProcess(house);
        if (step === 'part') await db.transaction().execute(async (tx) => writeRewrapped(tx, vault, await rewrapBatch(tx, vault, null, 3)));
        const [some] = alive.keys();
        if (step === 'destroy' && some !== undefined) {
          await db.deleteFrom('keyring.subject_key').where('lead_id', '=', some).execute();
          alive.delete(some);
        }
        await reader.keys.refresh();
        for (const [leadId, name] of alive) expect(await nameOf(house, reader.vault, leadId)).toBe(name);
        await reader.keys.stop();
      }
      for (const [leadId, name] of alive) expect(await nameOf(house, vault, leadId)).toBe(name);
    }), { numRuns: 8 });
  });
});

describe('an older key-encryption key', () => {
  it('is needed until leads, files and backups have done without it for long enough', async () => {
    const { db, vault, keys } = house;
    const older = vault.wrapsWith;
    expect(await findKekUse(db, older, 30, new Date())).toContain('in use');
    expect(await findKekUse(db, 999, 30, new Date())).toContain('never heard of it');
    await rotate(house);
    const after = (days: number) => new Date(Date.now() + days * 86_400_000);
    expect(await findKekUse(db, older, 30, after(29))).toContain('BACKUP_KEEP_DAYS');
    expect(await findKekUse(db, older, 30, after(31))).toBeNull();
    const { leadId } = await house.acquire();
    await db.updateTable('keyring.subject_key').set({ kek: older }).where('lead_id', '=', leadId).execute();
    expect(await findKekUse(db, older, 30, after(31))).toContain('keys of leads');
    await db.deleteFrom('keyring.subject_key').where('lead_id', '=', leadId).execute();
    await announceReader(db, { id: randomUUID(), process: 'old', keks: [older], wrapsWith: older, goodForMs: 60_000 });
    expect(await findKekUse(db, older, 30, after(31))).toContain('a process wraps with it');
    await db.deleteFrom('keyring.reader').execute();
    await sql`insert into import (id, source_id, format, parameters, state, sha256, size_bytes, received_at)
      values (${randomUUID()}, 'spring-fair', 'csv', '{}', 'running', 'x', 1, now() - interval '1 day')`.execute(db);
    expect(await findKekUse(db, older, 30, after(31))).toContain('a file that came in');
    await db.deleteFrom('import').execute();
    await keys.refresh();
  });

  it('that was destroyed is forgotten by processes, and not taken in again', async () => {
    const { db, vault, keys, keyFolder } = house;
    const [oldest = 0] = vault.keks.sort((one, other) => one - other);
    await db.updateTable('keyring.epoch').set({ retired_at: new Date() }).where('kek', '=', oldest).execute();
    await keys.refresh();
    expect(vault.keks).not.toContain(oldest);
    await keys.refresh();
    expect(vault.keks).not.toContain(oldest);
    expect([...(await readKeyFiles(keyFolder)).keks.keys()]).toContain(oldest);
  });
});
