import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ListFileFailure } from './list-file-failure.ts';
import { readZip } from './zip-entries.ts';

export { ListFileFailure, type ListFileFailureCode } from './list-file-failure.ts';

const MOST_BYTES = 8_000_000_000;
const CHUNK = 1024 * 1024;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

type Packing = 'plain' | 'gzip' | 'zip';

/** The unpacked bytes of a file, to be read once. */
export interface ListFile extends AsyncIterable<Buffer> {
  /** How many bytes the file has, as it lies there. */
  readonly size: number;
  /** How many of these have been read by now; the last chunk is not seen before they are all read. */
  readonly consumed: number;
  readonly packing: Packing;
}

/**
 * Opens a file of a list, whatever it is packed in: gzip and zip are known by their first bytes, and of a zip all files are
 * read in their order, each on new lines. Reading throws a ListFileFailure when it is cut off, encrypted, no text (it has a
 * NUL), or unpacks to more than `mostBytes` (8 GB). Byte order marks are left out.
 */
export async function openListFile(path: string, { mostBytes = MOST_BYTES }: { mostBytes?: number } = {}): Promise<ListFile> {
  const { size, packing } = await look(path);
  let consumed = 0;
  const report = (bytes: number) => (consumed = Math.min(size, bytes));
  return {
    size,
    packing,
    get consumed() {
      return consumed;
    },
    [Symbol.asyncIterator]: () => checked(unpack(path, packing, report), mostBytes),
  };
}

async function look(path: string): Promise<{ size: number; packing: Packing }> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return { size: (await file.stat()).size, packing: packingOf(buffer.subarray(0, bytesRead)) };
  } finally {
    await file.close();
  }
}

/** PK 3 4 begins a zip with files in it, PK 5 6 one without. */
function packingOf(start: Buffer): Packing {
  const mark = start.toString('latin1');
  if (mark.startsWith('\x1f\x8b')) return 'gzip';
  return mark === 'PK\x03\x04' || mark === 'PK\x05\x06' ? 'zip' : 'plain';
}

function unpack(path: string, packing: Packing, report: (consumed: number) => void): AsyncGenerator<Buffer> {
  switch (packing) {
    case 'plain': return withoutMark(readPlain(path, report));
    case 'gzip': return withoutMark(readGzip(path, report));
    case 'zip': return readZip(path, report, withoutMark);
    default: throw new Error(`an unknown packing: ${String(packing satisfies never)}`);
  }
}

async function* checked(chunks: AsyncGenerator<Buffer>, mostBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new ListFileFailure('too_large_unpacked', `The file unpacks to more than ${mostBytes} bytes.`);
    if (chunk.includes(0)) throw new ListFileFailure('file_not_text', 'The file has bytes in it that no text has.');
    yield chunk;
  }
}

async function* withoutMark(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let started = false;
  for await (const chunk of chunks) {
    const marked = !started && chunk.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    started = true;
    yield marked ? chunk.subarray(BYTE_ORDER_MARK.length) : chunk;
  }
}

async function* readPlain(path: string, report: (consumed: number) => void): AsyncGenerator<Buffer> {
  let consumed = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    consumed += chunk.length;
    report(consumed);
    yield chunk;
  }
}

/** The reading end closes the file when it is left early. */
async function* readGzip(path: string, report: (consumed: number) => void): AsyncGenerator<Buffer> {
  const unpacked = createGunzip({ chunkSize: CHUNK });
  const packed = createReadStream(path, { highWaterMark: CHUNK });
  pipeline(packed, unpacked, () => undefined);
  try {
    for await (const chunk of unpacked as AsyncIterable<Buffer>) {
      report(packed.bytesRead);
      yield chunk;
    }
  } catch (error) {
    throw explainGzip(error);
  }
}

function explainGzip(error: unknown): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'Z_BUF_ERROR') return new ListFileFailure('file_truncated', 'The gzip file ends before it is complete.');
  const isBroken = typeof code === 'string' && code.startsWith('Z_');
  return isBroken ? new ListFileFailure('gzip_unreadable', 'The gzip file is damaged.') : error;
}
