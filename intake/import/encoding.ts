import { isUtf8 } from 'node:buffer';
import { ImportFailure } from './import-failure.ts';

/** How the bytes of a file become text: the encoding, and the bytes of the byte order mark before the text. */
export interface Encoding {
  /** A WHATWG name, lower case. */
  name: string;
  markBytes: number;
}

const BYTE_ORDER_MARKS: readonly { name: string; mark: readonly number[] }[] = [
  { name: 'utf-8', mark: [0xef, 0xbb, 0xbf] },
  { name: 'utf-16le', mark: [0xff, 0xfe] },
  { name: 'utf-16be', mark: [0xfe, 0xff] },
];

const FOREIGN_FORMATS: readonly { start: readonly number[]; is: string; instead: string }[] = [
  { start: [0x1f, 0x8b], is: 'gzip data', instead: 'send it with "Content-Encoding: gzip"' },
  { start: [0x50, 0x4b, 0x03, 0x04], is: 'a zip archive or an Excel workbook', instead: 'unpack it, or save the sheet as CSV (UTF-8)' },
  { start: [0xd0, 0xcf, 0x11, 0xe0], is: 'an old Excel workbook', instead: 'save the sheet as CSV (UTF-8)' },
  { start: [0x25, 0x50, 0x44, 0x46], is: 'a PDF document', instead: 'send CSV or NDJSON' },
  { start: [0x28, 0xb5, 0x2f, 0xfd], is: 'zstd data', instead: 'send it plain or with "Content-Encoding: gzip"' },
  { start: [0xff, 0xfe, 0x00, 0x00], is: 'UTF-32', instead: 'save it as UTF-8' },
];

/** Whether a label is an encoding that files can be read in (https://encoding.spec.whatwg.org/#names-and-labels). */
export function isKnownEncoding(label: string): boolean {
  return nameOf(label) !== null;
}

/**
 * The encoding of a file by its first bytes and what its sender said about it: a byte order mark decides, then the sender's
 * word, and UTF-8 is what is left. Throws an ImportFailure for what is recognisably no text.
 */
export function detectEncoding(head: Buffer, label: string | undefined): Encoding {
  const foreign = FOREIGN_FORMATS.find(({ start }) => startsWith(head, start));
  if (foreign) throw new ImportFailure('not_text', `The file is ${foreign.is}, not text: ${foreign.instead}.`);
  const marked = BYTE_ORDER_MARKS.find(({ mark }) => startsWith(head, mark));
  if (marked) return { name: marked.name, markBytes: marked.mark.length };
  const name = label === undefined ? 'utf-8' : nameOf(label);
  if (name === null) throw new ImportFailure('unknown_encoding', 'The encoding that the request names is not known; windows-1252 and gb18030, for example, are.');
  if (!name.startsWith('utf-16') && zeroShare(head) > 0.1) {
    throw new ImportFailure('not_text', 'The file is binary, or UTF-16 without a byte order mark: name the latter with encoding=utf-16le or utf-16be.');
  }
  return { name, markBytes: 0 };
}

/** Decodes a stream of bytes. Throws an ImportFailure when they are not valid in the encoding. */
export async function* decodeText(chunks: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<string> {
  const decoder = decoderOf(encoding.name);
  let skip = encoding.markBytes;
  for await (const chunk of chunks) {
    const text = decoder.decode(skip < chunk.length ? chunk.subarray(skip) : Buffer.alloc(0));
    skip = Math.max(0, skip - chunk.length);
    if (text !== '') yield text;
  }
  const rest = decoder.end();
  if (rest !== '') yield rest;
}

interface Decoder {
  decode(chunk: Buffer): string;
  end(): string;
}

function decoderOf(name: string): Decoder {
  switch (name) {
    case 'utf-8': return wholeCharacters(name, (bytes) => (isUtf8(bytes) ? bytes.toString('utf8') : refuse(name)), unfinishedUtf8);
    case 'utf-16le': return wholeCharacters(name, (bytes) => bytes.toString('utf16le'), (bytes) => bytes.length % 2);
    case 'utf-16be': return wholeCharacters(name, (bytes) => Buffer.from(bytes).swap16().toString('utf16le'), (bytes) => bytes.length % 2);
    default: return generalDecoder(name);
  }
}

/** Keeps what a chunk has of an unfinished character at its end for the next one. */
function wholeCharacters(name: string, toText: (bytes: Buffer) => string, unfinished: (bytes: Buffer) => number): Decoder {
  let kept: Buffer = Buffer.alloc(0);
  return {
    decode(chunk) {
      const bytes = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
      const end = bytes.length - unfinished(bytes);
      kept = Buffer.from(bytes.subarray(end));
      return toText(bytes.subarray(0, end));
    },
    end: () => (kept.length === 0 ? '' : refuse(name)),
  };
}

/** How many bytes at the end begin a character that needs more of them. */
function unfinishedUtf8(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

function generalDecoder(name: string): Decoder {
  const decoder = new TextDecoder(name, { fatal: true });
  const attempt = (decode: () => string): string => {
    try {
      return decode();
    } catch {
      return refuse(name);
    }
  };
  return {
    decode: (chunk) => attempt(() => decoder.decode(chunk, { stream: true })),
    end: () => attempt(() => decoder.decode()),
  };
}

function refuse(name: string): never {
  const advice = name === 'utf-8' ? 'Save it as UTF-8, or name its encoding with the parameter "encoding", such as windows-1252 or gb18030.' : 'Name another encoding.';
  throw new ImportFailure('unknown_encoding', `The file is not valid text in the encoding ${name}. ${advice}`);
}

function nameOf(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
}

function startsWith(bytes: Buffer, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

function zeroShare(head: Buffer): number {
  let zeros = 0;
  for (const byte of head) if (byte === 0) zeros += 1;
  return head.length === 0 ? 0 : zeros / head.length;
}
