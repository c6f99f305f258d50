import { z } from 'zod';
import { newId } from '../db/ids.ts';
import {
  findSuppressionImport, insertSuppressionImport, listSuppressionImports, listSuppressionRefusals, type SuppressionImport,
} from '../db/suppression-imports.ts';
import { CHANNELS } from '../domain/consent.ts';
import { SUPPRESSION_KINDS } from '../domain/lead.ts';
import { DomainError } from '../domain/problem.ts';
import { openUpload, removeUpload, storeUpload } from '../intake/import/upload.ts';
import { suppressFile } from '../intake/suppression/suppress-file.ts';
import { SUPPRESSION_FORMATS, type SuppressionReading } from '../intake/suppression/suppression-columns.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { country, instant, label, page, pageOf, text, uuid } from './fields.ts';
import { charsetOf, column, jsonText, readingFields } from './import-parameters.ts';
import { LIMITS } from './limits.ts';
import { pageById } from './pages.ts';
import { requirePast } from './past.ts';
import { refusalFile } from './refusal-file.ts';
import { FACT_REPORTERS, IMPORT_READERS } from './roles.ts';
import { route } from './route.ts';
import { suppressionImportView, viewOfSuppressions } from './suppression-import-views.ts';

const TYPES = ['text/plain', 'text/csv', 'text/tab-separated-values', 'application/octet-stream'];

const columns = z.union([column, z.array(column).min(1).max(10)]);

const mapping = jsonText
  .pipe(z.strictObject({
    phone: columns,
    reportedAt: column.optional(),
    optedOut: columns.optional(),
    optedOutWords: z.array(text(64)).min(1).max(50).optional(),
  }))
  .meta({
    description: 'JSON, for format=csv: `phone` and `optedOut` name a column or a list of them, `reportedAt` one. With `optedOut` only rows count where one of those ' +
      'columns says anything but no, or one of `optedOutWords`',
    examples: ['{"phone":["Phone","Mobile"],"reportedAt":"Date","optedOut":"status","optedOutWords":["DNC","DNCL"]}'],
  });

const query = z
  .strictObject({
    kind: z.enum(SUPPRESSION_KINDS),
    channel: z.enum([...CHANNELS, 'all']).default('all'),
    source: label('old-dialer').meta({ description: 'Where the list comes from; kept with every suppression' }),
    via: label('import').optional(),
    format: z.enum(SUPPRESSION_FORMATS).default('plain'),
    mapping: mapping.optional(),
    reportedAt: instant.optional().meta({ description: 'For rows without a time of their own; left out: now' }),
    region: country.optional().meta({ description: 'Country in which national numbers are read' }),
    ...readingFields,
  })
  .refine(({ format, mapping: map }) => format !== 'csv' || map !== undefined, {
    path: ['mapping'], error: 'is missing; format=csv needs one', params: { code: 'required' },
  });

const importSuppressions = route({
  method: 'post',
  path: '/v1/suppressions/imports',
  operation: 'importSuppressions',
  tag: 'Suppressions',
  summary: 'Import an own do-not-call list',
  description:
    'One number a line, an export of ViciDial or HubSpot, or any CSV with a mapping; plain or with `Content-Encoding: gzip`. Answered when every number is ' +
    `suppressed: some ten thousand rows a second, at most ${LIMITS.suppressionRows.toLocaleString('en')} at once. Sent again it changes nothing, so that is what to do where the answer was lost.`,
  roles: FACT_REPORTERS,
  query,
  streams: TYPES,
  answers: { 200: { description: 'Every number is suppressed', schema: suppressionImportView, headers: { Location: 'The import' } } },
  problems: ['unreadable_file', 'unsupported_encoding', 'body_too_large'],
  async handle(context, { query: asked, request, caller }) {
    const id = newId();
    const receivedAt = context.now();
    const reportedAt = requirePast(asked.reportedAt ?? receivedAt, '?reportedAt', receivedAt);
    const reading = readingOf(asked, charsetOf(request.headers['content-type']));
    const store = { folder: context.uploadFolder, vault: context.vault };
    request.setTimeout(LIMITS.uploadIdleMs);
    const { sha256, sizeBytes } = await storeUpload(store, id, request, request.headers['content-encoding']);
    // From here on it is the sender who waits.
    request.setTimeout(0);
    const { kind, channel, source, via = null, format } = asked;
    const times = { received_at: receivedAt, touched_at: receivedAt, received_by: `key:${caller.keyId}` };
    const row = { id, kind, channel, source, via, format, state: 'running' as const, sha256, size_bytes: BigInt(sizeBytes), ...times };
    const done = await takeIn(context, await insertSuppressionImport(context.db, row), reading, reportedAt)
      .finally(() => removeUpload(context.uploadFolder, id));
    if (done.problem) throw unreadable(done.problem);
    return { status: 200, headers: { location: `/v1/suppressions/imports/${id}` }, body: viewOfSuppressions(done, context.now()) };
  },
});

const list = route({
  method: 'get',
  path: '/v1/suppressions/imports',
  operation: 'listSuppressionImports',
  tag: 'Suppressions',
  summary: 'List the imports of own lists',
  description: 'Newest first; one that is under way with how far it is.',
  roles: IMPORT_READERS,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of imports', schema: pageOf(suppressionImportView).meta({ id: 'SuppressionImportPage' }), headers: { Link: 'The next page, `rel="next"`' } } },
  async handle(context, call) {
    const find = (after: string | null, most: number) => listSuppressionImports(context.db, after, most);
    return pageById(call, find, (each) => viewOfSuppressions(each, context.now()));
  },
});

const params = z.object({ id: uuid.regex(UUID_PATTERN) });

const read = route({
  method: 'get',
  path: '/v1/suppressions/imports/{id}',
  operation: 'readSuppressionImport',
  tag: 'Suppressions',
  summary: 'Read how far an import of an own list is',
  description: 'Its state, its accounting and its pace.',
  roles: IMPORT_READERS,
  params,
  unknown: 'unknown_import',
  answers: { 200: { description: 'The import', schema: suppressionImportView } },
  async handle(context, { params: { id } }) {
    return { status: 200, body: viewOfSuppressions(await requireImport(context, id), context.now()) };
  },
});

const refusals = route({
  method: 'get',
  path: '/v1/suppressions/imports/{id}/refusals',
  operation: 'readSuppressionRefusals',
  tag: 'Suppressions',
  summary: 'Read which rows of an own list were refused, and why',
  description: 'CSV with the columns row, code, column and detail, in the order of the file; never with the value.',
  roles: IMPORT_READERS,
  params,
  unknown: 'unknown_import',
  answers: { 200: { description: 'The refused rows', type: 'text/csv' } },
  async handle(context, { params: { id } }) {
    await requireImport(context, id);
    return refusalFile(id, (after, limit) => listSuppressionRefusals(context.db, id, after, limit));
  },
});

export const suppressionImportRoutes = [importSuppressions, list, read, refusals];

async function takeIn(
  { db, vault, uploadFolder: folder, now }: ApiContext, row: SuppressionImport, reading: SuppressionReading, reportedAt: Date,
): Promise<SuppressionImport> {
  const open = () => openUpload({ folder, vault }, row.id);
  return suppressFile({ db, vault, open, now, mostRows: LIMITS.suppressionRows }, row, reading, reportedAt);
}

function readingOf(asked: z.output<typeof query>, charset: string | undefined): SuppressionReading {
  const { format, mapping: map, region, zone, dateFormat, delimiter, header, encoding = charset } = asked;
  return {
    format,
    ...(map && { mapping: map }),
    ...(region !== undefined && { region }),
    ...(zone !== undefined && { zone }),
    ...(dateFormat && { dateFormat }),
    ...(delimiter !== undefined && { delimiter }),
    ...(header && { header }),
    ...(encoding !== undefined && { encoding }),
  };
}

async function requireImport({ db }: ApiContext, id: string): Promise<SuppressionImport> {
  const found = await findSuppressionImport(db, id);
  if (found) return found;
  throw new DomainError('unknown_import', 'Check the id; GET /v1/suppressions/imports lists them.');
}

function unreadable({ code, detail }: { code: string; detail: string }): DomainError {
  return new DomainError(code === 'too_many_rows' ? 'body_too_large' : 'unreadable_file', detail, [{ pointer: '', code, detail }]);
}
