import { z } from 'zod';
import { findLeadsByToken, lockToken } from '../db/leads.ts';
import type { Db, Tx } from '../db/connection.ts';
import type { LockedLead } from '../db/locked-lead.ts';
import { findSubjectRequest, listSubjectRequests, type SubjectRequestRow } from '../db/subject-requests.ts';
import { policiesFor } from '../domain/policies/book.ts';
import { DomainError } from '../domain/problem.ts';
import { deadlinesOf } from '../domain/subject-deadlines.ts';
import { SUBJECT_REQUEST_KINDS, type SubjectRequestKind } from '../domain/subject-request.ts';
import { placeOf } from '../intake/place/candidates.ts';
import { recordSubjectRequest } from '../intake/subject-requests.ts';
import type { ApiContext } from './context.ts';
import { decodeCursor, encodeCursor, UUID_PATTERN } from './cursor.ts';
import { country, instant, label, page, pageOf, text, uuid } from './fields.ts';
import { requirePhone } from './lead-acquisition.ts';
import { phone } from './lead-bodies.ts';
import { requireLockedLead } from './locked-lead.ts';
import { cutPage, nextPageHeaders } from './pages.ts';
import { requirePast } from './past.ts';
import { CONTACT_REPORTERS, RECORD_READERS } from './roles.ts';
import { route } from './route.ts';
import { subjectRequest, viewOfRequest, viewsOf } from './subject-request-bodies.ts';

const body = z
  .strictObject({
    leadId: uuid.regex(UUID_PATTERN).optional(),
    phone: phone.optional(),
    region: country.optional().meta({ description: 'Country in which a national number is read' }),
    kind: z.enum(SUBJECT_REQUEST_KINDS),
    via: label('letter').default('api').meta({ description: 'The way it came' }),
    requestedAt: instant.optional().meta({ description: 'When the person asked; left out: now' }),
    statement: text(2_000).optional().meta({ description: 'The person’s own words; kept sealed' }),
  })
  .refine(({ phone: number, leadId }) => (number === undefined) !== (leadId === undefined), {
    error: 'must have exactly one of phone and leadId',
    params: { code: 'exactly_one' },
  })
  .meta({ id: 'NewSubjectRequest' });

const record = route({
  method: 'post',
  path: '/v1/subject-requests',
  operation: 'recordSubjectRequest',
  tag: 'Subject requests',
  summary: 'Put a person’s request on record',
  description:
    'A request for access, portability, correction, erasure, or an objection, however it came. The deadlines of law run from it. An objection ends ' +
    'marketing at once; everything else waits until it is known that it comes from the person.',
  roles: CONTACT_REPORTERS,
  body,
  answers: { 201: { description: 'The request', schema: subjectRequest } },
  problems: ['unknown_lead', 'invalid_phone', 'lead_disposed'],
  async create(context, { body: { kind, via, statement = null, ...asked }, caller }, tx) {
    const now = context.now();
    const requestedAt = requirePast(asked.requestedAt ?? now, '/requestedAt', now);
    const person = await personOf(context, tx, asked);
    if (!person.lead && statement !== null) throw notSealable();
    const by = `key:${caller.keyId}`;
    const dueAt = firstDeadline(kind, requestedAt, person.lead?.jurisdictions ?? person.jurisdictions ?? []);
    const row = await recordSubjectRequest(tx, context.vault, person, { kind, via, requestedAt, statement, dueAt, by }, now);
    const announce = [...(row.lead_id === null ? [] : [row.lead_id]), row.id];
    return { status: 201, body: await viewOfRequest(tx, row, now), announce };
  },
});

const list = route({
  method: 'get',
  path: '/v1/subject-requests',
  operation: 'listSubjectRequests',
  tag: 'Subject requests',
  summary: 'List what persons asked for',
  description: 'Every request, oldest first, with its deadlines.',
  roles: RECORD_READERS,
  query: z.strictObject(page),
  answers: {
    200: {
      description: 'A page of requests',
      schema: pageOf(subjectRequest).meta({ id: 'SubjectRequestPage' }),
      headers: { Link: 'The next page, `rel="next"`' },
    },
  },
  async handle(context, { query, request }) {
    const after = decodeCursor(query.after, [UUID_PATTERN]);
    const found = await listSubjectRequests(context.db, after?.[0] ?? null, query.limit + 1);
    const { items, next } = cutPage(found, query.limit, (last) => encodeCursor(last.id));
    const views = await viewsOf(context.db, items, context.now());
    return { status: 200, headers: nextPageHeaders(request, next), body: { items: views, next } };
  },
});

const read = route({
  method: 'get',
  path: '/v1/subject-requests/{id}',
  operation: 'readSubjectRequest',
  tag: 'Subject requests',
  summary: 'Read a request',
  description: 'What a person asked for, until when the law wants it acknowledged and answered, and everything that was done about it.',
  roles: RECORD_READERS,
  params: z.object({ id: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_subject_request',
  answers: { 200: { description: 'The request', schema: subjectRequest } },
  async handle(context, { params: { id } }) {
    return { status: 200, body: await viewOfRequest(context.db, await requireSubjectRequest(context.db, id), context.now()) };
  },
});

export const subjectRequestRoutes = [record, list, read];

/** The request of an id; refuses one that is not there. */
export async function requireSubjectRequest(db: Db, id: string): Promise<SubjectRequestRow> {
  const row = await findSubjectRequest(db, id);
  if (row) return row;
  throw new DomainError('unknown_subject_request', 'Check the id; it was answered when the request was put on record.');
}

/** The earliest moment by which the law of some places wants something done about a request. */
export function firstDeadline(kind: SubjectRequestKind, requestedAt: Date, jurisdictions: readonly string[]): Date | null {
  return deadlinesOf({ kind, requestedAt }, policiesFor(jurisdictions))[0]?.dueAt ?? null;
}

interface Asked {
  leadId?: string | undefined;
  phone?: string | undefined;
  region?: string | undefined;
}

interface Person {
  token: bigint;
  lead: LockedLead | null;
  jurisdictions?: readonly string[];
}

/** The person behind a lead or a number; one who is on the books and has been disposed of is no lead any more. */
async function personOf({ vault }: ApiContext, tx: Tx, { leadId, phone: number = '', region }: Asked): Promise<Person> {
  if (leadId !== undefined) {
    const lead = await requireLockedLead(tx, leadId);
    return { token: lead.token, lead };
  }
  const { e164, country: of } = requirePhone(number, region);
  const token = vault.phoneToken(e164);
  await lockToken(tx, token);
  const known = (await findLeadsByToken(tx, vault, [token], [e164])).find((lead) => lead.phone === e164);
  if (known) return { token, lead: await requireLockedLead(tx, known.id) };
  return { token, lead: null, jurisdictions: placeOf({ phone: e164, country: of, address: undefined }).jurisdictions };
}

function notSealable(): DomainError {
  return new DomainError('invalid_request', 'This cannot be kept as it is.', [
    { pointer: '/statement', code: 'not_sealable', detail: 'cannot be sealed, because the number is no lead; leave it out' },
  ]);
}
