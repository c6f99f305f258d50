import { z } from 'zod';
import { findImport, insertImport, listImports, listRefusals, type Import } from '../db/imports.ts';
import { newId } from '../db/ids.ts';
import type { Db } from '../db/connection.ts';
import { DomainError } from '../domain/problem.ts';
import { removeUpload, storeUpload } from '../intake/import/upload.ts';
import { importWorkflowId } from '../workflows/messages.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, page, pageOf, sourceId, uuid } from './fields.ts';
import { FILE_TYPES, fileParameters, importQuery, requireImportable } from './import-parameters.ts';
import { previewFile } from './import-preview.ts';
import { requireSource } from './lead-acquisition.ts';
import { LIMITS } from './limits.ts';
import { pageById } from './pages.ts';
import { refusalFile } from './refusal-file.ts';
import { ACQUIRERS, IMPORT_READERS } from './roles.ts';
import { route } from './route.ts';

const state = z.enum(['receiving', 'running', 'completed', 'failed']);
const count = z.int().min(0);

const importView = z
  .object({
    importId: uuid,
    state,
    source: sourceId,
    format: z.enum(['csv', 'ndjson']),
    rows: z
      .object({ total: count.nullable(), read: count, created: count, merged: count, refused: count, suppressed: count })
      .meta({ description: 'read = created + merged + refused, always; total is known once the file has been looked through' }),
    rowsPerSecond: z.number().min(0),
    remainingSeconds: z.number().min(0).nullable(),
    sha256: z.string().meta({ description: 'Of the file as it was sent, before any compression of the transport' }),
    sizeBytes: count,
    duplicateOf: uuid.nullable().meta({ description: 'The import of the same file from the same source in the same way; this one then has no rows' }),
    problem: z.object({ code: z.string(), detail: z.string() }).nullable().meta({ description: 'Why it failed as a whole' }),
    receivedAt: answeredInstant,
    startedAt: answeredInstant.nullable(),
    finishedAt: answeredInstant.nullable(),
    workflowId: z.string(),
    links: z.object({ self: z.string(), refusals: z.string(), temporal: z.string().nullable() }),
  })
  .meta({ id: 'Import' });

const importParams = z.object({ id: uuid.regex(UUID_PATTERN) });

const importLeads = route({
  method: 'post',
  path: '/v1/imports',
  operation: 'importLeads',
  tag: 'Imports',
  summary: 'Import a file of leads',
  description:
    'Takes CSV or NDJSON of any size as the body of the request, plain or with `Content-Encoding: gzip`. Answered when the file is safely stored; ' +
    'it is imported after that. The same file from the same source in the same way is imported once, however often it is sent.',
  roles: ACQUIRERS,
  query: importQuery,
  streams: Object.keys(FILE_TYPES),
  answers: { 202: { description: 'The file is stored', schema: z.object({ importId: uuid, state }).meta({ id: 'ReceivedImport' }), headers: { Location: 'Its progress' } } },
  problems: ['unknown_source', 'acquired_in_future', 'unsupported_encoding', 'body_too_large'],
  async handle(context, { query, request }) {
    const { format, parameters } = fileParameters(query, request.headers['content-type']);
    requireImportable(format, parameters, context.now());
    const source = await requireSource(context.db, query.source, '?source');
    const id = newId();
    // As long as bytes come, an upload may take its time.
    request.setTimeout(LIMITS.uploadIdleMs);
    const stored = await storeUpload({ folder: context.uploadFolder, vault: context.vault }, id, request, request.headers['content-encoding']);
    const file = { id, sourceId: source.id, format, parameters, ...stored, receivedAt: context.now() };
    const { state: begun, duplicateOf } = await context.db.transaction().execute((tx) => insertImport(tx, file));
    if (duplicateOf !== null) await removeUpload(context.uploadFolder, id);
    const announce = duplicateOf === null ? [id] : [];
    return { status: 202, headers: { location: `/v1/imports/${id}` }, body: { importId: id, state: begun }, announce, isJob: true };
  },
});

const list = route({
  method: 'get',
  path: '/v1/imports',
  operation: 'listImports',
  tag: 'Imports',
  summary: 'List the imports',
  description: 'Every import, newest first.',
  roles: IMPORT_READERS,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of imports', schema: pageOf(importView).meta({ id: 'ImportPage' }), headers: { Link: 'The next page, `rel="next"`' } } },
  async handle(context, call) {
    return pageById(call, (after, most) => listImports(context.db, after, most), (each) => viewOf(context, each));
  },
});

const read = route({
  method: 'get',
  path: '/v1/imports/{id}',
  operation: 'readImport',
  tag: 'Imports',
  summary: 'Read how far an import is',
  description: 'Its state, its accounting and its pace.',
  roles: IMPORT_READERS,
  params: importParams,
  unknown: 'unknown_import',
  answers: { 200: { description: 'The import', schema: importView } },
  async handle(context, { params }) {
    return { status: 200, body: viewOf(context, await requireImport(context.db, params.id)) };
  },
});

const refusals = route({
  method: 'get',
  path: '/v1/imports/{id}/refusals',
  operation: 'readRefusals',
  tag: 'Imports',
  summary: 'Read which rows were refused, and why',
  description: 'CSV with the columns row, code, column and detail, in the order of the file; never with the value. Of a running import, those so far.',
  roles: IMPORT_READERS,
  params: importParams,
  unknown: 'unknown_import',
  answers: { 200: { description: 'The refused rows', type: 'text/csv' } },
  async handle(context, { params }) {
    const { id } = await requireImport(context.db, params.id);
    return refusalFile(id, (after, limit) => listRefusals(context.db, id, after, limit));
  },
});

export const importRoutes = [importLeads, previewFile, list, read, refusals];

async function requireImport(db: Db, id: string): Promise<Import> {
  const found = await findImport(db, id);
  if (found) return found;
  throw new DomainError('unknown_import', 'Check the id; GET /v1/imports lists them.');
}

function viewOf({ temporalUi }: ApiContext, file: Import): z.infer<typeof importView> {
  const { id, sourceId: source, format, rows, rowsPerSecond, remainingSeconds, sha256, sizeBytes, duplicateOf, problem } = file;
  const workflowId = importWorkflowId(id);
  const self = `/v1/imports/${id}`;
  const temporal = temporalUi === null ? null : `${temporalUi}/workflows/${encodeURIComponent(workflowId)}`;
  return {
    importId: id,
    state: file.state,
    source,
    format,
    rows,
    rowsPerSecond,
    remainingSeconds,
    sha256,
    sizeBytes,
    duplicateOf,
    problem,
    receivedAt: file.receivedAt.toISOString(),
    startedAt: file.startedAt?.toISOString() ?? null,
    finishedAt: file.finishedAt?.toISOString() ?? null,
    workflowId,
    links: { self, refusals: `${self}/refusals`, temporal },
  };
}
