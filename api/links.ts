import { z } from 'zod';
import { plus } from '../domain/civil-time.ts';
import { mintLink, pageUrl } from '../intake/person-links.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, uuid } from './fields.ts';
import { requireLockedLead } from './locked-lead.ts';
import { FACT_REPORTERS } from './roles.ts';
import { publicUrlOf } from './public-url.ts';
import { route } from './route.ts';
import { between } from './settings-body.ts';

export const linkAnswer = z
  .object({
    url: z.url().meta({ description: 'For the person alone: whoever has it can act as them. It is shown here and never again' }),
    expiresAt: answeredInstant,
  })
  .meta({ id: 'PersonLink' });

const mint = route({
  method: 'post',
  path: '/v1/leads/{id}/links',
  operation: 'mintLink',
  tag: 'Leads',
  summary: 'Make a link to the person’s own page',
  description:
    'A link to put into a message to this person: behind it they see what is held and change their choices, without a password. Put it into ' +
    '`List-Unsubscribe` as well, beside `List-Unsubscribe-Post: List-Unsubscribe=One-Click`, and one click ends marketing by e-mail (RFC 8058).',
  roles: FACT_REPORTERS,
  params: z.object({ id: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_lead',
  body: z
    .strictObject({ kind: z.literal('preferences'), validFor: between('PT1M', 'P2Y').default('P30D').meta({ description: 'How long it can be used' }) })
    .meta({ id: 'NewPersonLink' }),
  answers: { 201: { description: 'The link', schema: linkAnswer } },
  problems: ['lead_disposed'],
  async create(context, { params, body: { kind, validFor }, request }, tx) {
    const now = context.now();
    const { id: leadId } = await requireLockedLead(tx, params.id);
    const expiresAt = plus(now, validFor);
    const token = await mintLink(tx, { leadId, kind, expiresAt }, now);
    const url = pageUrl(publicUrlOf(context, request), kind, token);
    return { status: 201, body: { url, expiresAt: expiresAt.toISOString() } };
  },
});

export const linkRoutes = [mint];
