import { BinaryWriter, type Encode } from './binary.ts';

/** Ids of PostgreSQL's own types, which never change. */
export const OIDS = { bytea: 17, int4: 23, text: 25, timestamptz: 1184, uuid: 2950 } as const;

/** Most columns of a few dozen rows fit into one piece of the shared pool. */
const FIRST_CHUNK = 2_048;

/** The values of one column as a parameter: an array in PostgreSQL's binary form, nulls included. */
export function binaryArray<T>(type: keyof typeof OIDS, encode: Encode<T>, values: readonly (T | null)[]): Buffer {
  const writer = new BinaryWriter(FIRST_CHUNK);
  const hasNulls = values.includes(null) ? 1 : 0;
  for (const header of [1, hasNulls, OIDS[type], values.length, 1]) writer.int32(header);
  for (const value of values) writer.value(encode, value);
  return Buffer.concat(writer.takeAll());
}
