import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { sql } from 'kysely';
import { takeBackup, tidyBackups } from '../../activities/backup/backing-up.ts';
import { findBackup, type BackupPlace } from '../../activities/backup/backup-folder.ts';
import { restoreBackup } from '../../activities/backup/restoring.ts';
import { readSealedFile, writeSealedFile } from '../../activities/backup/sealed-file.ts';
import { verifyBackup } from '../../activities/backup/verifying.ts';
import { connect, createPool } from '../../db/connection.ts';
import { isUnused } from '../../db/table-catalogue.ts';
import { backupsEndAt } from '../../domain/disposal.ts';
import { FolderJournal } from '../../endings/journal/folder-journal.ts';
import { createHouse, eventually, type House } from '../setup/house.ts';
import { createEmptyDatabase, runFolder, temporalAddress, type SuiteDatabase } from '../setup/suite.ts';

const BACKUP = join(import.meta.dirname, '../../worker/backup-main.ts');
const RESTORE = join(import.meta.dirname, '../../worker/restore-main.ts');
const never = new AbortController().signal;
const quietly = () => undefined;

let house: House;
let empty: SuiteDatabase;
let folder: string;
let place: BackupPlace;
let key: Uint8Array;

beforeAll(async () => {
  [house, empty] = await Promise.all([createHouse(), createEmptyDatabase()]);
  folder = join(runFolder(), `backup-${randomUUID()}`);
  await mkdir(folder);
  key = house.backup!.keys[0]!;
  for (let n = 0; n < 60; n += 1) await house.acquire({ subject: { name: 'Ada Lovelace' } });
  await backUp(join(folder, 'whole'));
  place = await findBackup(join(folder, 'whole'), null);
});

afterAll(async () => {
  await empty.drop();
  await house.close();
});

async function backUp(target: string, now = new Date(), keepDays = 30) {
  const pool = createPool(house.url, { max: 3 });
  const { signing, journalFolder } = house;
  const deps = { pool, signing, key, target: { folder: target, keyringFolder: null }, keepDays, journalFolder, now: () => now };
  return takeBackup(deps, quietly, never).finally(() => pool.end());
}

const means = () => {
  const { signing, vault, journalFolder } = house;
  return { signing, backupKeys: [key], vault, journalFolder, now: () => new Date() };
};

async function restore(from: BackupPlace, changes: Partial<ReturnType<typeof means>> = {}) {
  const pool = createPool(empty.url, { max: 1, statementTimeout: 0 });
  const deps = { pool, removeObject: null, ...means(), ...changes };
  return restoreBackup(deps, from, { onProgress: quietly }).finally(() => pool.end());
}

/** A copy of the backup with something done to it. */
async function spoilt(spoil: (copy: BackupPlace) => Promise<unknown>): Promise<BackupPlace> {
  const parent = join(folder, randomUUID());
  const copy = { database: join(parent, basename(place.database)), keyring: join(parent, basename(place.keyring)) };
  await cp(place.database, copy.database, { recursive: true });
  await cp(place.keyring, copy.keyring, { recursive: true });
  await spoil(copy);
  return copy;
}

async function changeFile(path: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  await writeFile(path, change(await readFile(path)));
}

async function gathered<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function staysEmpty(): Promise<boolean> {
  const db = connect(empty.url, { max: 1 });
  return isUnused(db).finally(() => db.destroy());
}

function flipped(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

describe('a sealed file', () => {
  const write = async (content: Buffer) => {
    const path = join(folder, randomUUID());
    const filePlace = { key, backupId: 'one', file: 'database/lead' };
    await writeSealedFile(path, filePlace, Readable.from([content]), quietly, never);
    return { path, filePlace };
  };
  const read = async (path: string, filePlace: Parameters<typeof readSealedFile>[1]) => {
    return Buffer.concat(await gathered(readSealedFile(path, filePlace)));
  };

  it('gives back whatever was written', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(0, 1, 1_000, 1 << 20, (1 << 20) + 1, 3_000_000), async (size) => {
      const content = randomBytes(size);
      const { path, filePlace } = await write(content);
      expect((await read(path, filePlace)).equals(content)).toBe(true);
    }), { numRuns: 8 });
  });

  it('does not open when a byte is changed, frames are cut off, or it is that of another place', async () => {
    const { path, filePlace } = await write(randomBytes(2_500_000));
    const bytes = await readFile(path);
    for (const at of [0, 20, 41, 1_500_000, bytes.length - 1]) {
      await writeFile(path, flipped(Buffer.from(bytes), at));
      await expect(read(path, filePlace)).rejects.toMatchObject({ name: 'BrokenBackup' });
    }
    // Exactly after a frame, which is whole in itself.
    for (const length of [40, 100, 40 + (1 << 20) + 16, bytes.length - 16]) {
      await writeFile(path, bytes.subarray(0, length));
      await expect(read(path, filePlace)).rejects.toMatchObject({ name: 'BrokenBackup' });
    }
    await writeFile(path, bytes);
    for (const change of [{ file: 'database/lead2' }, { backupId: 'two' }, { key: randomBytes(32) }]) {
      await expect(read(path, { ...filePlace, ...change })).rejects.toMatchObject({ name: 'BrokenBackup' });
    }
  });
});

describe('a backup that is not what was written', () => {
  const leads = 'public.lead.lwb';
  it.each<[string, (copy: BackupPlace) => Promise<unknown>]>([
    ['a byte of a table was changed', ({ database }) => changeFile(join(database, leads), (bytes) => flipped(bytes, 200))],
    ['a table was cut off', ({ database }) => changeFile(join(database, leads), (bytes) => bytes.subarray(0, -10))],
    ['a table is missing', ({ database }) => rm(join(database, leads))],
    ['two tables were exchanged', async ({ database }) => {
      await rename(join(database, leads), join(database, 'other'));
      await rename(join(database, 'public.acquisition.lwb'), join(database, leads));
      await rename(join(database, 'other'), join(database, 'public.acquisition.lwb'));
    }],
    ['the manifest was changed', ({ database }) => {
      return changeFile(join(database, 'manifest.json'), (bytes) => Buffer.from(bytes.toString().replace(/"rows":60/, '"rows":61')));
    }],
    ['the manifest is missing', ({ database }) => rm(join(database, 'manifest.json'))],
    ['the keys are missing', ({ keyring }) => rm(keyring, { recursive: true })],
    ['the keys were changed', ({ keyring }) => changeFile(join(keyring, 'keyring.subject_key.lwb'), (bytes) => flipped(bytes, 100))],
  ])('is refused when %s, and nothing is written', async (_, spoil) => {
    await expect(restore(await spoilt(spoil))).rejects.toMatchObject({ name: 'BrokenBackup' });
    expect(await staysEmpty()).toBe(true);
  });

  it('is refused with the keys of another backup, another backup key, or another signing key', async () => {
    await backUp(join(folder, 'second'));
    const other = await findBackup(join(folder, 'second'), null);
    await expect(restore({ database: place.database, keyring: other.keyring })).rejects.toThrow('another backup');
    await expect(restore(place, { backupKeys: [randomBytes(32)] })).rejects.toThrow('no backup key');
    const stranger = await createHouse();
    await expect(restore(place, { signing: stranger.signing })).rejects.toThrow('signed with the key');
    await expect(restore(place, { vault: stranger.vault })).rejects.toThrow('does not open with the keys here');
    await stranger.close();
    expect(await staysEmpty()).toBe(true);
  });

  it('is not restored into a database that is in use', async () => {
    const pool = createPool(house.url, { max: 1 });
    await expect(restoreBackup({ pool, removeObject: null, ...means() }, place, { onProgress: quietly })).rejects.toThrow('not empty');
    await pool.end();
  });
});

describe('a test restore', () => {
  it('finds everything as it was, opens sealed records and leaves no database behind', async () => {
    const report = await verifyBackup({ databaseUrl: house.url, ...means() }, place, quietly);
    expect(report).toMatchObject({ name: basename(place.database), opened: 60 });
    const { rows } = await sql`select datname from pg_database where datname like 'leadwarden_scratch_%'`.execute(house.db);
    expect(rows).toEqual([]);
  });
});

describe('backups past their time', () => {
  it('are removed, with the entries of the journal that only they needed, but never the last', async () => {
    const target = join(folder, 'aging');
    const journal = new FolderJournal(house.journalFolder, 'aging');
    await journal.append([{ kind: 'disposal', at: '2020-01-01T00:00:00.000Z', disposalId: randomUUID(), leadId: randomUUID() }]);
    await writeFile(join(house.journalFolder, '2020-01-01-old.jsonl'), '');
    const later = new Date(Date.now() + 40 * 86_400_000);
    await backUp(target);
    expect(await backUp(target, later)).toMatchObject({ dropped: 1 });
    expect(await readdir(target)).toHaveLength(2);
    expect((await readdir(house.journalFolder)).filter((name) => name.startsWith('2020'))).toEqual([]);
    expect(await backUp(target, later, 0)).toMatchObject({ dropped: 1 });
  });

  it('end by their age, whether or not a new one succeeds; the newest keeps its tables and loses its keys', async () => {
    const target = join(folder, 'ending');
    const keyrings = async () => (await readdir(target)).filter((name) => name.endsWith('-keyring')).sort();
    await backUp(target);
    await backUp(target);
    await mkdir(join(target, '20200101T000000Z-0123abcd-keyring'));
    await mkdir(join(target, '.partial-forgotten-keyring'));
    await utimes(join(target, '.partial-forgotten-keyring'), 0, 0);
    const means = { target: { folder: target, keyringFolder: null }, keepDays: 30, journalFolder: house.journalFolder };
    const look = (at: Date) => tidyBackups({ ...means, now: () => at }, false);
    const today = new Date();
    expect(await look(today)).toMatchObject({ dropped: 1, overdue: 0 });
    expect(await readdir(target)).toHaveLength(4);
    // The last look before the day that a certificate of this moment names: nothing with keys may be left then.
    const beforeTheDay = new Date(backupsEndAt(today, 30).getTime() - 3_600_000);
    expect(await look(new Date(beforeTheDay.getTime() - 86_400_000))).toMatchObject({ dropped: 0, overdue: 0 });
    const nothing = { overdue: 0, oldestAt: null, newestAt: null };
    expect(await look(beforeTheDay)).toEqual({ ...nothing, dropped: 2, neededFrom: expect.any(Date) });
    expect(await keyrings()).toEqual([]);
    expect(await readdir(target)).toHaveLength(1);
    expect(await look(beforeTheDay)).toMatchObject({ dropped: 0, overdue: 0 });
  });

  it('that cannot be removed are counted, so that somebody hears of it', async () => {
    // Seen by somebody else, who may look and not write.
    const target = await mkdtemp(join(tmpdir(), 'leadwarden-stuck-'));
    await backUp(target);
    await chmod(target, 0o555);
    const later = new Date(Date.now() + 40 * 86_400_000);
    const means = { target: { folder: target, keyringFolder: null }, keepDays: 30, journalFolder: target, now: () => later };
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    const stuck = await tidyBackups(means, false).finally(() => isRoot && process.seteuid?.(0));
    expect(stuck).toMatchObject({ dropped: 0, overdue: 1 });
    await chmod(target, 0o700);
    expect(await tidyBackups(means, false)).toMatchObject({ dropped: 1, overdue: 0 });
    await rm(target, { recursive: true });
  });
});

describe('processes that are killed', () => {
  const environment = (changes: object) => ({
    ...process.env, LEADWARDEN_HOME: join(folder, 'home'), LEADWARDEN_KEYS: house.keyFolder, LEADWARDEN_JOURNAL: house.journalFolder,
    TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_TASK_QUEUE: `restore-${randomUUID()}`, ...changes,
  });
  const run = (program: string, argument: string, url: string): ChildProcess =>
    fork(program, [argument], { env: environment({ DATABASE_URL: url }), execArgv: [], stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const kill = async (child: ChildProcess) => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  };

  it('leave no backup half-way that could be taken for one, and a later one is whole', async () => {
    const target = join(folder, 'killed');
    const child = run(BACKUP, target, house.url);
    await eventually(async () => (await readdir(target).catch(() => [])).some((name) => name.startsWith('.partial-')));
    await kill(child);
    const partial = (await readdir(target)).filter((name) => name.startsWith('.partial-'));
    if (partial.length > 0) {
      await expect(restore(await findBackup(target, null))).rejects.toMatchObject({ name: 'BrokenBackup' });
      await expect(findBackup(join(target, partial[0]!), null)).rejects.toThrow('never finished');
    }
    await backUp(target);
    expect((await findBackup(target, null)).database).toMatch(/Z-[0-9a-f]{8}$/);
  });

  it('leave an empty database half-way through a restore, which can be started again, and tells what it did', async () => {
    const killed = run(RESTORE, place.database, empty.url);
    await new Promise<void>((resolve) => {
      killed.stdout!.on('data', (chunk: Buffer) => {
        if (chunk.includes('Restoring')) resolve();
      });
    });
    await kill(killed);
    expect(await staysEmpty()).toBe(true);
    const child = run(RESTORE, place.database, empty.url);
    let said = '';
    child.stdout!.on('data', (chunk: Buffer) => void (said += chunk.toString()));
    const [code] = (await once(child, 'exit')) as [number];
    expect([code, said]).toEqual([0, expect.stringContaining('Window of possible loss: from ')]);
    expect(said).toContain('60 leads and 0 open requests of persons are told to look again');
    const db = connect(empty.url, { max: 1 });
    expect((await db.selectFrom('lead').select('id').execute()).length).toBe(60);
    const restorations = await db.selectFrom('restoration').select('reconciled_at').execute();
    expect(restorations.map(({ reconciled_at }) => reconciled_at !== null)).toEqual([true]);
    await db.destroy();
  });
});
