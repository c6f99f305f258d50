import { Readable } from 'node:stream';
import { z } from 'zod';
import { findExport, insertExport, recordHandOut, type Export } from '../db/exports.ts';
import { newId } from '../db/ids.ts';
import { countSuppressed } from '../db/suppression-exports.ts';
import { DomainError } from '../domain/problem.ts';
import { suppressionDigests } from '../intake/suppression-digests.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { agreeToExport, exportView, requireAgreement, viewOfExport } from './exports.ts';
import { label, text, uuid } from './fields.ts';
import { RULE_KEEPERS } from './roles.ts';
import { route } from './route.ts';

const KIND = 'suppression_export';

const params = z.object({ id: uuid.regex(UUID_PATTERN) });

const suppressionExportView = exportView.meta({ id: 'SuppressionExport' });

const request = route({
  method: 'post',
  path: '/v1/suppressions/exports',
  operation: 'requestSuppressionExport',
  tag: 'Suppressions',
  summary: 'Ask to hand the own list to a partner',
  description: 'A second person has to agree before anything can be fetched.',
  roles: RULE_KEEPERS,
  body: z.strictObject({ partner: label('call-centre-two') }).meta({ id: 'NewSuppressionExport' }),
  answers: { 201: { description: 'What was asked for', schema: suppressionExportView } },
  async create({ now }, { body, caller }, tx) {
    const row = await insertExport(tx, KIND, { id: newId(), partner: body.partner, requested_by: `key:${caller.keyId}`, requested_at: now() });
    return { status: 201, body: viewOfExport(row, now()) };
  },
});

const read = route({
  method: 'get',
  path: '/v1/suppressions/exports/{id}',
  operation: 'readSuppressionExport',
  tag: 'Suppressions',
  summary: 'Read what became of an export',
  description: 'Who asked for it, who agreed, and who fetched it last.',
  roles: ['compliance', 'auditor', 'admin'],
  params,
  unknown: 'unknown_export',
  answers: { 200: { description: 'The export', schema: suppressionExportView } },
  async handle({ db, now }, { params: { id } }) {
    return { status: 200, body: viewOfExport(await requireExport(db, id), now()) };
  },
});

const approve = route({
  method: 'post',
  path: '/v1/suppressions/exports/{id}/approve',
  operation: 'approveSuppressionExport',
  tag: 'Suppressions',
  summary: 'Agree to an export',
  description: 'Takes another key than the one that asked for it. It can be fetched for a day then.',
  roles: RULE_KEEPERS,
  params,
  unknown: 'unknown_export',
  answers: { 200: { description: 'The export, approved', schema: suppressionExportView } },
  problems: ['second_person_needed', 'already_settled'],
  async create({ now }, { params: { id }, caller }, tx) {
    const row = await agreeToExport(tx, KIND, await requireExport(tx, id), `key:${caller.keyId}`, now());
    return { status: 200, body: viewOfExport(row, now()) };
  },
});

const fetchDigests = route({
  method: 'post',
  path: '/v1/suppressions/exports/{id}/digests',
  operation: 'exportSuppressions',
  tag: 'Suppressions',
  summary: 'Fetch an export',
  description:
    'Suppressed numbers as SHA-256 of the salt and the E.164 number, in hexadecimal, one a line. Numbers that are no leads, or no longer, are kept as pseudonyms ' +
    'that nobody can turn back: how many those are is said in a header.',
  roles: RULE_KEEPERS,
  params,
  unknown: 'unknown_export',
  body: z
    .strictObject({ salt: text(200).min(16).meta({ description: 'Agreed upon with the partner, new for every partner; whoever has it can try all numbers' }) })
    .meta({ id: 'SuppressionSalt' }),
  answers: {
    200: {
      description: 'The digests',
      type: 'text/plain',
      headers: { 'Exported-Numbers': 'How many digests there are', 'Unexportable-Numbers': 'How many numbers are suppressed and not among them' },
    },
  },
  problems: ['second_person_needed'],
  async handle(context, { params: { id }, body, caller }) {
    const { db, vault, now } = context;
    const found = await requireExport(db, id);
    requireAgreement(found, now());
    const { all, opened } = await countSuppressed(db);
    await recordHandOut(db, KIND, id, `key:${caller.keyId}`, now());
    const headers = { 'exported-numbers': String(opened), 'unexportable-numbers': String(all - opened) };
    const data = Readable.from(suppressionDigests(db, vault, body.salt));
    return { status: 200, headers, content: { type: 'text/plain; charset=utf-8', data } };
  },
});

export const suppressionExportRoutes = [request, read, approve, fetchDigests];

async function requireExport(db: ApiContext['db'], id: string): Promise<Export> {
  const found = await findExport(db, KIND, id);
  if (found) return found;
  throw new DomainError('unknown_export', 'Check the id; it was answered when the export was asked for.');
}
