import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addNextKey, createKeyFiles, destroyKek, readKeyFiles, readSigningSeeds, wrapPlainKeys } from '../../keys/key-files.ts';
import { fileStore } from '../../keys/file-store.ts';
import type { KeyStore } from '../../keys/key-store.ts';
import { openKeyStore } from '../../keys/stores.ts';
import { startMoto, type MotoServer } from '../setup/moto-server.ts';
import { runFolder } from '../setup/suite.ts';
import { startTransit, type TransitServer } from './transit-server.ts';

const SECRET = 'AWS_SECRET_ACCESS_KEY';
let transit: TransitServer;
let moto: MotoServer;
let tokenFile: string;
let kmsKeys: string[];
let stores: Record<string, KeyStore>;

beforeAll(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', [SECRET]: 'test' });
  const keys = { leadwarden: randomBytes(32), other: randomBytes(32) };
  [transit, moto] = await Promise.all([startTransit({ keys }), startMoto()]);
  tokenFile = join(runFolder(), `token-${randomUUID()}`);
  await writeFile(tokenFile, `${transit.token}\n`);
  kmsKeys = [];
  for (const _ of ['ours', 'another']) {
    const { KeyMetadata } = await kmsClient().send(new CreateKeyCommand({}));
    kmsKeys.push(KeyMetadata?.KeyId ?? '');
  }
  stores = { 'transit': transitWith({}), 'aws-kms': kmsWith({}) };
}, 600_000);
afterAll(() => Promise.all([transit?.close(), moto?.stop()]));

const kmsClient = () => new KMSClient({ endpoint: moto.url, region: 'eu-central-1' });
const transitWith = (changes: object) => openKeyStore({ kind: 'transit', url: transit.url, mount: 'transit', key: 'leadwarden', tokenFile, ...changes });
const kmsWith = (changes: object) => {
  return openKeyStore({ kind: 'aws-kms', key: kmsKeys[0] ?? '', region: 'eu-central-1', endpoint: moto.url, ...changes });
};
const storeOf = (name: string) => stores[name] as KeyStore;
const newFolder = () => join(runFolder(), `keys-${randomUUID()}`);

async function changeFile(path: string, change: (content: { wrapped: string; store: string }) => object): Promise<void> {
  await writeFile(path, JSON.stringify(change(JSON.parse(await readFile(path, 'utf8')) as { wrapped: string; store: string })));
}

describe.each(['transit', 'aws-kms'])('keys protected by %s', (name) => {
  it('are in the folder wrapped only, and are the same at every reading', async () => {
    const folder = newFolder();
    await createKeyFiles(folder, storeOf(name));
    const [first, again] = [await readKeyFiles(folder, storeOf(name)), await readKeyFiles(folder, storeOf(name))];
    expect(again).toEqual(first);
    expect((await readdir(folder)).sort()).toEqual(['backup-1.wrapped', 'kek-1.wrapped', 'signing-1.wrapped', 'token.wrapped']);
    expect((await stat(join(folder, 'token.wrapped'))).mode & 0o777).toBe(0o600);
    const onDisk = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')));
    for (const key of [first.token, ...first.keks.values()]) {
      for (const encoding of ['hex', 'base64', 'latin1'] as const) expect(onDisk.join()).not.toContain(key.toString(encoding));
    }
    expect((await readSigningSeeds(folder, storeOf(name))).get(1)?.createdAt.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it('do not open when a file was altered, exchanged for another, or is of another key', async () => {
    const folder = newFolder();
    await createKeyFiles(folder, storeOf(name));
    await addNextKey(folder, 'kek', storeOf(name));
    const foreign = name === 'transit' ? transitWith({ key: 'other' }) : kmsWith({ key: kmsKeys[1] });
    await expect(readKeyFiles(folder, foreign)).rejects.toMatchObject({ name: 'WrongKeys' });
    await rename(join(folder, 'kek-2.wrapped'), join(folder, 'kek-1.wrapped'));
    await expect(readKeyFiles(folder, storeOf(name))).rejects.toMatchObject({ name: 'WrongKeys', message: expect.stringContaining('"kek-1"') });
    await changeFile(join(folder, 'token.wrapped'), ({ wrapped, ...rest }) => ({ ...rest, wrapped: `${wrapped.slice(0, -8)}AAAAAAA=` }));
    await destroyKek(folder, 1);
    await addNextKey(folder, 'kek', storeOf(name));
    await expect(readKeyFiles(folder, storeOf(name))).rejects.toMatchObject({ name: 'WrongKeys', message: expect.stringContaining('"token"') });
  });

  it('that lay in the folder as they were are handed over, in whatever state a crash left that', async () => {
    const folder = newFolder();
    await createKeyFiles(folder);
    const before = await readKeyFiles(folder);
    const seeds = await readSigningSeeds(folder);
    await expect(readKeyFiles(folder, storeOf(name))).rejects.toMatchObject({ name: 'WrongKeys', message: expect.stringContaining('run "npm run keys -- wrap"') });
    const plain = await readFile(join(folder, 'kek-1.key'), 'utf8');
    expect((await wrapPlainKeys(folder, storeOf(name))).sort()).toEqual(['backup-1', 'kek-1', 'signing-1', 'token']);
    await writeFile(join(folder, 'kek-1.key'), plain);
    expect(await wrapPlainKeys(folder, storeOf(name))).toEqual(['kek-1']);
    expect(await wrapPlainKeys(folder, storeOf(name))).toEqual([]);
    expect(await readKeyFiles(folder, storeOf(name))).toEqual(before);
    expect(await readSigningSeeds(folder, storeOf(name))).toEqual(seeds);
    await expect(readKeyFiles(folder)).rejects.toMatchObject({ name: 'WrongKeys', message: expect.stringContaining(`protected by ${name}`) });
  });

  it('wait while nobody answers, which is another failure than a wrong key', async () => {
    const gone = name === 'transit' ? transitWith({ url: 'http://127.0.0.1:1' }) : kmsWith({ endpoint: 'http://127.0.0.1:1' });
    await expect(gone.wrap('kek-1', randomBytes(32))).rejects.toMatchObject({ name: 'KeyStoreAway' });
    await expect(gone.unwrap('kek-1', 'dmF1bHQ=')).rejects.toMatchObject({ name: 'KeyStoreAway' });
  });
});

describe('Transit', () => {
  it('that is sealed is waited for, and a token that it refuses is said to be wrong, without the token', async () => {
    const wrapped = await storeOf('transit').wrap('kek-1', randomBytes(32));
    transit.isSealed = true;
    await expect(storeOf('transit').unwrap('kek-1', wrapped)).rejects.toMatchObject({ name: 'KeyStoreAway' });
    transit.isSealed = false;
    const wrong = `${tokenFile}-wrong`;
    await writeFile(wrong, 'hvs.stolen');
    const failure: unknown = await transitWith({ tokenFile: wrong }).unwrap('kek-1', wrapped).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'WrongKeys', message: expect.stringContaining('TRANSIT_TOKEN_FILE') });
    expect(String(failure)).not.toContain('stolen');
    await expect(transitWith({ tokenFile: `${tokenFile}-missing` }).unwrap('kek-1', wrapped)).rejects.toMatchObject({ name: 'WrongKeys' });
    await expect(transitWith({ mount: 'elsewhere' }).wrap('kek-1', randomBytes(32))).rejects.toMatchObject({ name: 'WrongKeys' });
  });

  it('is shown the token as it is in the file by then, because agents renew it', async () => {
    const store = storeOf('transit');
    transit.token = 'hvs.renewed';
    await expect(store.wrap('kek-1', randomBytes(32))).rejects.toMatchObject({ name: 'WrongKeys' });
    await writeFile(tokenFile, transit.token);
    await expect(store.wrap('kek-1', randomBytes(32))).resolves.toMatch(/^vault:v1:/);
  });
});

describe('AWS KMS', () => {
  it('that does not know the key is not waited for', async () => {
    const outcome = kmsWith({ key: randomUUID() }).wrap('kek-1', randomBytes(32));
    await expect(outcome).rejects.toMatchObject({ name: 'WrongKeys', message: expect.stringContaining('AWS_KMS_KEY') });
  });
});

describe('a key file that is destroyed', () => {
  it('is gone, and so is its content from where it lay', async () => {
    const folder = newFolder();
    await createKeyFiles(folder);
    expect(await addNextKey(folder, 'kek', fileStore)).toBe(2);
    expect(await destroyKek(folder, 1)).toBe(true);
    expect(await destroyKek(folder, 1)).toBe(false);
    expect([...(await readKeyFiles(folder)).keks.keys()]).toEqual([2]);
  });

  it('is not made twice by two who add the next one at the same time', async () => {
    const folder = newFolder();
    await createKeyFiles(folder);
    const numbers = await Promise.all(Array.from({ length: 8 }, () => addNextKey(folder, 'kek', fileStore)));
    expect(numbers.sort((one, other) => one - other)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    expect((await readdir(folder)).filter((file) => file.includes('.part'))).toEqual([]);
  });
});
