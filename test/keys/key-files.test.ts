import { describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createKeyFiles, readKeyFiles, readSigningSeeds } from '../../keys/key-files.ts';
import { SigningKeys } from '../../proof/signing-keys.ts';
import { runFolder } from '../setup/suite.ts';

async function keyFolder(): Promise<string> {
  const folder = join(runFolder(), `keys-${randomUUID()}`);
  await createKeyFiles(folder);
  return folder;
}

describe('the signing keys of an installation', () => {
  test('are made with the others, for nobody else to read', async () => {
    const file = join(await keyFolder(), 'signing-1.key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('are added to an installation that has none, and leave its other keys alone', async () => {
    const folder = await keyFolder();
    const before = await readKeyFiles(folder);
    await rm(join(folder, 'signing-1.key'));
    await expect(readSigningSeeds(folder)).rejects.toThrow('signing-1.key');
    await createKeyFiles(folder);
    expect((await readSigningSeeds(folder)).size).toBe(1);
    expect(await readKeyFiles(folder)).toEqual(before);
  });

  test('are changed by adding a file: the newest signs, the past ones stay published', async () => {
    const folder = await keyFolder();
    const [past] = new SigningKeys(await readSigningSeeds(folder)).published;
    await writeFile(join(folder, 'signing-10.key'), `${'ab'.repeat(32)}\n`);
    await writeFile(join(folder, 'signing-9.key'), `${'cd'.repeat(32)}\n`);
    await createKeyFiles(folder);
    const keys = new SigningKeys(await readSigningSeeds(folder));
    expect(keys.published.map(({ current }) => current)).toEqual([true, false, false]);
    expect(keys.published[0]?.kid).toBe(keys.sign('text').kid);
    expect(keys.published[2]).toEqual({ ...past, current: false });
  });

  test('fail by the name of the file, never by its content', async () => {
    const folder = await keyFolder();
    await writeFile(join(folder, 'signing-2.key'), 'secret nonsense');
    const failure: unknown = await readSigningSeeds(folder).catch((error: unknown) => error);
    expect(String(failure)).toContain('signing-2.key');
    expect(String(failure)).not.toContain('nonsense');
    expect((await readFile(join(folder, 'signing-1.key'), 'utf8')).trim()).toMatch(/^[0-9a-f]{64}$/);
  });
});
