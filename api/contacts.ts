import { z } from 'zod';
import type { Tx } from '../db/connection.ts';
import { contactById } from '../db/contacts.ts';
import { CHANNELS, PURPOSES } from '../domain/consent.ts';
import { OUTCOMES } from '../domain/contact.ts';
import { DomainError } from '../domain/problem.ts';
import { recordContact } from '../gate/contacts.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, instant, label, text, uuid } from './fields.ts';
import { requireLockedLead } from './locked-lead.ts';
import { requirePast } from './past.ts';
import { CONTACT_REPORTERS } from './roles.ts';
import { route } from './route.ts';

/** Digits of a number that a call was made with, with or without a leading +. */
export const callerId = text(20).regex(/^\+?\d{2,19}$/, { error: 'takes digits only, with or without a leading +' }).meta({ examples: ['+12025550100'] });

const contactBody = z
  .strictObject({
    channel: z.enum(CHANNELS),
    purpose: z.enum(PURPOSES),
    campaign: label('spring').optional(),
    seller: label('acme').optional().meta({ description: 'For whom it was made; left out, it counts for every seller' }),
    outcome: z.enum(OUTCOMES),
    startedAt: instant,
    endedAt: instant,
    durationSeconds: z.int().min(0).max(86_400).optional(),
    callerId: callerId.optional(),
    agent: label('a-17').optional(),
    reference: label('dialer-4711').optional().meta({ description: 'Your own name for it; the same one again is the same contact' }),
  })
  .refine(({ startedAt, endedAt }) => endedAt >= startedAt, {
    path: ['endedAt'], error: 'must not be earlier than startedAt', params: { code: 'out_of_order' },
  })
  .meta({ id: 'NewContact' });

const contact = z
  .object({
    id: uuid,
    leadId: uuid,
    channel: z.enum(CHANNELS),
    purpose: z.enum(PURPOSES),
    campaign: z.string().nullable(),
    outcome: z.enum(OUTCOMES),
    startedAt: answeredInstant,
    endedAt: answeredInstant,
    receivedAt: answeredInstant,
    reference: z.string().nullable(),
    suppressionId: uuid.nullable().meta({ description: 'The suppression that the outcome started' }),
  })
  .meta({ id: 'Contact' });

const reportContact = route({
  method: 'post',
  path: '/v1/leads/{id}/contacts',
  operation: 'reportContact',
  tag: 'Leads',
  summary: 'Report a contact made elsewhere',
  description:
    'A contact made before or outside this system, such as the history of another dialer. It counts for attempts and quiet times, and an ' +
    'opt-out, a complaint or a wrong number suppresses, exactly as the outcome of a clearance does.',
  roles: CONTACT_REPORTERS,
  params: z.object({ id: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_lead',
  body: contactBody,
  answers: {
    201: { description: 'The contact', schema: contact },
    200: { description: 'A contact of this reference is on record already: the first one', schema: contact },
  },
  problems: ['lead_disposed', 'outcome_recorded'],
  async create(context, { params, body }, tx) {
    const now = context.now();
    const startedAt = requirePast(body.startedAt, '/startedAt', now);
    const endedAt = requirePast(body.endedAt, '/endedAt', now);
    const lead = await requireLockedLead(tx, params.id);
    const { campaign = null, seller = null, agent = null, reference = null, durationSeconds = null } = body;
    const said = { ...body, campaign, seller, agent, reference, durationSeconds, callerId: body.callerId ?? null };
    const made = { ...said, startedAt, endedAt, leadId: lead.id, token: lead.token, clearanceId: null };
    const { contactId, suppressionId, created } = await recordContact(tx, made, now);
    const answer = { ...(await viewOf(tx, contactId)), suppressionId };
    if (created) return { status: 201, body: answer, announce: [lead.id] };
    if (answer.outcome === body.outcome) return { status: 200, body: answer };
    throw new DomainError('outcome_recorded', 'A contact has one outcome. If the person wants no more of them, send that to POST /v1/suppressions.');
  },
});

export const contactRoutes = [reportContact];

async function viewOf(tx: Tx, contactId: string): Promise<Omit<z.infer<typeof contact>, 'suppressionId'>> {
  const row = await contactById(tx, contactId);
  const { id, lead_id: leadId, channel, purpose, campaign, outcome, reference } = row;
  const times = { startedAt: row.started_at.toISOString(), endedAt: row.ended_at.toISOString() };
  return { id, leadId, channel, purpose, campaign, outcome, ...times, receivedAt: row.received_at.toISOString(), reference };
}
