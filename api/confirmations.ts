import { z } from 'zod';
import { findConfirmationRequest, type ConfirmationRequestRow } from '../db/confirmations.ts';
import { currentSettings } from '../db/settings.ts';
import { plus } from '../domain/civil-time.ts';
import { DomainError } from '../domain/problem.ts';
import { openConsents } from '../intake/confirmations.ts';
import { mintLink, pageUrl } from '../intake/person-links.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, uuid } from './fields.ts';
import { linkAnswer } from './links.ts';
import { publicUrlOf } from './public-url.ts';
import { requireLockedLead } from './locked-lead.ts';
import { FACT_REPORTERS } from './roles.ts';
import { route } from './route.ts';

const params = z.object({ id: uuid.regex(UUID_PATTERN) });

const confirmation = z
  .object({
    id: uuid,
    leadId: uuid,
    kind: z.enum(['confirmation', 'renewal']),
    consents: z.array(uuid).meta({ description: 'The consent events that the person is asked about' }),
    state: z.enum(['due', 'sent', 'failed', 'used']),
    adapter: z.string().nullable().meta({ description: 'By which way: `smtp`, `crm` or `log`' }),
    requestedAt: answeredInstant,
    sentAt: answeredInstant.nullable(),
    failure: z.string().nullable().meta({ description: '`no_address`, `rejected`, or `not_needed` where the person was faster or a later request took over' }),
    usedAt: answeredInstant.nullable().meta({ description: 'When the person agreed' }),
  })
  .meta({ id: 'Confirmation' });

const read = route({
  method: 'get',
  path: '/v1/confirmations/{id}',
  operation: 'readConfirmation',
  tag: 'Leads',
  summary: 'Read a request for confirmation',
  description: 'What became of a message that asks a person to confirm a consent, or to give it anew.',
  roles: FACT_REPORTERS,
  params,
  unknown: 'unknown_confirmation',
  answers: { 200: { description: 'The request', schema: confirmation } },
  async handle(context, { params: { id } }) {
    return { status: 200, body: viewOf(requireRequest(await findConfirmationRequest(context.db, id))) };
  },
});

const mint = route({
  method: 'post',
  path: '/v1/confirmations/{id}/link',
  operation: 'mintConfirmationLink',
  tag: 'Leads',
  summary: 'Make a link that confirms',
  description:
    'A fresh link for a message of your own, after `consent.confirmation-requested` or `consent.renewal-due`. It works once, and no longer than the ' +
    'consent waits. Earlier links of the same request go on working until one of them is used.',
  roles: FACT_REPORTERS,
  params,
  unknown: 'unknown_confirmation',
  answers: { 201: { description: 'The link', schema: linkAnswer } },
  problems: ['confirmation_settled', 'lead_disposed'],
  async create(context, { params: { id }, request }, tx) {
    const now = context.now();
    const { lead_id: leadId } = requireRequest(await findConfirmationRequest(tx, id));
    await requireLockedLead(tx, leadId);
    const asked = requireRequest(await findConfirmationRequest(tx, id));
    if ((await openConsents(tx, asked, now)).length === 0) {
      throw new DomainError('confirmation_settled', 'The person has answered, or the consent was withdrawn or has lapsed.');
    }
    const { settings } = await currentSettings(tx);
    const expiresAt = plus(now, settings.confirmation.linkValidFor);
    const token = await mintLink(tx, { leadId, kind: 'confirmation', requestId: id, expiresAt }, now);
    const url = pageUrl(publicUrlOf(context, request), 'confirmation', token);
    return { status: 201, body: { url, expiresAt: expiresAt.toISOString() } };
  },
});

export const confirmationRoutes = [read, mint];

function requireRequest(row: ConfirmationRequestRow | null): ConfirmationRequestRow {
  if (row) return row;
  throw new DomainError('unknown_confirmation', 'Check the id; it comes with the event, and stands in the timeline of the lead.');
}

function viewOf(row: ConfirmationRequestRow): z.infer<typeof confirmation> {
  const { id, kind, adapter, failure } = row;
  return {
    id,
    leadId: row.lead_id,
    kind,
    consents: row.consent_ids,
    state: row.used_at ? 'used' : row.sent_at ? 'sent' : row.failed_at ? 'failed' : 'due',
    adapter,
    requestedAt: row.requested_at.toISOString(),
    sentAt: row.sent_at?.toISOString() ?? null,
    failure,
    usedAt: row.used_at?.toISOString() ?? null,
  };
}
