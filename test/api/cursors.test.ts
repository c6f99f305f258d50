import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { encodeCursor } from '../../api/cursor.ts';
import { routes } from '../../api/routes.ts';
import { leadBody, SOURCE, startApi, type RunningApi } from './running-api.ts';

const ID = '0198c0de-7a1e-7b3c-9d4e-5f60718293a4';
const of = (...values: unknown[]): string => encodeCursor(...(values as string[]));
/** Cursors that nobody was given; each looks like one of some list as long as nobody looks closely. */
const MADE_UP = [
  of(), of([ID]), of(null), of(1), of(['2026-01-01T00:00:00.000Z'], [ID]), of('2026-13-01T00:00:00.000Z', ID), of('2026-01-01T99:00:00.000Z', ID),
  of('2026-01-01T99:00:00.000Z', 'abcdefghijklmnop'), of('2026-01-01T00:00:60.000Z', ID, 'acquired'), of('fair\0'), 'bnVsbA', 'e30', 'x',
];

let api: RunningApi;
let leadId: string;
beforeAll(async () => {
  api = await startApi();
  await api.call('POST', '/v1/sources', { body: SOURCE });
  leadId = (await api.call('POST', '/v1/leads', { body: leadBody() })).json.leadId;
});
afterAll(() => api.stop());

const lists = routes.filter(({ method, query }) => method === 'get' && 'after' in ((query as z.ZodObject | undefined)?.shape ?? {}));

describe('a made up cursor', () => {
  it.each(lists)('is refused by $operation', async ({ path }) => {
    for (const cursor of MADE_UP) {
      const { status, json } = await api.call('GET', `${path.replace('{id}', leadId)}?after=${cursor}`);
      // Some lists are of something that is no lead.
      if (status !== 404) expect([cursor, status, json.errors?.[0]?.pointer]).toEqual([cursor, 422, '?after']);
    }
  });
});
