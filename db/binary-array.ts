import { BinaryWriter, type Encode } from './binary.ts';

/** Ids of PostgreSQL's own types, which never change. */
export const OIDS = { bytea: 17, int8: 20, int4: 23, text: 25, timestamptz: 1184, uuid: 2950 } as const;

/** Most columns of a few dozen rows fit into one piece of the shared pool. */
const FIRST_CHUNK = 2_048;

const ARRAY_HEADER = 20;
const WIDE_ELEMENT = 12;

/** Tokens as a parameter: an array of bigint in PostgreSQL's binary form. */
export function bigintArray(values: BigInt64Array): Buffer {
  const array = Buffer.allocUnsafe(ARRAY_HEADER + values.length * WIDE_ELEMENT);
  [1, 0, OIDS.int8, values.length, 1].forEach((header, nth) => array.writeInt32BE(header, nth * 4));
  for (let nth = 0, at = ARRAY_HEADER; nth < values.length; nth += 1, at += WIDE_ELEMENT) {
    array.writeInt32BE(8, at);
    array.writeBigInt64BE(values[nth] as bigint, at + 4);
  }
  return array;
}

/** The values of one column as a parameter: an array in PostgreSQL's binary form, nulls included. */
export function binaryArray<T>(type: keyof typeof OIDS, encode: Encode<T>, values: readonly (T | null)[]): Buffer {
  const writer = new BinaryWriter(FIRST_CHUNK);
  const hasNulls = values.includes(null) ? 1 : 0;
  for (const header of [1, hasNulls, OIDS[type], values.length, 1]) writer.int32(header);
  for (const value of values) writer.value(encode, value);
  return Buffer.concat(writer.takeAll());
}
