import { z } from 'zod';
import { canonicalEmail } from '../db/canonical-email.ts';
import { findLeadIdsByEmail } from '../db/lead-views.ts';
import { findLeadsByToken } from '../db/leads.ts';
import { openFirstRecords, openPersonRecords } from '../db/person-records.ts';
import type { Tx } from '../db/connection.ts';
import { insertRefusedAcquisitions } from '../db/refused-acquisitions.ts';
import { leadTimeline } from '../db/timeline.ts';
import { STAGES } from '../domain/lead.ts';
import { DomainError } from '../domain/problem.ts';
import { acquireLead } from '../intake/acquire.ts';
import type { Acquisition } from '../intake/acquisition.ts';
import type { Planned } from '../intake/acquisition-plan.ts';
import { foldRecords, type CorrectionRecord, type PersonalRecord } from '../intake/personal-record.ts';
import { maskPhone } from '../intake/phone/mask-phone.ts';
import { leadWorkflowId } from '../workflows/messages.ts';
import type { ApiContext } from './context.ts';
import { decodeCursor, encodeCursor, INSTANT_PATTERN, UUID_PATTERN } from './cursor.ts';
import { label, page, sourceId, uuid } from './fields.ts';
import { acquisitionOf, requirePhone } from './lead-acquisition.ts';
import { acquiredAnswer, leadPage, leadView, timelinePage, type AcquiredAnswer } from './lead-answers.ts';
import { acquisitionBody, searchBody } from './lead-bodies.ts';
import { hopperPage, newestPage } from './lead-pages.ts';
import { linksOf, readLeads, summaryOf, timelineItemOf } from './lead-views.ts';
import { cutPage, nextPageHeaders } from './pages.ts';
import { accessHeaders, recordReveal, revealQuery } from './reveal.ts';
import { ACQUIRERS, LEAD_READERS } from './roles.ts';
import { createProblem, PROBLEM_TYPE, statusOf } from './problems.ts';
import { route, type Answer } from './route.ts';

const leadParams = z.object({ id: uuid.regex(UUID_PATTERN) });
const nextPage = { Link: 'The next page, `rel="next"`' };

const acquire = route({
  method: 'post',
  path: '/v1/leads',
  operation: 'acquireLead',
  tag: 'Leads',
  summary: 'Bring in a lead',
  description:
    'Puts a number, where it came from and when, on the books. A number that is known becomes a further acquisition of the same lead. ' +
    'Both are committed before they are answered; the workflow of the lead follows at once, or as soon as Temporal can be reached.',
  roles: ACQUIRERS,
  body: acquisitionBody,
  answers: {
    201: { description: 'A new lead', schema: acquiredAnswer, headers: { Location: 'Address of the lead' } },
    200: { description: 'A known number, acquired once more', schema: acquiredAnswer, headers: { Location: 'Address of the lead' } },
  },
  problems: ['unknown_source', 'invalid_phone', 'acquired_in_future', 'opted_out'],
  async create(context, { body, requestId }, tx) {
    const acquisition = await acquisitionOf(tx, body, context.now());
    const acquired = await acquireOrRefuse(context, tx, acquisition);
    if (acquired instanceof DomainError) return refusalAnswer(acquired, requestId);
    const { leadId, acquisitionId, created, stage } = acquired;
    const links = linksOf(context, leadId);
    const answer: AcquiredAnswer = {
      leadId,
      acquisitionId,
      created,
      stage,
      workflowId: leadWorkflowId(leadId),
      phone: maskPhone(acquisition.phone),
      acquiredAt: acquisition.acquiredAt.toISOString(),
      receivedAt: acquisition.receivedAt.toISOString(),
      links,
    };
    return { status: created ? 201 : 200, headers: { location: links.self }, body: answer, announce: [leadId] };
  },
});

const list = route({
  method: 'get',
  path: '/v1/leads',
  operation: 'listLeads',
  tag: 'Leads',
  summary: 'List leads',
  description:
    'Leads, newest first, masked. Filters can be combined; source and campaign must belong to one and the same acquisition. ' +
    'With `contactable=true` those who may be called for marketing at this moment, longest waiting first: each was judged as a clearance ' +
    'would be, and still needs one. Such a page can be short, or empty, and have a next one.',
  roles: LEAD_READERS,
  query: z.strictObject({
    stage: z.enum(STAGES).optional(),
    source: sourceId.optional(),
    campaign: label('spring').optional(),
    contactable: z.literal('true').optional().meta({ description: 'Only leads who may be called now' }),
    ...page,
  }),
  answers: { 200: { description: 'A page of leads', schema: leadPage, headers: nextPage } },
  async handle(context, { query, request }) {
    const { states, next } = query.contactable ? await hopperPage(context, query) : await newestPage(context, query);
    const records = await openFirstRecords(context.db, context.vault, states.map((state) => state.id));
    const items = states.map((state) => summaryOf(context, state, records.get(state.id)?.[0] as PersonalRecord | undefined));
    return { status: 200, headers: nextPageHeaders(request, next), body: { items, next } };
  },
});

const read = route({
  method: 'get',
  path: '/v1/leads/{id}',
  operation: 'readLead',
  tag: 'Leads',
  summary: 'Read a lead',
  description:
    'A lead as it stands, masked. With `reveal` and the header `Access-Reason`, the fields named are shown in clear to those who may; ' +
    'that, and the reason, is on record before they are.',
  roles: LEAD_READERS,
  params: leadParams,
  unknown: 'unknown_lead',
  query: z.strictObject({ reveal: revealQuery.optional() }),
  headers: accessHeaders,
  answers: { 200: { description: 'The lead', schema: leadView } },
  problems: ['access_reason_missing', 'lead_archived'],
  async handle(context, { params, query, headers, caller }) {
    const revealed = query.reveal ?? [];
    if (revealed.length > 0) await recordReveal(context, caller, params.id, revealed, headers['access-reason']);
    const [lead] = await readLeads(context, [params.id], revealed);
    if (!lead) throw unknownLead();
    return { status: 200, body: lead };
  },
});

const timeline = route({
  method: 'get',
  path: '/v1/leads/{id}/timeline',
  operation: 'readTimeline',
  tag: 'Leads',
  summary: 'Read what happened to a lead',
  description: 'Acquisitions, consent events, changes of stage and accesses, in the order in which they happened.',
  roles: LEAD_READERS,
  params: leadParams,
  unknown: 'unknown_lead',
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of the timeline', schema: timelinePage, headers: nextPage } },
  async handle(context, { params, query, request }) {
    const cursor = decodeCursor(query.after, [INSTANT_PATTERN, UUID_PATTERN, /^[a-z_]{1,40}$/]);
    const after = cursor ? { at: new Date(cursor[0]), id: cursor[1], type: cursor[2] } : null;
    const found = await leadTimeline(context.db, params.id, after, query.limit + 1);
    // Every lead has been acquired: only a lead that does not exist has an empty timeline.
    if (found.length === 0 && !after) throw unknownLead();
    const { items, next } = cutPage(found, query.limit, (last) => encodeCursor(last.at.toISOString(), last.id, last.type));
    return { status: 200, headers: nextPageHeaders(request, next), body: { items: items.map(timelineItemOf), next } };
  },
});

const search = route({
  method: 'post',
  path: '/v1/leads/search',
  operation: 'searchLeads',
  tag: 'Leads',
  summary: 'Find leads by phone or e-mail',
  description: 'Finds leads by what must not stand in an address. An empty list when there is none.',
  roles: LEAD_READERS,
  body: searchBody,
  answers: { 200: { description: 'The leads, newest first', schema: z.object({ items: z.array(leadView) }).meta({ id: 'LeadSearchResult' }) } },
  problems: ['invalid_phone'],
  async handle(context, { body }) {
    const ids = body.email === undefined ? await idsByPhone(context, body.phone ?? '', body.region) : await idsByEmail(context, body.email);
    return { status: 200, body: { items: await readLeads(context, ids) } };
  },
});

export const leadRoutes = [acquire, list, read, timeline, search];

async function idsByPhone({ db, vault }: ApiContext, phone: string, region: string | undefined): Promise<string[]> {
  const { e164 } = requirePhone(phone, region);
  const sharing = await findLeadsByToken(db, vault, [vault.phoneToken(e164)], [e164]);
  return sharing.filter((lead) => lead.phone === e164).map((lead) => lead.id);
}

/** That somebody is not taken in is a fact as well: it is committed with the refusal, and holds nothing of the person. */
async function acquireOrRefuse({ vault }: ApiContext, tx: Tx, acquisition: Acquisition): Promise<Planned | DomainError> {
  try {
    return await acquireLead(tx, vault, acquisition);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'opted_out') throw error;
    const { phone, source, acquiredAt, receivedAt } = acquisition;
    const refused = { token: vault.phoneToken(phone), source_id: source.id, acquired_at: acquiredAt, received_at: receivedAt };
    await insertRefusedAcquisitions(tx, [refused]);
    return error;
  }
}

function refusalAnswer({ code, message }: DomainError, requestId: string): Answer {
  return { status: statusOf(code), headers: { 'content-type': PROBLEM_TYPE }, body: createProblem(code, message, requestId) };
}

const MOST_LEADS_OF_AN_ADDRESS = 50;

async function idsByEmail({ db, vault }: ApiContext, email: string): Promise<string[]> {
  const wanted = canonicalEmail(email);
  const sharing = await findLeadIdsByEmail(db, vault.emailToken(email), MOST_LEADS_OF_AN_ADDRESS);
  const records = (await openPersonRecords(db, vault, sharing)) as Map<string, (PersonalRecord | CorrectionRecord)[]>;
  return sharing.filter((id) => addressesOf(records.get(id) ?? []).includes(wanted));
}

/** Every address that somebody gave; where one was put right, that one alone. */
function addressesOf(records: readonly (PersonalRecord | CorrectionRecord)[]): string[] {
  const isCorrected = records.some((record) => 'correction' in record && record.email !== undefined);
  const given = isCorrected ? [foldRecords(records)] : records;
  return given.flatMap(({ email }) => (email ? [canonicalEmail(email)] : []));
}

function unknownLead(): DomainError {
  return new DomainError('unknown_lead', 'Check the id; ids of leads come from POST /v1/leads, lists and searches.');
}
