import { crc32 } from 'node:zlib';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import { ListFileFailure } from './list-file-failure.ts';

const NEW_LINE = Buffer.from('\n');
const NO_DIRECTORY = /end of central directory record signature not found/i;

/** Hears how many bytes of the zip have been read. */
type Report = (consumed: number) => void;

/** What is read of one file in a zip, before it is joined with the others. */
type Filter = (chunks: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;

/** The files of a zip one after the other, in the order of its directory, a line end after each. */
export async function* readZip(path: string, report: Report, filter: Filter): AsyncGenerator<Buffer> {
  const zip = await openZip(path);
  try {
    let consumed = 0;
    for await (const entry of zip.eachEntry()) {
      if (isFile(entry)) yield* readEntry(zip, entry, (bytes) => report(consumed + bytes), filter);
      consumed += entry.compressedSize;
    }
    report(Infinity);
  } catch (error) {
    throw explain(error);
  } finally {
    zip.close();
  }
}

async function openZip(path: string): Promise<ZipFile> {
  try {
    const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
    // Whoever is reading hears of an error; one that comes when nobody is any more must not end the process.
    return zip.on('error', () => undefined);
  } catch (error) {
    throw explain(error);
  }
}

async function* readEntry(zip: ZipFile, entry: Entry, report: Report, filter: Filter): AsyncGenerator<Buffer> {
  if (entry.isEncrypted()) throw new ListFileFailure('zip_encrypted', 'The zip file is encrypted.');
  let unpacked = 0;
  let checksum = 0;
  const stream = await zip.openReadStreamPromise(entry);
  const seen = async function* () {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      unpacked += chunk.length;
      checksum = crc32(chunk, checksum);
      report(Math.floor(entry.compressedSize * (unpacked / entry.uncompressedSize)));
      yield chunk;
    }
  };
  yield* filter(seen());
  if (checksum !== entry.crc32) throw unreadable();
  yield NEW_LINE;
}

/** macOS packs a shadow of every file, which is no text. */
function isFile({ fileName }: Entry): boolean {
  return !fileName.endsWith('/') && !fileName.startsWith('__MACOSX/');
}

/** What is wrong with the zip; a disk that cannot be read is not. */
function explain(error: unknown): unknown {
  if (error instanceof ListFileFailure || (typeof error === 'object' && error !== null && 'syscall' in error)) return error;
  const isCutOff = NO_DIRECTORY.test(String(error));
  return isCutOff ? new ListFileFailure('file_truncated', 'The zip file ends before it is complete.') : unreadable();
}

function unreadable(): ListFileFailure {
  return new ListFileFailure('zip_unreadable', 'The zip file is damaged, or packed in a way that is not known here.');
}
