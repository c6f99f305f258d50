import { z } from 'zod';
import { waitingConsents } from '../db/consents.ts';
import type { Db } from '../db/connection.ts';
import { openFact } from '../db/person-records.ts';
import { openSubjectRequests } from '../db/subject-requests.ts';
import { findUnclearOptOut, openUnclearOptOuts, type UnclearOptOutRow } from '../db/unclear-opt-outs.ts';
import { DomainError } from '../domain/problem.ts';
import { settleUnclearOptOut } from '../intake/unclear-opt-outs.ts';
import { consentEvent, unclearOptOut } from './consent-bodies.ts';
import { unclearOptOutOf } from './consents.ts';
import { decodeCursor, encodeCursor, INSTANT_PATTERN, UUID_PATTERN } from './cursor.ts';
import { page, pageOf, uuid } from './fields.ts';
import { consentOf } from './lead-views.ts';
import { requireLockedLead } from './locked-lead.ts';
import { cutPage, nextPageHeaders, pageById } from './pages.ts';
import { accessHeaders, recordReveal } from './reveal.ts';
import { QUEUE_KEEPERS, RECORD_READERS, REVEALERS } from './roles.ts';
import { route } from './route.ts';
import { subjectRequest, viewsOf } from './subject-request-bodies.ts';

const nextPage = { Link: 'The next page, `rel="next"`' };
const shownStatement = unclearOptOut
  .extend({ statement: z.string().nullable().meta({ description: 'The person’s own words; null where none were recorded' }) })
  .meta({ id: 'ShownStatement' });
const waitingConsent = consentEvent.extend({ leadId: uuid }).meta({ id: 'WaitingConsent' });

const listWaiting = route({
  method: 'get',
  path: '/v1/queues/waiting-consents',
  operation: 'listWaitingConsents',
  tag: 'Queues',
  summary: 'List consents that wait',
  description:
    'Consents that came with an acquisition or a file while a withdrawal stood, oldest first. Only what the person says for its own sake ' +
    'restores; recorded with POST /v1/leads/{id}/consents, the consent leaves this list.',
  roles: QUEUE_KEEPERS,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of consents', schema: pageOf(waitingConsent).meta({ id: 'WaitingConsentPage' }), headers: nextPage } },
  async handle(context, call) {
    const find = (after: string | null, most: number) => waitingConsents(context.db, after, most);
    return pageById(call, find, (row) => ({ ...consentOf(row), leadId: row.lead_id }));
  },
});

const listUnclear = route({
  method: 'get',
  path: '/v1/queues/unclear-opt-outs',
  operation: 'listUnclearOptOuts',
  tag: 'Queues',
  summary: 'List statements that may be opt-outs',
  description: 'Statements that nobody has settled yet, oldest first. Contact with these people is frozen.',
  roles: QUEUE_KEEPERS,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of statements', schema: pageOf(unclearOptOut).meta({ id: 'UnclearOptOutPage' }), headers: nextPage } },
  async handle(context, call) {
    return pageById(call, (after, most) => openUnclearOptOuts(context.db, after, most), unclearOptOutOf);
  },
});

const readUnclear = route({
  method: 'get',
  path: '/v1/queues/unclear-opt-outs/{id}',
  operation: 'readUnclearOptOut',
  tag: 'Queues',
  summary: 'Read a statement that may be an opt-out',
  description: 'The statement in the person’s own words. That it was shown, and why, is on record before it is.',
  roles: REVEALERS,
  params: z.object({ id: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_statement',
  headers: accessHeaders,
  answers: { 200: { description: 'The statement', schema: shownStatement } },
  problems: ['access_reason_missing'],
  async handle(context, { params: { id }, headers, caller }) {
    const found = await requireStatement(context.db, id);
    await recordReveal(context, caller, found.lead_id, ['statement'], headers['access-reason']);
    const told = (await openFact(context.db, context.vault, found.lead_id, id)) as { statement?: string } | null;
    return { status: 200, body: { ...unclearOptOutOf(found), statement: told?.statement ?? null } };
  },
});

const settleUnclear = route({
  method: 'post',
  path: '/v1/queues/unclear-opt-outs/{id}/resolve',
  operation: 'resolveUnclearOptOut',
  tag: 'Queues',
  summary: 'Say what a statement meant',
  description: 'An opt-out becomes a withdrawal of everything on its channel, as of when it was said. Otherwise contact goes on as before.',
  roles: QUEUE_KEEPERS,
  params: z.object({ id: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_statement',
  body: z.strictObject({ meaning: z.enum(['opt_out', 'no_opt_out']) }).meta({ id: 'StatementReading' }),
  answers: { 200: { description: 'The statement, settled', schema: unclearOptOut } },
  problems: ['already_settled', 'lead_disposed'],
  async create(context, { params: { id }, body: { meaning }, caller }, tx) {
    const found = await requireStatement(tx, id);
    const lead = await requireLockedLead(tx, found.lead_id);
    const reading = { meaning, by: `key:${caller.keyId}` };
    const settled = await settleUnclearOptOut(tx, context.vault, lead, id, reading, context.now());
    if (!settled) throw new DomainError('already_settled', 'Somebody has said already what this statement meant.');
    return { status: 200, body: unclearOptOutOf(settled), announce: [lead.id] };
  },
});

const listRequests = route({
  method: 'get',
  path: '/v1/queues/subject-requests',
  operation: 'listOpenSubjectRequests',
  tag: 'Queues',
  summary: 'List what persons wait for',
  description: 'Requests that are open, by the deadline of law that is not met, the nearest first; what no law hurries stands by when it came in.',
  roles: RECORD_READERS,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of requests', schema: pageOf(subjectRequest).meta({ id: 'OpenSubjectRequestPage' }), headers: nextPage } },
  async handle(context, { query, request }) {
    const cursor = decodeCursor(query.after, [INSTANT_PATTERN, UUID_PATTERN]);
    const after = cursor ? { place: new Date(cursor[0]), id: cursor[1] } : null;
    const found = await openSubjectRequests(context.db, after, query.limit + 1);
    const { items, next } = cutPage(found, query.limit, (last) => encodeCursor(last.place.toISOString(), last.id));
    const views = await viewsOf(context.db, items, context.now());
    return { status: 200, headers: nextPageHeaders(request, next), body: { items: views, next } };
  },
});

export const queueRoutes = [listWaiting, listUnclear, readUnclear, settleUnclear, listRequests];

async function requireStatement(db: Db, id: string): Promise<UnclearOptOutRow> {
  const found = await findUnclearOptOut(db, id);
  if (found) return found;
  throw new DomainError('unknown_statement', 'Check the id; GET /v1/queues/unclear-opt-outs lists them.');
}
