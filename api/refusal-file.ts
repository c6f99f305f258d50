import { Readable } from 'node:stream';
import { csvRecord } from './csv.ts';
import type { Answer } from './route.ts';

interface Refusal {
  row: bigint;
  code: string;
  column: string;
  detail: string;
}

const AT_ONCE = 1_000;

/** The refused rows of a file as CSV, read while they are sent: `read` answers those after a row, at most so many. */
export function refusalFile(importId: string, read: (after: bigint, limit: number) => Promise<Refusal[]>): Answer {
  const headers = { 'content-disposition': `attachment; filename="refusals-${importId}.csv"` };
  return { status: 200, headers, content: { type: 'text/csv; charset=utf-8', data: Readable.from(records(read)) } };
}

async function* records(read: (after: bigint, limit: number) => Promise<Refusal[]>): AsyncGenerator<string> {
  yield csvRecord(['row', 'code', 'column', 'detail']);
  for (let after = 0n; ;) {
    const found = await read(after, AT_ONCE);
    if (found.length === 0) return;
    yield found.map(({ row, code, column, detail }) => csvRecord([String(row), code, column, detail])).join('');
    after = found.at(-1)?.row ?? after;
  }
}
