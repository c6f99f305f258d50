import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { newId } from '../../../db/ids.ts';
import { Vault } from '../../../db/vault.ts';
import { DomainError } from '../../../domain/problem.ts';
import { ImportFailure } from '../../../intake/import/import-failure.ts';
import { openUpload, removeUpload, storeUpload, type UploadStore } from '../../../intake/import/upload.ts';
import { FRAME } from '../../../intake/import/upload-cipher.ts';
import { runFolder } from '../../setup/suite.ts';

let store: UploadStore;
beforeAll(() => {
  const keys = { token: randomBytes(32), keks: new Map([[1, randomBytes(32)]]), newestKek: 1 };
  store = { folder: join(runFolder(), `uploads-${randomUUID()}`), vault: new Vault(keys) };
});
afterAll(() => rm(store.folder, { recursive: true, force: true }));

const pathOf = (id: string) => join(store.folder, id);
const inPieces = (bytes: Buffer, length: number) => Readable.from((function* () {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
})());
async function opened(id: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of openUpload(store, id)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
async function stored(bytes: Buffer): Promise<string> {
  const id = newId();
  await storeUpload(store, id, inPieces(bytes, 1000));
  return id;
}

describe('an upload', () => {
  it.each([0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 300_000])('of %d bytes is given back as it was received', async (size) => {
    const [id, bytes] = [newId(), randomBytes(size)];
    const { sha256, sizeBytes } = await storeUpload(store, id, inPieces(bytes, 7_777));
    expect([sha256, sizeBytes]).toEqual([createHash('sha256').update(bytes).digest('hex'), size]);
    expect((await opened(id)).equals(bytes)).toBe(true);
    await removeUpload(store.folder, id);
    expect(await readdir(store.folder)).not.toContain(id);
  });

  it('is one file, sent plain or packed', async () => {
    const bytes = Buffer.from('Phone,Name\n+12025550143,Ada\n'.repeat(10_000));
    const packed = newId();
    const plain = await storeUpload(store, newId(), inPieces(bytes, 65_536), 'identity');
    expect(await storeUpload(store, packed, inPieces(gzipSync(bytes), 100), 'GZIP')).toEqual(plain);
    expect((await opened(packed)).equals(bytes)).toBe(true);
  });

  it('is not readable on the disk', async () => {
    const id = await stored(Buffer.from('Quirina Canary,+12025550143\n'.repeat(5_000)));
    const raw = await readFile(pathOf(id));
    expect(raw.includes('Canary') || raw.includes('2025550143')).toBe(false);
    expect(((await stat(pathOf(id))).mode & 0o077).toString(8)).toBe('0');
  });
});

describe('a stored upload', () => {
  const failureOf = (id: string) => opened(id).then(() => null, (error: unknown) => error);

  it.each([0, 5, 71, 72, 90, 71 + FRAME + 16, 71 + FRAME + 17, 71 + 2 * (FRAME + 16)])('that was cut off after %d bytes is recognised', async (length) => {
    const id = await stored(randomBytes(3 * FRAME));
    await truncate(pathOf(id), length);
    expect(await failureOf(id)).toBeInstanceOf(ImportFailure);
  });

  it('in which a single bit was changed is recognised', async () => {
    const id = await stored(randomBytes(2 * FRAME + 10));
    const raw = await readFile(pathOf(id));
    for (const at of [0, 9, 20, 80, 71 + FRAME, raw.length - 1]) {
      const changed = Buffer.from(raw);
      changed[at]! ^= 1;
      await writeFile(pathOf(id), changed);
      expect(await failureOf(id)).toMatchObject({ code: 'upload_damaged' });
    }
  });

  it('does not open as that of another import, nor with its frames in another order', async () => {
    const [id, other] = [await stored(randomBytes(3 * FRAME)), newId()];
    const raw = await readFile(pathOf(id));
    await writeFile(pathOf(other), raw);
    expect(await failureOf(other)).toMatchObject({ code: 'upload_damaged' });
    const [one, two, three] = [71, 71 + FRAME + 16, 71 + 2 * (FRAME + 16)] as const;
    const parts = [raw.subarray(0, one), raw.subarray(two, three), raw.subarray(one, two), raw.subarray(three)];
    const swapped = Buffer.concat(parts);
    await writeFile(pathOf(id), swapped);
    expect(await failureOf(id)).toMatchObject({ code: 'upload_damaged' });
  });

  it('that is gone is a failure that says so', async () => {
    expect(await failureOf(newId())).toMatchObject({ code: 'upload_damaged' });
  });
});

describe('nothing stays behind of an upload', () => {
  const refused = async (body: Readable, encoding?: string): Promise<unknown> => {
    const before = await readdir(store.folder);
    const failure = await storeUpload(store, newId(), body, encoding).then(() => null, (error: unknown) => error);
    expect(await readdir(store.folder)).toEqual(before);
    return failure;
  };
  const broken = (...chunks: Buffer[]) => {
    const body = new PassThrough();
    for (const chunk of chunks) body.write(chunk);
    setTimeout(() => body.destroy(new Error('aborted')), 20);
    return body;
  };

  it('whose sender goes away, whether it is packed or not', async () => {
    const packed = gzipSync(randomBytes(200_000));
    for (const failure of [await refused(broken(randomBytes(100_000))), await refused(broken(packed.subarray(0, 150_000)), 'gzip')]) {
      expect(failure).toBeInstanceOf(DomainError);
      expect(failure).toMatchObject({ code: 'body_incomplete' });
    }
  });

  it('that is not what its encoding says', async () => {
    const packed = gzipSync(randomBytes(100_000));
    const damagedPack = Buffer.from(packed);
    damagedPack[50_000]! ^= 255;
    for (const body of [Buffer.from('Phone\n'), packed.subarray(0, 90_000), damagedPack, packed.subarray(0, -4)]) {
      expect(await refused(inPieces(body, 1000), 'gzip')).toMatchObject({ code: 'unsupported_encoding' });
    }
    expect(await refused(inPieces(packed, 1000), 'br')).toMatchObject({ code: 'unsupported_encoding' });
  });

  it('that only grows in unpacking', async () => {
    expect(await refused(inPieces(gzipSync(Buffer.alloc(150_000_000)), 1000), 'gzip')).toMatchObject({ code: 'body_too_large' });
  });

  it('that a full disk has no room for, and the system says so; its sender can still be answered', async () => {
    const id = newId();
    await mkdir(store.folder, { recursive: true });
    await symlink('/dev/full', `${pathOf(id)}.part`);
    const body = inPieces(randomBytes(1_000_000), 1000);
    await expect(storeUpload(store, id, body)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(body.destroyed).toBe(false);
    expect((await readdir(store.folder)).filter((name) => name.startsWith(id))).toEqual([]);
  });
});
