import type pg from 'pg';
import { to } from 'pg-copy-streams';

/** The values of a row in PostgreSQL's binary form. They lie in memory that is shared with others: read or copy them at once. */
export type CopiedRow = (Buffer | null)[];

/** What stands before the rows: signature, flags, and the length of an extension that is never there. */
const HEADER = 19;
const FIELD_COUNT = 2;
const LENGTH = 4;
const TWO_TO_32 = 0x1_0000_0000;

/** The rows of a query as they come, without waiting for the last; the order is that of the query. */
export async function* readRows(client: pg.PoolClient, query: string): AsyncGenerator<CopiedRow[]> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of withoutHeader(client, query)) {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const { rows, end } = cutRows(bytes);
    held = bytes.subarray(end);
    if (rows.length > 0) yield rows;
  }
}

/**
 * The rows of a query whose columns are never null and have these widths, in chunks that hold whole rows: two bytes, then for
 * each column four bytes and its value.
 */
export async function* readFixedRows(client: pg.PoolClient, query: string, widths: readonly number[]): AsyncGenerator<Buffer> {
  const size = fixedRowSize(widths);
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of withoutHeader(client, query)) {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const whole = bytes.length - (bytes.length % size);
    held = bytes.subarray(whole);
    if (whole > 0) yield bytes.subarray(0, whole);
  }
}

/** How many bytes a row of `readFixedRows` takes. */
export function fixedRowSize(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + LENGTH + width, FIELD_COUNT);
}

/** A bigint of up to 53 bits. */
export function wideInteger(value: Buffer | null | undefined): number {
  return value ? value.readInt32BE(0) * TWO_TO_32 + value.readUInt32BE(4) : 0;
}

async function* withoutHeader(client: pg.PoolClient, query: string): AsyncGenerator<Buffer> {
  let skip = HEADER;
  for await (const chunk of client.query(to(`copy (${query}) to stdout (format binary)`)) as AsyncIterable<Buffer>) {
    const bytes = skip === 0 ? chunk : chunk.subarray(Math.min(skip, chunk.length));
    skip = Math.max(0, skip - chunk.length);
    if (bytes.length > 0) yield bytes;
  }
}

function cutRows(bytes: Buffer): { rows: CopiedRow[]; end: number } {
  const rows: CopiedRow[] = [];
  let end = 0;
  for (let row = cutRow(bytes, end); row; row = cutRow(bytes, end)) {
    rows.push(row.values);
    end = row.end;
  }
  return { rows, end };
}

/** Null where no whole row is left: the rest is still to come, or is the end mark. */
function cutRow(bytes: Buffer, start: number): { values: CopiedRow; end: number } | null {
  if (start + FIELD_COUNT > bytes.length) return null;
  const columns = bytes.readInt16BE(start);
  if (columns < 0) return null;
  const values: CopiedRow = [];
  let at = start + FIELD_COUNT;
  for (let column = 0; column < columns; column += 1) {
    if (at + LENGTH > bytes.length) return null;
    const length = bytes.readInt32BE(at);
    at += LENGTH;
    if (length >= 0 && at + length > bytes.length) return null;
    values.push(length < 0 ? null : bytes.subarray(at, at + length));
    at += Math.max(0, length);
  }
  return { values, end: at };
}
