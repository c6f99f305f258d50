import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { uuidBytes, type Vault } from '../../db/vault.ts';
import { ImportFailure } from './import-failure.ts';

const CIPHER = 'aes-256-gcm';
const TAG = 16;
const MAGIC = Buffer.from('LWUPLD\0\x01', 'latin1');

/** Plain bytes in a frame; the last one may hold fewer. */
export const FRAME = 64 * 1024;
export const SEALED_FRAME = FRAME + TAG;

/**
 * Encrypts an upload frame by frame, each bound to the import, to its place and to whether it is the last (the STREAM
 * construction, https://eprint.iacr.org/2015/189): frames that are missing, moved or cut off do not open. The key is random,
 * used for this file only, and stands wrapped in its header, so that with the file the key is gone as well.
 */
export class UploadSealer {
  readonly header: Buffer;
  readonly #key: KeyObject;
  readonly #importId: Buffer;
  #frames = 0;

  constructor(vault: Vault, importId: string) {
    const { key, stored } = vault.createKey(importId);
    this.header = Buffer.concat([MAGIC, Buffer.of(stored.kek >> 8, stored.kek & 0xff, stored.wrapped.length), stored.wrapped]);
    this.#key = createSecretKey(key);
    this.#importId = uuidBytes(importId);
  }

  seal(frame: Buffer, last: boolean): Buffer {
    const iv = nonce(this.#frames, last);
    this.#frames += 1;
    const cipher = createCipheriv(CIPHER, this.#key, iv, { authTagLength: TAG }).setAAD(this.#importId);
    const body = cipher.update(frame);
    cipher.final();
    return Buffer.concat([body, cipher.getAuthTag()]);
  }
}

/** Opens the frames of an upload in order. Throws an ImportFailure when the file is not whole or not this import's. */
export class UploadOpener {
  readonly #key: KeyObject;
  readonly #importId: Buffer;
  #frames = 0;

  constructor(vault: Vault, importId: string, header: Buffer) {
    const kek = header.readUInt16BE(MAGIC.length);
    const wrapped = header.subarray(MAGIC.length + 3);
    this.#key = createSecretKey(orDamaged(() => vault.unwrapKey(importId, { kek, wrapped })));
    this.#importId = uuidBytes(importId);
  }

  open(sealed: Buffer, last: boolean): Buffer {
    const iv = nonce(this.#frames, last);
    this.#frames += 1;
    const decipher = createDecipheriv(CIPHER, this.#key, iv, { authTagLength: TAG }).setAAD(this.#importId);
    return orDamaged(() => {
      decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
      const plain = decipher.update(sealed.subarray(0, sealed.length - TAG));
      decipher.final();
      return plain;
    });
  }
}

/** How long the header of a file is, by its first bytes. */
export function headerLength(start: Buffer): number {
  if (start.length <= MAGIC.length + 2 || !start.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged();
  return MAGIC.length + 3 + (start[MAGIC.length + 2] as number);
}

export function damaged(): ImportFailure {
  return new ImportFailure('upload_damaged', 'The stored file is not as it was received. Send it again.');
}

function orDamaged<T>(work: () => T): T {
  try {
    return work();
  } catch {
    throw damaged();
  }
}

/** The key is used for one file, so a counter never repeats; its last byte tells the last frame from all others. */
function nonce(frame: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(frame, 5, 6);
  bytes[11] = last ? 1 : 0;
  return bytes;
}
