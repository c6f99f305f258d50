import { z } from 'zod';
import type { Db } from '../db/connection.ts';
import { readLead } from '../db/locked-lead.ts';
import { tellLeads } from '../db/outbox.ts';
import { insertReassignedAnswer, listReassignedAnswers, type ReassignedAnswerRow } from '../db/reassigned-answers.ts';
import { askAbout, reassignedChecksOf, type ReassignedCheck } from '../db/reassigned-checks.ts';
import { policiesFor } from '../domain/policies/book.ts';
import type { RuleValues } from '../domain/policy.ts';
import { DomainError } from '../domain/problem.ts';
import { answerGoodUntil, checksIn, REASSIGNED_ANSWERS } from '../domain/reassigned.ts';
import { reassignedWorkflowId } from '../workflows/messages.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, instant, page, pageOf, uuid } from './fields.ts';
import { requireLead, requireLockedLead, unknownLead } from './locked-lead.ts';
import { pageById } from './pages.ts';
import { requirePast } from './past.ts';
import { FACT_REPORTERS, LEAD_READERS } from './roles.ts';
import { route } from './route.ts';

const leadParams = z.object({ id: uuid.regex(UUID_PATTERN) });
const pageHeaders = { Link: 'The next page, `rel="next"`' };

const answer = z
  .object({
    id: uuid,
    answer: z.enum(REASSIGNED_ANSWERS),
    askedAt: answeredInstant,
    lastKnownGoodAt: answeredInstant.nullable().meta({ description: 'The day that the database was asked about' }),
    receivedAt: answeredInstant,
    goodUntil: answeredInstant.nullable().meta({ description: 'When it stops resting on the latest reports to the database; null: the law names no such day' }),
    checkId: uuid.nullable().meta({ description: 'The question of this product that it answers; null: somebody reported it' }),
  })
  .meta({ id: 'ReassignedAnswer' });

const check = z
  .object({
    checkId: uuid,
    leadId: uuid,
    answer: z.enum(REASSIGNED_ANSWERS).nullable().meta({ description: 'null: there is none, or none yet' }),
    problem: z.string().nullable().meta({ description: 'Why there is no answer: that of the last attempt' }),
    attempts: z.int().min(0),
    requestedAt: answeredInstant,
    requestedBy: z.string().meta({ description: 'A key; `clearance`: one that waited for nothing else; `ahead`: before anybody wanted to call' }),
    triedAt: answeredInstant.nullable(),
    endedAt: answeredInstant.nullable().meta({ description: 'null while it is under way' }),
    workflowId: z.string(),
    links: z.object({ temporal: z.string().nullable() }),
  })
  .meta({ id: 'ReassignedCheck' });

const addAnswer = route({
  method: 'post',
  path: '/v1/leads/{id}/reassigned-answers',
  operation: 'addReassignedAnswer',
  tag: 'Leads',
  summary: 'Record whether a number was reassigned',
  description: 'What a database of reassigned numbers said: `yes`, somebody else has the number since; `no_data` gives no safe harbour.',
  roles: FACT_REPORTERS,
  params: leadParams,
  unknown: 'unknown_lead',
  body: z
    .strictObject({
      answer: z.enum(REASSIGNED_ANSWERS),
      askedAt: instant,
      lastKnownGoodAt: instant.nullable().default(null).meta({
        description: 'The day that the database was asked about. A `no` about a later day than any on which the number is known to have been the person\'s is no safe harbour',
      }),
    })
    .meta({ id: 'NewReassignedAnswer' }),
  answers: { 201: { description: 'The answer on record', schema: answer } },
  problems: ['lead_disposed'],
  async create(context, { params, body }, tx) {
    const now = context.now();
    const askedAt = requirePast(body.askedAt, '/askedAt', now);
    const lastKnownGoodAt = body.lastKnownGoodAt && requirePast(body.lastKnownGoodAt, '/lastKnownGoodAt', now);
    const lead = await requireLockedLead(tx, params.id);
    const said = { lead_id: lead.id, answer: body.answer, asked_at: askedAt, known_good_at: lastKnownGoodAt, received_at: now };
    const row = await insertReassignedAnswer(tx, said);
    await tellLeads(tx, [lead.id], { signal: 'lifecycleChanged', factId: row.id }, now);
    return { status: 201, body: answerOf(row, checksFor(lead.jurisdictions)), announce: [lead.id] };
  },
});

const listAnswers = route({
  method: 'get',
  path: '/v1/leads/{id}/reassigned-answers',
  operation: 'listReassignedAnswers',
  tag: 'Leads',
  summary: 'List what was said about the number of a lead',
  description: 'Answers that were reported, and those that this product asked for, in the order in which they were recorded. The gate goes by the one that was asked for last.',
  roles: LEAD_READERS,
  params: leadParams,
  unknown: 'unknown_lead',
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of answers', schema: pageOf(answer).meta({ id: 'ReassignedAnswerPage' }), headers: pageHeaders } },
  async handle(context, call) {
    const lead = await readLead(context.db, call.params.id);
    if (!lead) throw unknownLead();
    const checks = checksFor(lead.jurisdictions);
    const find = (after: string | null, most: number) => listReassignedAnswers(context.db, lead.id, after, most);
    return pageById(call, find, (row) => answerOf(row, checks));
  },
});

const ask = route({
  method: 'post',
  path: '/v1/leads/{id}/reassigned-checks',
  operation: 'checkReassigned',
  tag: 'Leads',
  summary: 'Ask whether the number of a lead was reassigned',
  description: 'Asks the database that is configured, unless a question about the lead is under way: that one is answered. Each question is paid for. '
    + 'Its workflow goes on until there is an answer, for a day at most.',
  roles: FACT_REPORTERS,
  params: leadParams,
  unknown: 'unknown_lead',
  answers: { 202: { description: 'The question is under way', schema: check } },
  problems: ['lead_disposed', 'nobody_to_ask'],
  async create(context, { params, caller }, tx) {
    const lead = await requireLockedLead(tx, params.id);
    if (!context.asksReassigned) throw new DomainError('nobody_to_ask', 'The configuration names no database: REASSIGNED_URL.');
    if (checksFor(lead.jurisdictions).length === 0) throw new DomainError('nobody_to_ask', 'There is a database of reassigned numbers for the United States only.');
    const at = context.now();
    await askAbout(tx, [lead.id], { by: `key:${caller.keyId}`, at, notSince: at });
    const asked = await latestCheck(tx, lead.id);
    return { status: 202, body: checkOf(context, asked), announce: [asked.id] };
  },
});

const listChecks = route({
  method: 'get',
  path: '/v1/leads/{id}/reassigned-checks',
  operation: 'listReassignedChecks',
  tag: 'Leads',
  summary: 'List the questions about the number of a lead',
  description: 'Newest first, with what came of each.',
  roles: LEAD_READERS,
  params: leadParams,
  unknown: 'unknown_lead',
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of questions', schema: pageOf(check).meta({ id: 'ReassignedCheckPage' }), headers: pageHeaders } },
  async handle(context, call) {
    await requireLead(context.db, call.params.id);
    const find = (after: string | null, most: number) => reassignedChecksOf(context.db, call.params.id, after, most);
    return pageById(call, find, (row) => checkOf(context, row));
  },
});

export const reassignedRoutes = [addAnswer, listAnswers, ask, listChecks];

function checksFor(jurisdictions: readonly string[]): RuleValues['reassigned_check'][] {
  return checksIn(policiesFor(jurisdictions));
}

async function latestCheck(db: Db, leadId: string): Promise<ReassignedCheck> {
  const [latest] = await reassignedChecksOf(db, leadId, null, 1);
  if (!latest) throw new Error('a question is not where it was put');
  return latest;
}

function answerOf(row: ReassignedAnswerRow, checks: readonly RuleValues['reassigned_check'][]): z.infer<typeof answer> {
  const { id, answer: word, asked_at: askedAt, known_good_at, received_at, check_id: checkId } = row;
  return {
    id,
    answer: word,
    askedAt: askedAt.toISOString(),
    lastKnownGoodAt: known_good_at?.toISOString() ?? null,
    receivedAt: received_at.toISOString(),
    goodUntil: answerGoodUntil({ askedAt }, checks)?.toISOString() ?? null,
    checkId,
  };
}

function checkOf({ temporalUi }: ApiContext, row: ReassignedCheck): z.infer<typeof check> {
  const { id, lead_id: leadId, answer: word, problem, attempts } = row;
  const workflowId = reassignedWorkflowId(id);
  return {
    checkId: id,
    leadId,
    answer: word,
    problem,
    attempts,
    requestedAt: row.requested_at.toISOString(),
    requestedBy: row.requested_by,
    triedAt: row.tried_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
    workflowId,
    links: { temporal: temporalUi === null ? null : `${temporalUi}/workflows/${encodeURIComponent(workflowId)}` },
  };
}
