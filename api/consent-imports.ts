import { z } from 'zod';
import {
  findConsentImport, insertConsentImport, listConsentImports, listConsentRefusals, type ConsentImport,
} from '../db/consent-imports.ts';
import type { Db } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import { CHANNELS, CONSENT_EVENT_KINDS, GRADES, PURPOSES } from '../domain/consent.ts';
import { DomainError } from '../domain/problem.ts';
import { removeUpload, storeUpload } from '../intake/import/upload.ts';
import { CONSENT_TARGETS } from '../intake/moving/consent-columns.ts';
import { consentImportView, viewOfConsentImport } from './consent-import-views.ts';
import { UUID_PATTERN } from './cursor.ts';
import { country, page, pageOf, uuid } from './fields.ts';
import { charsetOf, column, FILE_TYPES, jsonText, readingFields } from './import-parameters.ts';
import { contentType } from './json-body.ts';
import { word } from './lead-bodies.ts';
import { LIMITS } from './limits.ts';
import { pageById } from './pages.ts';
import { refusalFile } from './refusal-file.ts';
import { FACT_REPORTERS, IMPORT_READERS } from './roles.ts';
import { route } from './route.ts';

const mapping = jsonText
  .pipe(z
    .partialRecord(z.enum(CONSENT_TARGETS), column)
    .refine((map) => map.phone !== undefined && map.at !== undefined, {
      error: 'must say which columns are phone and at', params: { code: 'required' },
    }))
  .meta({
    description: `JSON: what is read from which column. Targets: ${CONSENT_TARGETS.join(', ')}. Left out: columns and fields are called as the targets are`,
    examples: ['{"phone":"Phone","kind":"Status","channel":"Channel","purpose":"Purpose","at":"Changed on"}'],
  });

const query = z.strictObject({
  mapping: mapping.optional(),
  region: country.optional().meta({ description: 'Country in which national numbers are read' }),
  kind: z.enum(CONSENT_EVENT_KINDS).optional().meta({ description: 'For rows that do not say it' }),
  channel: z.enum([...CHANNELS, 'all']).optional().meta({ description: 'For rows that do not say it' }),
  purpose: z.enum([...PURPOSES, 'all']).optional().meta({ description: 'For rows that do not say it' }),
  grade: z.enum(GRADES).optional().meta({ description: 'For rows that do not say it' }),
  method: word('crm').optional().meta({ description: 'For rows that do not say it' }),
  ...readingFields,
});

const importConsents = route({
  method: 'post',
  path: '/v1/consent-imports',
  operation: 'importConsents',
  tag: 'Consents',
  summary: 'Import consent events of another system',
  description:
    'Takes CSV or NDJSON of any size, plain or with `Content-Encoding: gzip`; answered when the file is safely stored. Files only fill gaps: withdrawals always ' +
    'count, a grant never undoes one that is on record here, and what is on record stays as it is. A withdrawal of a number that is no lead suppresses it.',
  roles: FACT_REPORTERS,
  query,
  streams: Object.keys(FILE_TYPES),
  answers: { 202: { description: 'The file is stored', schema: consentImportView, headers: { Location: 'Its progress' } } },
  problems: ['unsupported_encoding', 'body_too_large'],
  async handle(context, { query: asked, request, caller }) {
    const header = request.headers['content-type'];
    const format = FILE_TYPES[contentType(header).type as keyof typeof FILE_TYPES];
    const { encoding = charsetOf(header), ...others } = asked;
    const parameters = Object.fromEntries(Object.entries({ ...others, encoding }).filter(([, value]) => value !== undefined));
    const id = newId();
    request.setTimeout(LIMITS.uploadIdleMs);
    const stored = await storeUpload({ folder: context.uploadFolder, vault: context.vault }, id, request, request.headers['content-encoding']);
    const file = { id, format, parameters, ...stored, receivedAt: context.now(), receivedBy: `key:${caller.keyId}` };
    const row = await context.db.transaction().execute((tx) => insertConsentImport(tx, file));
    if (row.duplicate_of !== null) await removeUpload(context.uploadFolder, id);
    const announce = row.duplicate_of === null ? [id] : [];
    return { status: 202, headers: { location: `/v1/consent-imports/${id}` }, body: viewOfConsentImport(context, row), announce, isJob: true };
  },
});

const list = route({
  method: 'get',
  path: '/v1/consent-imports',
  operation: 'listConsentImports',
  tag: 'Consents',
  summary: 'List the imports of consents',
  description: 'Every import, newest first.',
  roles: IMPORT_READERS,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of imports', schema: pageOf(consentImportView).meta({ id: 'ConsentImportPage' }), headers: { Link: 'The next page, `rel="next"`' } } },
  async handle(context, call) {
    const find = (after: string | null, most: number) => listConsentImports(context.db, after, most);
    return pageById(call, find, (each) => viewOfConsentImport(context, each));
  },
});

const params = z.object({ id: uuid.regex(UUID_PATTERN) });

const read = route({
  method: 'get',
  path: '/v1/consent-imports/{id}',
  operation: 'readConsentImport',
  tag: 'Consents',
  summary: 'Read how far an import of consents is',
  description: 'Its state, its accounting and its pace.',
  roles: IMPORT_READERS,
  params,
  unknown: 'unknown_import',
  answers: { 200: { description: 'The import', schema: consentImportView } },
  async handle(context, { params: { id } }) {
    return { status: 200, body: viewOfConsentImport(context, await requireImport(context.db, id)) };
  },
});

const refusals = route({
  method: 'get',
  path: '/v1/consent-imports/{id}/refusals',
  operation: 'readConsentRefusals',
  tag: 'Consents',
  summary: 'Read which rows of a file of consents were refused, and why',
  description: 'CSV with the columns row, code, column and detail, in the order of the file; never with the value.',
  roles: IMPORT_READERS,
  params,
  unknown: 'unknown_import',
  answers: { 200: { description: 'The refused rows', type: 'text/csv' } },
  async handle(context, { params: { id } }) {
    await requireImport(context.db, id);
    return refusalFile(id, (after, limit) => listConsentRefusals(context.db, id, after, limit));
  },
});

export const consentImportRoutes = [importConsents, list, read, refusals];

async function requireImport(db: Db, id: string): Promise<ConsentImport> {
  const found = await findConsentImport(db, id);
  if (found) return found;
  throw new DomainError('unknown_import', 'Check the id; GET /v1/consent-imports lists them.');
}
