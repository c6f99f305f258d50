import { Readable } from 'node:stream';
import { z } from 'zod';
import {
  approveConsentExport, findConsentExport, insertConsentExport, listConsentExports, recordConsentHandOut, type ConsentExport,
} from '../db/consent-exports.ts';
import type { Db } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import { DomainError } from '../domain/problem.ts';
import { EXPORT_COLUMNS, exportConsents, type Exporting } from '../intake/moving/consent-export.ts';
import { csvRecord } from './csv.ts';
import { decodeCursor, encodeCursor, UUID_PATTERN } from './cursor.ts';
import { answeredInstant, label, page, pageOf, uuid } from './fields.ts';
import { cutPage, nextPageHeaders } from './pages.ts';
import { accessHeaders, requireReason } from './reveal.ts';
import { REVEALERS } from './roles.ts';
import { route } from './route.ts';

/** How long what a second person agreed to can be fetched. */
const VALID_FOR_MS = 24 * 3_600_000;

const EXPORT_READERS = [...REVEALERS, 'auditor'] as const;

const params = z.object({ id: uuid.regex(UUID_PATTERN) });

const exportView = z
  .object({
    exportId: uuid,
    state: z.enum(['awaiting_approval', 'approved', 'expired']),
    partner: z.string(),
    requestedBy: z.string(),
    requestedAt: answeredInstant,
    approvedBy: z.string().nullable(),
    approvedAt: answeredInstant.nullable(),
    expiresAt: answeredInstant.nullable(),
    handedOutBy: z.string().nullable().meta({ description: 'Who fetched it last' }),
    handedOutAt: answeredInstant.nullable(),
    links: z.object({ self: z.string(), events: z.string() }),
  })
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
  answers: { 201: { description: 'What was asked for', schema: exportView } },
  async create({ now }, { body, caller }, tx) {
    const row = await insertConsentExport(tx, { id: newId(), partner: body.partner, requested_by: `key:${caller.keyId}`, requested_at: now() });
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
  answers: { 200: { description: 'A page of exports', schema: pageOf(exportView).meta({ id: 'ConsentExportPage' }), headers: { Link: 'The next page, `rel="next"`' } } },
  async handle({ db, now }, { query: asked, request: incoming }) {
    const after = decodeCursor(asked.after, [UUID_PATTERN]);
    const found = await listConsentExports(db, after?.[0] ?? null, asked.limit + 1);
    const { items, next } = cutPage(found, asked.limit, (last) => encodeCursor(last.id));
    const body = { items: items.map((each) => viewOf(each, now())), next };
    return { status: 200, headers: nextPageHeaders(incoming, next), body };
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
  answers: { 200: { description: 'The export', schema: exportView } },
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
  answers: { 200: { description: 'The export, approved', schema: exportView } },
  problems: ['second_person_needed', 'already_settled'],
  async create({ now }, { params: { id }, caller }, tx) {
    const found = await requireExport(tx, id);
    const by = `key:${caller.keyId}`;
    if (found.requested_by === by) throw new DomainError('second_person_needed', 'Another key than the one that asked for it has to agree.');
    const approved = await approveConsentExport(tx, found.id, by, now());
    if (!approved) throw new DomainError('already_settled', 'Somebody has agreed to this export already.');
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
    'Every consent event of every person whose data is kept, with phone and evidence in clear; POST /v1/consent-imports reads it without a mapping. That each ' +
    'person was shown, to whom and why, is on record before their events are sent.',
  roles: REVEALERS,
  params,
  unknown: 'unknown_export',
  query: z.strictObject({ format: z.enum(['csv', 'ndjson']).default('csv') }),
  headers: accessHeaders,
  answers: { 200: { description: 'The events, as CSV or as one JSON object a line', type: 'text/csv' } },
  problems: ['second_person_needed', 'access_reason_missing'],
  async handle({ db, vault, now }, { params: { id }, query: { format }, headers, caller }) {
    const reason = requireReason(headers['access-reason']);
    const found = await requireExport(db, id);
    if (viewOf(found, now()).state !== 'approved') throw new DomainError('second_person_needed', 'A second person has to agree to it first, less than a day ago.');
    const actor = `key:${caller.keyId}`;
    await recordConsentHandOut(db, found.id, actor, now());
    const exporting = { db, vault, actor, reason, now };
    const [type, data] = format === 'csv' ? ['text/csv', csvOf(exporting)] as const : ['application/x-ndjson', linesOf(exporting)] as const;
    const disposition = { 'content-disposition': `attachment; filename="consents-${found.id}.${format}"` };
    return { status: 200, headers: disposition, content: { type: `${type}; charset=utf-8`, data: Readable.from(data) } };
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

async function requireExport(db: Db, id: string): Promise<ConsentExport> {
  const found = await findConsentExport(db, id);
  if (found) return found;
  throw new DomainError('unknown_export', 'Check the id; GET /v1/consent-exports lists them.');
}

function viewOf(row: ConsentExport, now: Date): z.infer<typeof exportView> {
  const expiresAt = row.approved_at && new Date(row.approved_at.getTime() + VALID_FOR_MS);
  const self = `/v1/consent-exports/${row.id}`;
  return {
    exportId: row.id,
    state: !expiresAt ? 'awaiting_approval' : expiresAt > now ? 'approved' : 'expired',
    partner: row.partner,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    approvedBy: row.approved_by,
    approvedAt: row.approved_at?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
    handedOutBy: row.handed_out_by,
    handedOutAt: row.handed_out_at?.toISOString() ?? null,
    links: { self, events: `${self}/events` },
  };
}
