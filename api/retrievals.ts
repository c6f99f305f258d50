import { z } from 'zod';
import { findLeads } from '../db/lead-views.ts';
import { tellLeads } from '../db/outbox.ts';
import { approveRetrieval, findRetrieval, insertRetrieval, listRetrievals, withdrawRetrieval, type RetrievalRow } from '../db/retrievals.ts';
import type { Tx } from '../db/connection.ts';
import { plus } from '../domain/civil-time.ts';
import { DomainError } from '../domain/problem.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, page, pageOf, text, uuid } from './fields.ts';
import { requireLead, requireLockedLead } from './locked-lead.ts';
import { pageById } from './pages.ts';
import { RETRIEVAL_READERS, RULE_KEEPERS } from './roles.ts';
import { route } from './route.ts';

const leadParams = z.object({ id: uuid.regex(UUID_PATTERN) });

const MOST_DAYS = 90;

export const retrieval = z
  .object({
    id: uuid,
    leadId: uuid,
    state: z.enum(['awaiting_approval', 'withdrawn', 'approved', 'back', 'returned', 'over']).meta({
      description: '`approved`: on its way back; `returned`: in the archive again; `over`: the time ended before the lead was back',
    }),
    reason: z.string(),
    days: z.number().int(),
    askedBy: z.string(),
    askedAt: answeredInstant,
    approvedBy: z.string().nullable(),
    approvedAt: answeredInstant.nullable(),
    withdrawnBy: z.string().nullable(),
    withdrawnAt: answeredInstant.nullable(),
    until: answeredInstant.nullable().meta({ description: 'When the lead goes back by itself' }),
    backAt: answeredInstant.nullable(),
    returnedAt: answeredInstant.nullable(),
  })
  .meta({ id: 'Retrieval' });

const ask = route({
  method: 'post',
  path: '/v1/leads/{id}/retrievals',
  operation: 'askForRetrieval',
  tag: 'Leads',
  summary: 'Ask for an archived lead',
  description: 'Asks for the personal data of an archived lead to be back for some days. Nothing happens until a second person agrees.',
  roles: RULE_KEEPERS,
  params: leadParams,
  unknown: 'unknown_lead',
  body: z
    .strictObject({
      reason: text(500).min(3).meta({ description: 'What it is needed for, never about the person: it is kept in clear' }),
      days: z.number().int().min(1).max(MOST_DAYS).default(7).meta({ description: 'How long, from the approval on' }),
    })
    .meta({ id: 'NewRetrieval' }),
  answers: { 201: { description: 'What was asked for', schema: retrieval } },
  problems: ['lead_disposed', 'lead_not_archived'],
  async create({ now }, { params: { id }, body: { reason, days }, caller }, tx) {
    await requireArchivedLead(tx, id);
    const at = now();
    const row = await insertRetrieval(tx, { lead_id: id, reason, days, asked_by: `key:${caller.keyId}`, asked_at: at });
    return { status: 201, body: viewOf(row, at) };
  },
});

const approve = route({
  method: 'post',
  path: '/v1/leads/{id}/retrievals/{retrievalId}/approve',
  operation: 'approveRetrieval',
  tag: 'Leads',
  summary: 'Agree to a retrieval',
  description: 'Takes another key than the one that asked. The lead is back within moments, for the days asked for, and then returns by itself.',
  roles: RULE_KEEPERS,
  params: leadParams.extend({ retrievalId: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_retrieval',
  answers: { 200: { description: 'The retrieval, approved', schema: retrieval } },
  problems: ['unknown_lead', 'second_person_needed', 'already_settled', 'lead_disposed', 'lead_not_archived'],
  async create({ now }, { params: { id, retrievalId }, caller }, tx) {
    const found = await requireRetrieval(tx, id, retrievalId);
    return { status: 200, body: await agreeToRetrieval(tx, found, `key:${caller.keyId}`, now()), announce: [id] };
  },
});

const withdraw = route({
  method: 'post',
  path: '/v1/leads/{id}/retrievals/{retrievalId}/withdraw',
  operation: 'withdrawRetrieval',
  tag: 'Leads',
  summary: 'Take back that a lead was asked for',
  description: 'Whoever asked for it, or an admin, for as long as nobody has agreed. It stays on record, with who took it back and when.',
  roles: RULE_KEEPERS,
  params: leadParams.extend({ retrievalId: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_retrieval',
  answers: { 200: { description: 'The retrieval, withdrawn', schema: retrieval } },
  problems: ['already_settled'],
  async create({ now }, { params: { id, retrievalId }, caller }, tx) {
    const found = await requireRetrieval(tx, id, retrievalId);
    const by = `key:${caller.keyId}`;
    if (found.asked_by !== by && caller.role !== 'admin') throw new DomainError('forbidden', 'Whoever asked for it takes it back, or an admin.');
    const row = await withdrawRetrieval(tx, found.id, { by, at: now() });
    if (!row) throw new DomainError('already_settled', 'Somebody has agreed to it already, or taken it back.');
    return { status: 200, body: viewOf(row, now()) };
  },
});

const list = route({
  method: 'get',
  path: '/v1/leads/{id}/retrievals',
  operation: 'listRetrievals',
  tag: 'Leads',
  summary: 'List the retrievals of a lead',
  description: 'Who asked for the lead when it was archived, why, who agreed, and when it was back; oldest first.',
  roles: RETRIEVAL_READERS,
  params: leadParams,
  unknown: 'unknown_lead',
  query: z.strictObject(page),
  answers: {
    200: {
      description: 'A page of retrievals',
      schema: pageOf(retrieval).meta({ id: 'RetrievalPage' }),
      headers: { Link: 'The next page, `rel="next"`' },
    },
  },
  async handle({ db, now }, call) {
    await requireLead(db, call.params.id);
    return pageById(call, (after, most) => listRetrievals(db, call.params.id, after, most), (row) => viewOf(row, now()));
  },
});

export const retrievalRoutes = [ask, approve, withdraw, list];

async function requireRetrieval(tx: Tx, leadId: string, id: string): Promise<RetrievalRow> {
  const found = await findRetrieval(tx, id);
  if (found?.lead_id === leadId) return found;
  throw new DomainError('unknown_retrieval', 'Check the id; GET /v1/leads/{id}/retrievals lists those of a lead.');
}

/** Lets an archived lead come back. Refuses whoever asked for it, and what somebody has agreed to already. */
export async function agreeToRetrieval(tx: Tx, found: RetrievalRow, by: string, at: Date): Promise<z.infer<typeof retrieval>> {
  const leadId = found.lead_id;
  if (found.asked_by === by) {
    throw new DomainError('second_person_needed', 'Whoever asked for it cannot be the one who agrees; another key has to.');
  }
  if (found.approved_at ?? found.withdrawn_at) throw new DomainError('already_settled', 'Somebody has agreed to it already, or taken it back.');
  await requireArchivedLead(tx, leadId);
  const row = await approveRetrieval(tx, found.id, { by, at, until: plus(at, `P${found.days}D`) });
  if (!row) throw new DomainError('already_settled', 'Somebody has agreed to it already.');
  await tellLeads(tx, [leadId], { signal: 'lifecycleChanged', factId: row.id, said: 'retrieval from the archive approved' }, at);
  return viewOf(row, at);
}

/** Keeps the lead from coming back or being disposed of meanwhile. */
async function requireArchivedLead(tx: Tx, id: string): Promise<void> {
  const lead = await requireLockedLead(tx, id);
  const [state] = await findLeads(tx, [lead.id]);
  if (!state?.archived_at) throw new DomainError('lead_not_archived', 'Its personal data is at hand; there is nothing to be brought back.');
}

function viewOf(row: RetrievalRow, now: Date): z.infer<typeof retrieval> {
  return {
    id: row.id,
    leadId: row.lead_id,
    state: stateOf(row, now),
    reason: row.reason,
    days: row.days,
    askedBy: row.asked_by,
    askedAt: row.asked_at.toISOString(),
    approvedBy: row.approved_by,
    approvedAt: row.approved_at?.toISOString() ?? null,
    withdrawnBy: row.withdrawn_by,
    withdrawnAt: row.withdrawn_at?.toISOString() ?? null,
    until: row.until?.toISOString() ?? null,
    backAt: row.back_at?.toISOString() ?? null,
    returnedAt: row.returned_at?.toISOString() ?? null,
  };
}

function stateOf(row: RetrievalRow, now: Date): z.infer<typeof retrieval>['state'] {
  const { until, back_at: backAt, returned_at: returnedAt, withdrawn_at: withdrawnAt } = row;
  if (withdrawnAt) return 'withdrawn';
  if (returnedAt) return 'returned';
  if (backAt) return 'back';
  if (!until) return 'awaiting_approval';
  return until > now ? 'approved' : 'over';
}
