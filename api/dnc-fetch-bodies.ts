import { z } from 'zod';
import type { Fetch, KeptFetch } from '../db/dnc-fetches.ts';
import { isDuration } from '../domain/civil-time.ts';
import { isCron } from '../domain/cron.ts';
import { readNamePattern } from '../domain/list-file-name.ts';
import { exactMs } from '../domain/local-time.ts';
import { listId } from './dnc-lists.ts';
import { answeredInstant, text, uuid } from './fields.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const SHORTEST_MS = 60_000;
const LONGEST_MS = 31 * 86_400_000;

/** A name inside a folder of the worker's: never a path. */
const name = text(100).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: 'takes letters, digits and . _ - only, and starts with a letter or digit: it is no path' });

const url = text(2_000).refine(isDownloadable, {
  error: 'must be an https address without user, password and fragment: credentials belong into `credentialsFile`',
  params: { code: 'invalid_url' },
});

const shared = {
  list: listId,
  kind: z.enum(['full', 'change']),
  format: text(2_000).meta({ description: 'As for POST /v1/dnc/lists/{id}/releases', examples: ['ftc_full'] }),
  op: z.enum(['add', 'remove']).optional().meta({ description: 'What a change asks for whose lines do not say it' }),
  areaCodes: z.union([z.literal('in-file'), z.array(z.int().min(200).max(999)).min(1).max(800)]).optional()
    .meta({ description: 'Only these North American area codes are replaced by a full file' }),
  cron: text(100).refine(isCron, { error: 'must be five fields with numbers, * , - and / only: minute, hour, day, month, day of the week', params: { code: 'invalid_cron' } })
    .optional().meta({ description: 'When, in UTC; or else `every`', examples: ['15 4 * * *'] }),
  every: text(20).refine(isInterval, { error: 'must be an ISO 8601 duration from PT1M to P31D, without months and years', params: { code: 'out_of_range' } })
    .optional().meta({ description: 'How often; or else `cron`', examples: ['P1D'] }),
};

const download = z.strictObject({
  ...shared,
  adapter: z.literal('https'),
  url: url.meta({ examples: ['https://registry.example/daily.zip'] }),
  credentialsFile: name.optional().meta({ description: 'A file in the worker’s folder of credentials: `basic user:password` or `bearer token`' }),
  asOf: z.enum(['modified', 'fetched']).default('modified')
    .meta({ description: 'The moment of each release: when the server says the file was made, or when it was fetched' }),
});

const watched = z.strictObject({
  ...shared,
  adapter: z.literal('folder'),
  folder: name.meta({ description: 'A folder in the worker’s inbox', examples: ['gb-tps'] }),
  file: text(100)
    .refine((pattern) => readNamePattern(pattern) !== null, {
      error: 'takes letters, digits, . _ - , * at most three times, and {YYYY}{MM}{DD}, with or without {hh}{mm}, each once',
      params: { code: 'invalid_pattern' },
    })
    .default('*')
    .meta({ description: 'Names of files; a date in them is the moment of the release, else it is when the file was written', examples: ['tps-{YYYY}{MM}{DD}.txt'] }),
});

export const fetchBody = z
  .discriminatedUnion('adapter', [download, watched])
  .refine(({ cron, every }) => (cron === undefined) !== (every === undefined), {
    error: 'must say either `cron` or `every`', path: ['cron'], params: { code: 'required' },
  })
  .meta({ id: 'ListFetchRequest' });

export const fetchView = z
  .object({
    fetchId: uuid,
    list: z.string(),
    kind: z.enum(['full', 'change']),
    format: z.string(),
    op: z.enum(['add', 'remove']).nullable(),
    areaCodes: z.union([z.literal('in-file'), z.array(z.int())]).nullable(),
    adapter: z.enum(['https', 'folder']),
    url: z.string().nullable(),
    credentialsFile: z.string().nullable(),
    asOf: z.enum(['modified', 'fetched']).nullable(),
    folder: z.string().nullable(),
    file: z.string().nullable(),
    cron: z.string().nullable(),
    every: z.string().nullable(),
    createdAt: answeredInstant,
    createdBy: z.string(),
    lastRun: z
      .object({
        at: answeredInstant,
        outcome: z.enum(['received', 'nothing', 'failed']).meta({ description: '`nothing`: no file is there, or it has not changed' }),
        releases: z.array(uuid),
        problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
      })
      .nullable(),
  })
  .meta({ id: 'ListFetch' });

/** A fetch as it is kept, out of what was asked for. */
export function fetchOf(id: string, body: z.output<typeof fetchBody>): Fetch {
  const { list, kind, format, op = null, areaCodes = null, cron, every = '' } = body;
  const from: Fetch['from'] = body.adapter === 'https'
    ? { adapter: 'https', url: new URL(body.url).href, credentialsFile: body.credentialsFile ?? null, asOf: body.asOf }
    : { adapter: 'folder', folder: body.folder, file: body.file };
  return { id, list, kind, format, op, areaCodes, from, when: cron === undefined ? { every } : { cron } };
}

export function fetchViewOf(fetch: KeptFetch): z.infer<typeof fetchView> {
  const { id, list, kind, format, op, areaCodes, from, when, createdAt, createdBy, lastRun } = fetch;
  const { url = null, credentialsFile = null, asOf = null } = from.adapter === 'https' ? from : {};
  const { folder = null, file = null } = from.adapter === 'folder' ? from : {};
  return {
    fetchId: id, list, kind, format, op, areaCodes, adapter: from.adapter, url, credentialsFile, asOf, folder, file,
    cron: 'cron' in when ? when.cron : null,
    every: 'every' in when ? when.every : null,
    createdAt: createdAt.toISOString(),
    createdBy,
    lastRun,
  };
}

function isDownloadable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, hash } = new URL(text);
  // Whether this machine may be asked without TLS is for the worker's configuration to say.
  const isEncrypted = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
  return isEncrypted && username === '' && password === '' && hash === '';
}

function isInterval(text: string): boolean {
  if (!isDuration(text) || /[YM]/.test(text.split('T')[0] ?? '')) return false;
  const length = exactMs(text);
  return length >= SHORTEST_MS && length <= LONGEST_MS;
}
