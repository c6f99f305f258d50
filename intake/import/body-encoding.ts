import type { Readable } from 'node:stream';
import { createGunzip, type Gunzip } from 'node:zlib';
import { DomainError } from '../../domain/problem.ts';

/** Text shrinks to a tenth or so. What grows this much in unpacking is made to fill a disk. */
const MOST_GROWTH = 250;
const GROWTH_COUNTS_FROM = 100_000_000;

/**
 * The bytes of a body with its Content-Encoding undone: none, or gzip. The body itself is left as it is on any failure, so
 * that its sender can still be answered. Throws a DomainError when it breaks off, or is not what its header says.
 */
export async function* decodeBody(body: Readable, contentEncoding = 'identity'): AsyncGenerator<Buffer> {
  switch (contentEncoding.trim().toLowerCase()) {
    case '':
    case 'identity':
      yield* received(body);
      return;
    case 'gzip':
    case 'x-gzip':
      yield* gunzip(received(body));
      return;
    default: throw new DomainError('unsupported_encoding', 'Send the file plain, or with "Content-Encoding: gzip".');
  }
}

async function* received(body: Readable): AsyncGenerator<Buffer> {
  try {
    yield* body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch {
    throw new DomainError('body_incomplete', 'The file ended before it was complete. Nothing was kept of it; send it again.');
  }
}

async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const unpacker = createGunzip();
  void feed(chunks, unpacker);
  let size = 0;
  try {
    for await (const chunk of unpacker as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > GROWTH_COUNTS_FROM && size > unpacker.bytesWritten * MOST_GROWTH) throw tooLarge();
      yield chunk;
    }
  } catch (error) {
    throw error instanceof DomainError ? error : notGzip();
  } finally {
    unpacker.destroy();
  }
}

/** Never fails itself: what goes wrong with the body goes wrong with what it is fed to. */
async function feed(chunks: AsyncIterable<Buffer>, unpacker: Gunzip): Promise<void> {
  try {
    for await (const chunk of chunks) {
      if (unpacker.destroyed) return;
      await new Promise<void>((resolve) => unpacker.write(chunk, () => resolve()));
    }
    unpacker.end();
  } catch (error) {
    unpacker.destroy(error as Error);
  }
}

function notGzip(): DomainError {
  return new DomainError('unsupported_encoding', 'The header says "Content-Encoding: gzip", and the body is no whole gzip data.');
}

function tooLarge(): DomainError {
  return new DomainError('body_too_large', `The body grows more than ${MOST_GROWTH} times in unpacking. Send it plain if it is meant.`);
}
