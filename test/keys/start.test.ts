import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, fork, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '../../db/connection.ts';
import { findOpenRotation } from '../../db/key-rotations.ts';
import { openFirstRecords } from '../../db/person-records.ts';
import { createKeyFiles, readKeyFiles, wrapPlainKeys } from '../../keys/key-files.ts';
import { openKeyStore } from '../../keys/stores.ts';
import { createHouse, eventually, type House } from '../setup/house.ts';
import { createEmptyDatabase, temporalAddress } from '../setup/suite.ts';
import { startTransit, type TransitServer } from './transit-server.ts';

const API = join(import.meta.dirname, '../../api/main.ts');
const KEYS = join(import.meta.dirname, '../../keys/main.ts');
const protectingKeys = { leadwarden: randomBytes(32) };

let house: House;
let transit: TransitServer;
let environment: NodeJS.ProcessEnv;
const started: ChildProcess[] = [];

beforeAll(async () => {
  house = await createHouse();
  transit = await startTransit({ keys: protectingKeys });
  const tokenFile = `${house.keyFolder}.token`;
  await writeFile(tokenFile, transit.token);
  await wrapPlainKeys(house.keyFolder, openKeyStore({ kind: 'transit', url: transit.url, mount: 'transit', key: 'leadwarden', tokenFile }));
  environment = {
    ...process.env, LEADWARDEN_HOME: `${house.keyFolder}-home`, LEADWARDEN_KEYS: house.keyFolder, DATABASE_URL: house.url, PORT: '0', METRICS_PORT: '0',
    TEMPORAL_ADDRESS: '127.0.0.1:1', KEY_STORE: 'transit', TRANSIT_URL: transit.url, TRANSIT_KEY: 'leadwarden', TRANSIT_TOKEN_FILE: tokenFile,
    KEY_REFRESH_SECONDS: '0.2',
  };
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await Promise.all([transit.close(), house.close()]);
});

function startApi(changes: NodeJS.ProcessEnv = {}) {
  const child = fork(API, { env: { ...environment, ...changes }, execArgv: [], silent: true });
  started.push(child);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  return { child, output, ended: once(child, 'exit') };
}

async function keys(args: string[], changes: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [KEYS, ...args], { env: { ...environment, ...changes } });
  return stdout;
}

describe('a process whose keys are wrapped', () => {
  it('waits at its start for the store that wraps them, says so, and starts once it answers', async () => {
    const { port } = transit;
    await transit.close();
    const { child, output, ended } = startApi();
    expect(await eventually(() => Promise.resolve(output.join('').includes('the key store does not answer; waiting for it')))).toBe(true);
    const ready = once(child, 'message');
    transit = await startTransit({ port, keys: protectingKeys });
    await ready;
    const used = (await house.db.selectFrom('keyring.epoch').selectAll().execute()).map(({ kek }) => kek);
    expect(used).toEqual([1]);
    transit.isSealed = true;
    const { leadId } = await house.acquire();
    expect(leadId).toBeDefined();
    transit.isSealed = false;
    child.kill('SIGTERM');
    await ended;
  });

  it('ends at once where the store refuses its token, and says which variable to look at, without the token', async () => {
    const wrong = `${house.keyFolder}.wrong`;
    await writeFile(wrong, 'hvs.not-the-token');
    const { output, ended } = startApi({ TRANSIT_TOKEN_FILE: wrong });
    expect((await ended)[0]).not.toBe(0);
    expect(output.join('')).toContain('TRANSIT_TOKEN_FILE');
    expect(output.join('')).not.toContain('not-the-token');
  });
});

describe('a house whose keys Transit protects', () => {
  it('is backed up and restored with the same variables, and not while its keys cannot be opened', async () => {
    const { leadId } = await house.acquire({ subject: { name: 'Ada Lovelace' } });
    const empty = await createEmptyDatabase();
    const target = `${house.keyFolder}-backups`;
    const run = (program: string, changes: NodeJS.ProcessEnv = {}) => {
      const env = { ...environment, LEADWARDEN_JOURNAL: house.journalFolder, ...changes };
      return promisify(execFile)(process.execPath, [join(import.meta.dirname, '../../worker', program), target], { env });
    };
    expect((await run('backup-main.ts')).stdout).toContain('shows the database as of');
    const wrong = `${house.keyFolder}.other-token`;
    await writeFile(wrong, 'hvs.wrong');
    const into = { DATABASE_URL: empty.url };
    await expect(run('restore-main.ts', { ...into, TRANSIT_TOKEN_FILE: wrong })).rejects.toMatchObject({ stderr: expect.stringContaining('TRANSIT_TOKEN_FILE') });
    // Temporal is away, which the command says with 1: the store is whole by then.
    await expect(run('restore-main.ts', into)).rejects.toMatchObject({ code: 1, stderr: expect.not.stringContaining('Error') });
    // And so does a namespace that nobody has made yet; what the restore came to is said all the same.
    const unmade = { ...into, TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_NAMESPACE: 'not-made-yet' };
    await expect(run('restore-main.ts', unmade)).rejects.toMatchObject({ code: 1, stdout: expect.stringMatching(/not-made-yet[^]*Window of possible loss/) });
    const restored = connect(empty.url, { max: 1 });
    const phones = await Promise.all([house.db, restored].map((db) => openFirstRecords(db, house.vault, [leadId])));
    await restored.destroy();
    expect(phones[1]).toEqual(phones[0]);
    expect(phones[0]?.get(leadId)).toBeDefined();
    await empty.drop();
  });
});

describe('npm run keys', () => {
  it('adds keys, asks for them to be used, and says what there is', async () => {
    expect(await keys(['rotate'], { DATABASE_URL: '' })).toContain('POST /v1/keys/rotations');
    expect(await keys(['rotate'])).toMatch(/kek-3 is in [^]*Rotation \S+ is under way/);
    expect((await findOpenRotation(house.db))?.asked_by).toBe('command');
    expect(await keys(['rotate-signing'])).toContain('signing-2');
    expect(await keys(['list'])).toMatch(/wrapped by transit under leadwarden[^]*kek: 1, 2, 3[^]*signing: 1, 2[^]*kek-1: in use since/);
    expect((await readdir(house.keyFolder)).filter((file) => file.endsWith('.key'))).toEqual([]);
  });

  it('destroys no key that is needed, and says what for', async () => {
    await expect(keys(['retire', '1'])).rejects.toMatchObject({ stderr: expect.stringContaining('kek-1 is not destroyed: it is in use') });
    expect(await readdir(house.keyFolder)).toContain('kek-1.wrapped');
    const { db } = house;
    await db.updateTable('keyring.epoch').set({ emptied_at: new Date() }).where('kek', '=', 1).execute();
    await db.insertInto('keyring.epoch').values({ kek: 2, activated_at: new Date() }).execute();
    await db.deleteFrom('keyring.subject_key').execute();
    await db.deleteFrom('keyring.reader').execute();
    await expect(keys(['retire', '1'])).rejects.toMatchObject({ stderr: expect.stringContaining('BACKUP_KEEP_DAYS') });
    expect(await keys(['retire', '1'], { BACKUP_KEEP_DAYS: '0' })).toContain('kek-1 is destroyed');
    expect(await readdir(house.keyFolder)).not.toContain('kek-1.wrapped');
    expect(await keys(['retire', '1'])).toContain('no file of it');
  });

  it('hands plain keys over, and says how it is used where it is not understood', async () => {
    const folder = `${house.keyFolder}-plain`;
    await createKeyFiles(folder);
    const before = await readKeyFiles(folder);
    expect(await keys(['wrap'], { LEADWARDEN_KEYS: folder })).toContain('token');
    const { TRANSIT_URL: url = '', TRANSIT_TOKEN_FILE: tokenFile = '' } = environment;
    expect(await readKeyFiles(folder, openKeyStore({ kind: 'transit', url, mount: 'transit', key: 'leadwarden', tokenFile }))).toEqual(before);
    await expect(keys(['wrap'], { KEY_STORE: 'file' })).rejects.toMatchObject({ stderr: expect.stringContaining('KEY_STORE') });
    for (const args of [[], ['turn'], ['retire', randomUUID()]]) {
      await expect(keys(args)).rejects.toMatchObject({ stderr: expect.stringContaining('npm run keys -- COMMAND') });
    }
    await rm(folder, { recursive: true });
  });
});
