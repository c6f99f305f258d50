import { createCipheriv, createDecipheriv, createHash, createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib';
import { BrokenBackup } from './broken-backup.ts';

const CIPHER = 'aes-256-gcm';
const TAG = 16;
const SALT = 32;
const MAGIC = Buffer.from('LWBACK\0\x01', 'latin1');
const HEADER = MAGIC.length + SALT;
const FRAME = 1024 * 1024;
const SEALED_FRAME = FRAME + TAG;
const QUICK = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** What a file is bound to: a file of another backup, or under another name, does not open. */
export interface FilePlace {
  key: Uint8Array;
  backupId: string;
  file: string;
}

/** What was written: bytes before and after, and digests of both. */
export interface WrittenFile {
  plainBytes: number;
  plainSha256: string;
  bytes: number;
  sha256: string;
}

/** Compresses and encrypts a stream into a new file, which is on disk when this resolves. */
export async function writeSealedFile(
  path: string, place: FilePlace, source: Readable, onBytes: (bytes: number) => void, signal: AbortSignal,
): Promise<WrittenFile> {
  const [plain, sealed] = [new Tally(), new Tally()];
  await pipeline(
    source,
    (chunks: AsyncIterable<Buffer>) => plain.count(chunks, onBytes),
    createZstdCompress(QUICK),
    (chunks: AsyncIterable<Buffer>) => sealFrames(chunks, place),
    (chunks: AsyncIterable<Buffer>) => sealed.count(chunks),
    createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true, highWaterMark: 4 * FRAME }),
    { signal },
  );
  return { plainBytes: plain.bytes, plainSha256: plain.digest(), bytes: sealed.bytes, sha256: sealed.digest() };
}

/** Fails when a file is not, to the byte, what was written. */
export async function checkFile(path: string, written: Pick<WrittenFile, 'bytes' | 'sha256'>, file: string): Promise<void> {
  const size = await stat(path).then((found) => found.size, () => null);
  if (size === null) throw new BrokenBackup(`${file} is missing`);
  if (size !== written.bytes) throw new BrokenBackup(`${file} has ${size} bytes instead of ${written.bytes}`);
  const tally = new Tally();
  for await (const _ of tally.count(createReadStream(path, { highWaterMark: FRAME }) as AsyncIterable<Buffer>)) continue;
  if (tally.digest() !== written.sha256) throw new BrokenBackup(`${file} is not what was written`);
}

/** The bytes that were written into a file. What was altered, cut off or moved fails as a BrokenBackup, and is not handed out. */
export async function* readSealedFile(path: string, place: FilePlace): AsyncGenerator<Buffer> {
  const frames = openFrames(createReadStream(path, { highWaterMark: FRAME }) as AsyncIterable<Buffer>, place);
  const plain = createZstdDecompress();
  const feeding = pipeline(frames, plain);
  feeding.catch(() => undefined);
  yield* plain as AsyncIterable<Buffer>;
  await feeding;
}

/** Digest and length of what passes. */
export class Tally {
  bytes = 0;
  readonly #hash = createHash('sha256');

  async *count(chunks: AsyncIterable<Buffer>, onBytes?: (bytes: number) => void): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.bytes += chunk.length;
      this.#hash.update(chunk);
      onBytes?.(chunk.length);
      yield chunk;
    }
  }

  /** `sha256:<64 hex digits>`; can be asked for once. */
  digest(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}

/**
 * Frame by frame, each bound to its place and to whether it is the last (the STREAM construction,
 * https://eprint.iacr.org/2015/189): frames that are missing, moved or cut off do not open. Every file has a key of its own, so
 * that the counter never repeats under one.
 */
async function* sealFrames(chunks: AsyncIterable<Buffer>, place: FilePlace): AsyncGenerator<Buffer> {
  const salt = randomBytes(SALT);
  const key = keyOf(place, salt);
  yield Buffer.concat([MAGIC, salt]);
  let frames = 0;
  for await (const { bytes, isLast } of inFrames(chunks, FRAME)) {
    const cipher = createCipheriv(CIPHER, key, nonce(frames, isLast), { authTagLength: TAG });
    frames += 1;
    yield cipher.update(bytes);
    cipher.final();
    yield cipher.getAuthTag();
  }
}

async function* openFrames(chunks: AsyncIterable<Buffer>, place: FilePlace): AsyncGenerator<Buffer> {
  const source = chunks[Symbol.asyncIterator]();
  const { head, rest } = await takeHeader(source);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new BrokenBackup(`${place.file} is no file of a backup`);
  const key = keyOf(place, head.subarray(MAGIC.length));
  let frames = 0;
  for await (const { bytes, isLast } of inFrames(continued(rest, source), SEALED_FRAME)) {
    yield openFrame(key, nonce(frames, isLast), bytes, place.file);
    frames += 1;
  }
}

function openFrame(key: KeyObject, iv: Buffer, sealed: Buffer, file: string): Buffer {
  try {
    const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG });
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
    const plain = decipher.update(sealed.subarray(0, sealed.length - TAG));
    decipher.final();
    return plain;
  } catch {
    throw new BrokenBackup(`${file} does not open: it was altered, cut off or moved, or this is not its key`);
  }
}

async function takeHeader(source: AsyncIterator<Buffer>): Promise<{ head: Buffer; rest: Buffer }> {
  let bytes: Buffer = Buffer.alloc(0);
  while (bytes.length < HEADER) {
    const next = await source.next();
    if (next.done) break;
    bytes = Buffer.concat([bytes, next.value]);
  }
  return { head: bytes.subarray(0, HEADER), rest: bytes.subarray(HEADER) };
}

async function* continued(first: Buffer, source: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
}

/** A stream cut into frames of one size; the last one, which is always there, may be shorter. */
async function* inFrames(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<{ bytes: Buffer; isLast: boolean }> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    held.push(chunk);
    length += chunk.length;
    if (length <= size) continue;
    const bytes = Buffer.concat(held);
    let at = 0;
    for (; bytes.length - at > size; at += size) yield { bytes: bytes.subarray(at, at + size), isLast: false };
    held = [bytes.subarray(at)];
    length = bytes.length - at;
  }
  yield { bytes: Buffer.concat(held), isLast: true };
}

function keyOf({ key, backupId, file }: FilePlace, salt: Uint8Array): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', key, salt, `leadwarden backup ${backupId} ${file}`, 32)));
}

function nonce(frame: number, isLast: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(frame, 5, 6);
  bytes[11] = isLast ? 1 : 0;
  return bytes;
}
