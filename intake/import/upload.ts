import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Vault } from '../../db/vault.ts';
import { decodeBody } from './body-encoding.ts';
import { damaged, FRAME, headerLength, SEALED_FRAME, UploadOpener, UploadSealer } from './upload-cipher.ts';

const UNFINISHED = '.part';

/** Where uploads lie until they are imported, and whose key they are sealed under. */
export interface UploadStore {
  folder: string;
  vault: Vault;
}

/** What was received: digest and size are of the bytes once their Content-Encoding is undone. */
export interface StoredUpload {
  sha256: string;
  sizeBytes: number;
}

/**
 * Stores the body of an upload, sealed, as it comes in; when this answers, it is on the disk to stay. The digest is taken
 * after a `gzip` content encoding is undone, so that one file is one import however it was sent. Nothing stays behind of a
 * body that breaks off or cannot be decoded (a DomainError), or of a disk that is full (the system's own error, with its code).
 */
export async function storeUpload(
  store: UploadStore, importId: string, body: Readable, contentEncoding?: string,
): Promise<StoredUpload> {
  const path = uploadPath(store.folder, importId);
  await mkdir(store.folder, { recursive: true, mode: 0o700 });
  try {
    const file = await open(path + UNFINISHED, 'w', 0o600);
    const sealer = new UploadSealer(store.vault, importId);
    const stored = await writeSealed(file, sealer, decodeBody(body, contentEncoding)).finally(() => file.close());
    await rename(path + UNFINISHED, path);
    await syncFolder(store.folder);
    return stored;
  } catch (error) {
    await rm(path + UNFINISHED, { force: true });
    throw error;
  }
}

async function writeSealed(file: FileHandle, sealer: UploadSealer, bytes: AsyncIterable<Buffer>): Promise<StoredUpload> {
  const hash = createHash('sha256');
  await file.appendFile(sealer.header);
  let sizeBytes = 0;
  let held: Buffer | null = null;
  for await (const frame of inFrames(bytes)) {
    if (held) await file.appendFile(sealer.seal(held, false));
    hash.update(frame);
    sizeBytes += frame.length;
    held = frame;
  }
  await file.appendFile(sealer.seal(held ?? Buffer.alloc(0), true));
  await file.sync();
  return { sha256: hash.digest('hex'), sizeBytes };
}

/** The stored bytes of an upload, as they were received. Throws an ImportFailure when the file is gone or damaged. */
export async function* openUpload({ folder, vault }: UploadStore, importId: string): AsyncGenerator<Buffer> {
  const source = createReadStream(uploadPath(folder, importId), { highWaterMark: SEALED_FRAME });
  let opener: UploadOpener | null = null;
  let held: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      if (!opener) {
        const length = headerLength(held);
        opener = new UploadOpener(vault, importId, held.subarray(0, length));
        held = held.subarray(length);
      }
      for (; held.length > SEALED_FRAME; held = held.subarray(SEALED_FRAME)) {
        yield opener.open(held.subarray(0, SEALED_FRAME), false);
      }
    }
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? damaged() : error;
  }
  if (!opener) throw damaged();
  yield opener.open(held, true);
}

/** Deletes an upload, and with it the only copy of its key. */
export async function removeUpload(folder: string, importId: string): Promise<void> {
  await rm(uploadPath(folder, importId), { force: true });
}

/** Names of the files in the folder that have lain untouched since `before`, finished or not. */
export async function idleUploads(folder: string, before: Date): Promise<string[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const idle = await Promise.all(names.map(async (name) => {
    const found = await stat(join(folder, name)).catch(() => null);
    return found && found.mtime < before ? [name] : [];
  }));
  return idle.flat();
}

function uploadPath(folder: string, importId: string): string {
  return join(folder, importId);
}

async function* inFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const frame = Buffer.allocUnsafe(FRAME);
  let used = 0;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; ) {
      const copied = chunk.copy(frame, used, from);
      from += copied;
      used += copied;
      if (used < FRAME) continue;
      yield Buffer.from(frame);
      used = 0;
    }
  }
  if (used > 0) yield Buffer.from(frame.subarray(0, used));
}

/** A rename is on the disk once its folder is. Windows has no such thing and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}
