const NULL_LENGTH = -1;
const CHUNK = 64 * 1024;
const TEXT_OID = 25;
const EPOCH_2000_MS = 946_684_800_000;
const TWO_TO_32 = 0x1_0000_0000;

/** Writes one value, its length before it, as PostgreSQL receives it in binary. */
export type Encode<T> = (bytes: BinaryWriter, value: T) => void;

/** Values in PostgreSQL's binary form, gathered in chunks: ids, times and long texts then need no parsing on the other side. */
export class BinaryWriter {
  #buffer: Buffer;
  #used = 0;
  #full: Buffer[] = [];

  constructor(firstChunk = CHUNK) {
    this.#buffer = Buffer.allocUnsafe(firstChunk);
  }

  value<T>(encode: Encode<T>, value: T | null | undefined): void {
    if (value === null || value === undefined) this.int32(NULL_LENGTH);
    else encode(this, value);
  }

  /** The chunks that are full by now; they are handed out once. */
  take(): Buffer[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** Everything that is left. */
  takeAll(): Buffer[] {
    return [...this.take(), this.#buffer.subarray(0, this.#used)];
  }

  int16(value: number): void {
    this.#reserve(2);
    this.#used = this.#buffer.writeInt16BE(value, this.#used);
  }

  int32(value: number): void {
    this.#reserve(4);
    this.#used = this.#buffer.writeInt32BE(value, this.#used);
  }

  int64(value: bigint): void {
    this.#reserve(8);
    this.#used = this.#buffer.writeBigInt64BE(value, this.#used);
  }

  /** A whole number of up to 53 bits as 64 bits; much faster than by way of a bigint. */
  wideInteger(value: number): void {
    const high = Math.floor(value / TWO_TO_32);
    this.int32(high);
    this.int32((value - high * TWO_TO_32) | 0);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#used);
    this.#used += value.length;
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.int32(length);
    this.#reserve(length);
    this.#used += this.#buffer.write(value, this.#used);
  }

  uuid(value: string): void {
    this.#reserve(16);
    for (let digit = 0; digit < value.length; digit += 2) {
      if (value.charCodeAt(digit) === DASH) digit += 1;
      this.#buffer[this.#used] = (HEX[value.charCodeAt(digit)] as number) * 16 + (HEX[value.charCodeAt(digit + 1)] as number);
      this.#used += 1;
    }
  }

  #reserve(bytes: number): void {
    if (this.#used + bytes <= this.#buffer.length) return;
    this.#full.push(this.#buffer.subarray(0, this.#used));
    this.#buffer = Buffer.allocUnsafe(Math.max(CHUNK, bytes));
    this.#used = 0;
  }
}

const DASH = 0x2d;
const HEX = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 0 : value;
});

export const asText: Encode<string> = (bytes, value) => bytes.text(value);

export const asUuid: Encode<string> = (bytes, value) => {
  bytes.int32(16);
  bytes.uuid(value);
};

export const asBoolean: Encode<boolean> = (bytes, value) => {
  bytes.int32(1);
  bytes.bytes(Uint8Array.of(value ? 1 : 0));
};

export const asSmallint: Encode<number> = (bytes, value) => {
  bytes.int32(2);
  bytes.int16(value);
};

export const asInteger: Encode<number> = (bytes, value) => {
  bytes.int32(4);
  bytes.int32(value);
};

export const asBigint: Encode<bigint> = (bytes, value) => {
  bytes.int32(8);
  bytes.int64(value);
};

/** A whole number of up to 53 bits as bigint. */
export const asWide: Encode<number> = (bytes, value) => {
  bytes.int32(8);
  bytes.wideInteger(value);
};

export const asBytes: Encode<Uint8Array> = (bytes, value) => {
  bytes.int32(value.length);
  bytes.bytes(value);
};

/** Microseconds since 2000-01-01 UTC. */
export const asTimestamp: Encode<Date> = (bytes, value) => {
  bytes.int32(8);
  bytes.wideInteger((value.getTime() - EPOCH_2000_MS) * 1000);
};

/** A one-dimensional array without nulls. */
export const asTextArray: Encode<readonly string[]> = (bytes, values) => {
  const length = values.reduce((sum, value) => sum + 4 + Buffer.byteLength(value), 0);
  bytes.int32(20 + length);
  for (const header of [1, 0, TEXT_OID, values.length, 1]) bytes.int32(header);
  for (const value of values) bytes.text(value);
};
