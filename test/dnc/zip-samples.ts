import { crc32, deflateRawSync } from 'node:zlib';

export interface ZippedFile {
  name: string;
  content: Buffer;
  /** The bit by which a zip says that the file is encrypted; its bytes need not be. */
  encrypted?: boolean;
  /** What the zip claims of the content, where it is not so. */
  claims?: { size?: number; checksum?: number };
}

/** A zip file with these files in it, deflated, as the format's specification (APPNOTE 4.3) has it. */
export function zipOf(files: readonly ZippedFile[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const packed = deflateRawSync(file.content);
    const shared = sharedHeader(file, packed.length);
    const local = Buffer.concat([uint32(0x04034b50), shared, Buffer.from(file.name), packed]);
    const ending = Buffer.concat([...[0, 0, 0].map(uint16), uint32(0), uint32(offset)]);
    directory.push(Buffer.concat([uint32(0x02014b50), uint16(20), shared, ending, Buffer.from(file.name)]));
    locals.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const counts = [0, 0, files.length, files.length].map(uint16);
  return Buffer.concat([...locals, entries, uint32(0x06054b50), ...counts, uint32(entries.length), uint32(offset), uint16(0)]);
}

/** What a file's own header and its entry in the directory both say. */
function sharedHeader({ name, content, encrypted = false, claims = {} }: ZippedFile, packedSize: number): Buffer {
  const numbers = [claims.checksum ?? crc32(content), packedSize, claims.size ?? content.length].map(uint32);
  return Buffer.concat([...[20, encrypted ? 1 : 0, 8, 0, 0].map(uint16), ...numbers, uint16(Buffer.byteLength(name)), uint16(0)]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
