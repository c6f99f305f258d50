import { z } from 'zod';
import { waitingConsents } from '../db/consents.ts';
import { findUnclearOptOut, openUnclearOptOuts } from '../db/unclear-opt-outs.ts';
import { DomainError } from '../domain/problem.ts';
import { settleUnclearOptOut } from '../intake/unclear-opt-outs.ts';
import { consentEvent, unclearOptOut } from './consent-bodies.ts';
import { unclearOptOutOf } from './consents.ts';
import { decodeCursor, encodeCursor, UUID_PATTERN } from './cursor.ts';
import { page, pageOf, uuid } from './fields.ts';
import { consentOf } from './lead-views.ts';
import { requireLockedLead } from './locked-lead.ts';
import { cutPage, nextPageHeaders } from './pages.ts';
import { QUEUE_KEEPERS } from './roles.ts';
import { route } from './route.ts';

const nextPage = { Link: 'The next page, `rel="next"`' };
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
  async handle(context, { query, request }) {
    const after = decodeCursor(query.after, [UUID_PATTERN]);
    const found = await waitingConsents(context.db, after?.[0] ?? null, query.limit + 1);
    const { items, next } = cutPage(found, query.limit, (last) => encodeCursor(last.id));
    const shown = items.map((row) => ({ ...consentOf(row), leadId: row.lead_id }));
    return { status: 200, headers: nextPageHeaders(request, next), body: { items: shown, next } };
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
  async handle(context, { query, request }) {
    const after = decodeCursor(query.after, [UUID_PATTERN]);
    const found = await openUnclearOptOuts(context.db, after?.[0] ?? null, query.limit + 1);
    const { items, next } = cutPage(found, query.limit, (last) => encodeCursor(last.id));
    return { status: 200, headers: nextPageHeaders(request, next), body: { items: items.map(unclearOptOutOf), next } };
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
    const found = await findUnclearOptOut(tx, id);
    if (!found) throw new DomainError('unknown_statement', 'Check the id; GET /v1/queues/unclear-opt-outs lists them.');
    const lead = await requireLockedLead(tx, found.lead_id);
    const reading = { meaning, by: `key:${caller.keyId}` };
    const settled = await settleUnclearOptOut(tx, context.vault, lead, id, reading, context.now());
    if (!settled) throw new DomainError('already_settled', 'Somebody has said already what this statement meant.');
    return { status: 200, body: unclearOptOutOf(settled), announce: [lead.id] };
  },
});

export const queueRoutes = [listWaiting, listUnclear, settleUnclear];
