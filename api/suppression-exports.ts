import { Readable } from 'node:stream';
import { z } from 'zod';
import { newId } from '../db/ids.ts';
import { approveExport, countSuppressed, findExport, insertExport, recordHandOut, type SuppressionExport } from '../db/suppression-exports.ts';
import { DomainError } from '../domain/problem.ts';
import { suppressionDigests } from '../intake/suppression-digests.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, label, text, uuid } from './fields.ts';
import { RULE_KEEPERS } from './roles.ts';
import { route } from './route.ts';

/** How long what a second person agreed to can be fetched. */
const VALID_FOR_MS = 24 * 3_600_000;

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
  })
  .meta({ id: 'SuppressionExport' });

const request = route({
  method: 'post',
  path: '/v1/suppressions/exports',
  operation: 'requestSuppressionExport',
  tag: 'Suppressions',
  summary: 'Ask to hand the own list to a partner',
  description: 'A second person has to agree before anything can be fetched.',
  roles: RULE_KEEPERS,
  body: z.strictObject({ partner: label('call-centre-two') }).meta({ id: 'NewSuppressionExport' }),
  answers: { 201: { description: 'What was asked for', schema: exportView } },
  async create({ now }, { body, caller }, tx) {
    const row = await insertExport(tx, { id: newId(), partner: body.partner, requested_by: `key:${caller.keyId}`, requested_at: now() });
    return { status: 201, body: viewOf(row, now()) };
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
  answers: { 200: { description: 'The export', schema: exportView } },
  async handle({ db, now }, { params: { id } }) {
    return { status: 200, body: viewOf(await requireExport(db, id), now()) };
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
  answers: { 200: { description: 'The export, approved', schema: exportView } },
  problems: ['second_person_needed', 'already_settled'],
  async create({ now }, { params: { id }, caller }, tx) {
    const found = await requireExport(tx, id);
    const by = `key:${caller.keyId}`;
    if (found.requested_by === by) throw new DomainError('second_person_needed', 'Whoever asked for it cannot be the one who agrees; another key has to.');
    const row = await approveExport(tx, id, by, now());
    if (!row) throw new DomainError('already_settled', 'Somebody has agreed to it already.');
    return { status: 200, body: viewOf(row, now()) };
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
    if (viewOf(found, now()).state !== 'approved') throw new DomainError('second_person_needed', 'A second person has to agree to it first, less than a day ago.');
    const { all, opened } = await countSuppressed(db);
    await recordHandOut(db, id, `key:${caller.keyId}`, now());
    const headers = { 'exported-numbers': String(opened), 'unexportable-numbers': String(all - opened) };
    const data = Readable.from(suppressionDigests(db, vault, body.salt));
    return { status: 200, headers, content: { type: 'text/plain; charset=utf-8', data } };
  },
});

export const suppressionExportRoutes = [request, read, approve, fetchDigests];

async function requireExport(db: ApiContext['db'], id: string): Promise<SuppressionExport> {
  const found = await findExport(db, id);
  if (found) return found;
  throw new DomainError('unknown_export', 'Check the id; it was answered when the export was asked for.');
}

function viewOf(row: SuppressionExport, now: Date): z.infer<typeof exportView> {
  const expiresAt = row.approved_at && new Date(row.approved_at.getTime() + VALID_FOR_MS);
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
  };
}
