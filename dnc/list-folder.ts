import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const UNFINISHED = '.part';
const CHUNK = 1024 * 1024;

/** Of the bytes as they were received. */
export interface StoredFile {
  sha256: string;
  sizeBytes: number;
}

/**
 * Stores the file of a release as it comes in; when this answers, it is on the disk to stay. Of a body that breaks off nothing
 * stays behind.
 */
export async function storeListFile(listFolder: string, releaseId: string, body: Readable): Promise<StoredFile> {
  const path = listFilePath(listFolder, releaseId);
  await mkdir(listFolder, { recursive: true, mode: 0o700 });
  try {
    const file = await open(path + UNFINISHED, 'w', 0o600);
    const stored = await write(file, body).finally(() => file.close());
    await rename(path + UNFINISHED, path);
    await syncFolder(listFolder);
    return stored;
  } catch (error) {
    await rm(path + UNFINISHED, { force: true });
    throw error;
  }
}

async function write(file: Awaited<ReturnType<typeof open>>, body: Readable): Promise<StoredFile> {
  const digest = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    digest.update(chunk);
    sizeBytes += chunk.length;
    await file.appendFile(chunk);
  }
  await file.sync();
  return { sha256: digest.digest('hex'), sizeBytes };
}

/** Digest and size of a file that is stored; null when it is not there. */
export async function digestOfListFile(listFolder: string, releaseId: string): Promise<StoredFile | null> {
  const digest = createHash('sha256');
  let sizeBytes = 0;
  try {
    const bytes = createReadStream(listFilePath(listFolder, releaseId), { highWaterMark: CHUNK });
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      digest.update(chunk);
      sizeBytes += chunk.length;
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  return { sha256: digest.digest('hex'), sizeBytes };
}

/** Deletes the file of a release, where it is there. */
export async function removeListFile(listFolder: string, releaseId: string): Promise<void> {
  await rm(listFilePath(listFolder, releaseId), { force: true });
}

export function listFilePath(listFolder: string, releaseId: string): string {
  return join(listFolder, releaseId);
}

/** A rename is on the disk once its folder is. Windows has no such thing and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
