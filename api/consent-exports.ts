import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Db } from '../db/connection.ts';
import { countArchived } from '../db/consent-moves.ts';
import { findExport, insertExport, listExports, recordHandOut, type Export } from '../db/exports.ts';
import { newId } from '../db/ids.ts';
import { DomainError } from '../domain/problem.ts';
import { EXPORT_COLUMNS, exportConsents, type Exporting } from '../intake/moving/consent-export.ts';
import { csvRecord } from './csv.ts';
import { UUID_PATTERN } from './cursor.ts';
import { agreeToExport, exportView, requireAgreement, viewOfExport } from './exports.ts';
import { label, page, pageOf, uuid } from './fields.ts';
import { pageById } from './pages.ts';
import { accessHeaders, requireReason } from './reveal.ts';
import { REVEALERS } from './roles.ts';
import { route } from './route.ts';

const KIND = 'consent_export';
const EXPORT_READERS = [...REVEALERS, 'auditor'] as const;

const params = z.object({ id: uuid.regex(UUID_PATTERN) });

const consentExportView = exportView
  .extend({ links: z.object({ self: z.string(), events: z.string() }) })
  .meta({ id: 'ConsentExport' });

const request = route({
  method: 'post',
  path: '/v1/consent-exports',
  operation: 'requestConsentExport',
  tag: 'Consents',
  summary: 'Ask to take all consents out',
  description: 'For a move to another system. A second person has to agree before anything can be fetched.',
  roles: REVEALERS,
  body: z.strictObject({ partner: label('next-crm') }).meta({ id: 'NewConsentExport' }),
  answers: { 201: { description: 'What was asked for', schema: consentExportView } },
  async create({ now }, { body, caller }, tx) {
    const row = await insertExport(tx, KIND, { id: newId(), partner: body.partner, requested_by: `key:${caller.keyId}`, requested_at: now() });
    return { status: 201, body: viewOf(row, now()) };
  },
});

const list = route({
  method: 'get',
  path: '/v1/consent-exports',
  operation: 'listConsentExports',
  tag: 'Consents',
  summary: 'List who asked for all consents',
  description: 'Newest first, with who agreed and who fetched them last.',
  roles: EXPORT_READERS,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of exports', schema: pageOf(consentExportView).meta({ id: 'ConsentExportPage' }), headers: { Link: 'The next page, `rel="next"`' } } },
  async handle({ db, now }, call) {
    return pageById(call, (after, most) => listExports(db, KIND, after, most), (each) => viewOf(each, now()));
  },
});

const read = route({
  method: 'get',
  path: '/v1/consent-exports/{id}',
  operation: 'readConsentExport',
  tag: 'Consents',
  summary: 'Read what became of an export of consents',
  description: 'Who asked for it, who agreed, and who fetched it last.',
  roles: EXPORT_READERS,
  params,
  unknown: 'unknown_export',
  answers: { 200: { description: 'The export', schema: consentExportView } },
  async handle({ db, now }, { params: { id } }) {
    return { status: 200, body: viewOf(await requireExport(db, id), now()) };
  },
});

const approve = route({
  method: 'post',
  path: '/v1/consent-exports/{id}/approve',
  operation: 'approveConsentExport',
  tag: 'Consents',
  summary: 'Agree to an export of consents',
  description: 'Takes another key than the one that asked for it. It can be fetched for a day then.',
  roles: REVEALERS,
  params,
  unknown: 'unknown_export',
  answers: { 200: { description: 'The export, approved', schema: consentExportView } },
  problems: ['second_person_needed', 'already_settled'],
  async create({ now }, { params: { id }, caller }, tx) {
    const approved = await agreeToExport(tx, KIND, await requireExport(tx, id), `key:${caller.keyId}`, now());
    return { status: 200, body: viewOf(approved, now()) };
  },
});

const fetchEvents = route({
  method: 'get',
  path: '/v1/consent-exports/{id}/events',
  operation: 'exportConsents',
  tag: 'Consents',
  summary: 'Fetch an export of consents',
  description:
    'Every consent event of every person whose data is at hand, with phone and evidence in clear; POST /v1/consent-imports reads it without a mapping. That each ' +
    'person was shown, to whom and why, is on record before their events are sent. People in the archive are not among them: how many those are is said in a header.',
  roles: REVEALERS,
  params,
  unknown: 'unknown_export',
  query: z.strictObject({ format: z.enum(['csv', 'ndjson']).default('csv') }),
  headers: accessHeaders,
  answers: {
    200: {
      description: 'The events, as CSV or as one JSON object a line',
      type: 'text/csv',
      headers: { 'Archived-People': 'How many people are in the archive, so that neither their consents nor their withdrawals are among them' },
    },
  },
  problems: ['second_person_needed', 'access_reason_missing'],
  async handle({ db, vault, now }, { params: { id }, query: { format }, headers, caller }) {
    const reason = requireReason(headers['access-reason']);
    const found = await requireExport(db, id);
    requireAgreement(found, now());
    const actor = `key:${caller.keyId}`;
    const archived = await countArchived(db);
    await recordHandOut(db, KIND, found.id, actor, now());
    const exporting = { db, vault, actor, reason, now };
    const [type, data] = format === 'csv' ? ['text/csv', csvOf(exporting)] as const : ['application/x-ndjson', linesOf(exporting)] as const;
    const about = { 'content-disposition': `attachment; filename="consents-${found.id}.${format}"`, 'archived-people': String(archived) };
    return { status: 200, headers: about, content: { type: `${type}; charset=utf-8`, data: Readable.from(data) } };
  },
});

export const consentExportRoutes = [request, list, read, approve, fetchEvents];

async function* csvOf(exporting: Exporting): AsyncGenerator<string> {
  yield csvRecord(EXPORT_COLUMNS);
  for await (const events of exportConsents(exporting)) yield events.map((event) => csvRecord(EXPORT_COLUMNS.map((column) => event[column]))).join('');
}

async function* linesOf(exporting: Exporting): AsyncGenerator<string> {
  for await (const events of exportConsents(exporting)) {
    yield events.map((event) => `${JSON.stringify(Object.fromEntries(Object.entries(event).filter(([, value]) => value !== '')))}\n`).join('');
  }
}

async function requireExport(db: Db, id: string): Promise<Export> {
  const found = await findExport(db, KIND, id);
  if (found) return found;
  throw new DomainError('unknown_export', 'Check the id; GET /v1/consent-exports lists them.');
}

function viewOf(row: Export, now: Date): z.infer<typeof consentExportView> {
  const self = `/v1/consent-exports/${row.id}`;
  return { ...viewOfExport(row, now), links: { self, events: `${self}/events` } };
}
