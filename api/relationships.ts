import { z } from 'zod';
import { tellLeads } from '../db/outbox.ts';
import { insertRelationship, listRelationships, type RelationshipRow } from '../db/relationships.ts';
import { RELATIONSHIP_KINDS } from '../domain/relationship.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, instant, page, pageOf, uuid } from './fields.ts';
import { requireLead, requireLockedLead } from './locked-lead.ts';
import { pageById } from './pages.ts';
import { requirePast } from './past.ts';
import { FACT_REPORTERS, LEAD_READERS } from './roles.ts';
import { route } from './route.ts';

const leadParams = z.object({ id: uuid.regex(UUID_PATTERN) });

const relationshipBody = z
  .strictObject({
    kind: z.enum(RELATIONSHIP_KINDS),
    at: instant.meta({ description: 'When it happened or began; not in the future' }),
    endsAt: instant.nullable().default(null).meta({ description: 'When a contract ends; null while that is open' }),
  })
  .refine(({ at, endsAt }) => endsAt === null || endsAt > at, {
    path: ['endsAt'], error: 'must be later than at', params: { code: 'out_of_order' },
  })
  .meta({ id: 'NewRelationship' });

const relationship = z
  .object({
    id: uuid,
    kind: z.enum(RELATIONSHIP_KINDS),
    at: answeredInstant,
    endsAt: answeredInstant.nullable(),
    receivedAt: answeredInstant,
  })
  .meta({ id: 'Relationship' });

const addRelationship = route({
  method: 'post',
  path: '/v1/leads/{id}/relationships',
  operation: 'addRelationship',
  tag: 'Leads',
  summary: 'Record a business relationship',
  description: 'A purchase, an inquiry or a contract: in some jurisdictions it stands in for a consent, or lifts a list, for a time.',
  roles: FACT_REPORTERS,
  params: leadParams,
  unknown: 'unknown_lead',
  body: relationshipBody,
  answers: { 201: { description: 'The relationship', schema: relationship } },
  problems: ['lead_disposed'],
  async create(context, { params, body }, tx) {
    const now = context.now();
    const at = requirePast(body.at, '/at', now);
    const lead = await requireLockedLead(tx, params.id);
    const row = await insertRelationship(tx, { lead_id: lead.id, kind: body.kind, at, ends_at: body.endsAt, received_at: now });
    await tellLeads(tx, [lead.id], { signal: 'lifecycleChanged', factId: row.id }, now);
    return { status: 201, body: relationshipOf(row), announce: [lead.id] };
  },
});

const listOfRelationships = route({
  method: 'get',
  path: '/v1/leads/{id}/relationships',
  operation: 'listRelationships',
  tag: 'Leads',
  summary: 'List the business relationships of a lead',
  description: 'In the order in which they were recorded.',
  roles: LEAD_READERS,
  params: leadParams,
  unknown: 'unknown_lead',
  query: z.strictObject(page),
  answers: {
    200: {
      description: 'A page of relationships',
      schema: pageOf(relationship).meta({ id: 'RelationshipPage' }),
      headers: { Link: 'The next page, `rel="next"`' },
    },
  },
  async handle(context, call) {
    await requireLead(context.db, call.params.id);
    return pageById(call, (after, most) => listRelationships(context.db, call.params.id, after, most), relationshipOf);
  },
});

export const relationshipRoutes = [addRelationship, listOfRelationships];

function relationshipOf({ id, kind, at, ends_at, received_at }: RelationshipRow): z.infer<typeof relationship> {
  return { id, kind, at: at.toISOString(), endsAt: ends_at?.toISOString() ?? null, receivedAt: received_at.toISOString() };
}
