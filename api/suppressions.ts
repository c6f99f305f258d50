import { z } from 'zod';
import { findLeadsByToken } from '../db/leads.ts';
import { findSuppression, type SuppressionRow } from '../db/suppressions.ts';
import { CHANNELS } from '../domain/consent.ts';
import { SUPPRESSION_KINDS } from '../domain/lead.ts';
import { DomainError } from '../domain/problem.ts';
import { liftNumber, suppressNumber } from '../intake/suppressions.ts';
import { maskPhone } from '../intake/phone/mask-phone.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { answeredInstant, country, instant, label, text, uuid } from './fields.ts';
import { requirePhone } from './lead-acquisition.ts';
import { evidence, phone } from './lead-bodies.ts';
import { requirePast } from './past.ts';
import { CONTACT_REPORTERS, RULE_KEEPERS } from './roles.ts';
import { route } from './route.ts';

const params = z.object({ id: uuid.regex(UUID_PATTERN) });

const suppression = z
  .object({
    id: uuid,
    kind: z.enum(SUPPRESSION_KINDS),
    channel: z.enum([...CHANNELS, 'all']),
    reportedAt: answeredInstant,
    receivedAt: answeredInstant,
    via: z.string().nullable(),
    liftedAt: answeredInstant.nullable().meta({ description: 'Since when it holds no longer' }),
    phone: z.string().nullable().meta({ description: 'Masked; null where only a pseudonym of the number is kept', examples: ['+1202*****43'] }),
  })
  .meta({ id: 'Suppression' });

const suppress = route({
  method: 'post',
  path: '/v1/suppressions',
  operation: 'suppressNumber',
  tag: 'Suppressions',
  summary: 'Suppress a number',
  description:
    'An opt-out, a complaint, a wrong number or a litigant that did not come through a call. The number need not be a lead: kept of it is a ' +
    'pseudonym, which outlives the erasure of everything else.',
  roles: CONTACT_REPORTERS,
  body: z
    .strictObject({
      phone,
      region: country.optional().meta({ description: 'Country in which a national number is read' }),
      kind: z.enum(SUPPRESSION_KINDS),
      channel: z.enum([...CHANNELS, 'all']).default('all'),
      reportedAt: instant.optional().meta({ description: 'When the person said it; left out: now' }),
      via: label('letter').optional().meta({ description: 'The way it came' }),
    })
    .meta({ id: 'NewSuppression' }),
  answers: { 201: { description: 'The suppression', schema: suppression } },
  problems: ['invalid_phone'],
  async create(context, { body }, tx) {
    const now = context.now();
    const { e164 } = requirePhone(body.phone, body.region);
    const reportedAt = requirePast(body.reportedAt ?? now, '/reportedAt', now);
    const said = { kind: body.kind, channel: body.channel, reportedAt, via: body.via ?? null };
    const { suppression: row, leadIds } = await suppressNumber(tx, context.vault.phoneToken(e164), said, now);
    return { status: 201, body: viewOf(row, e164), announce: leadIds };
  },
});

const read = route({
  method: 'get',
  path: '/v1/suppressions/{id}',
  operation: 'readSuppression',
  tag: 'Suppressions',
  summary: 'Read a suppression',
  description: 'A suppression, in force or ended.',
  roles: CONTACT_REPORTERS,
  params,
  unknown: 'unknown_suppression',
  answers: { 200: { description: 'The suppression', schema: suppression } },
  async handle(context, { params: { id } }) {
    const row = await findSuppression(context.db, id);
    if (!row) throw new DomainError('unknown_suppression', 'Check the id; it was answered when the number was suppressed.');
    return { status: 200, body: viewOf(row, await phoneOf(context, row.token)) };
  },
});

const lift = route({
  method: 'post',
  path: '/v1/suppressions/{id}/lift',
  operation: 'liftSuppression',
  tag: 'Suppressions',
  summary: 'End a suppression',
  description:
    'Only this ends a suppression; a consent does not. Reason and evidence are sealed under the key of the lead; where the number is no lead ' +
    'what could tell of somebody is kept as a keyed digest only.',
  roles: RULE_KEEPERS,
  params,
  unknown: 'unknown_suppression',
  body: z
    .strictObject({
      reason: text(2_000),
      evidence: evidence.refine((given) => Object.values(given).some((value) => value !== undefined), {
        error: 'must have at least one field', params: { code: 'too_short' },
      }),
    })
    .meta({ id: 'SuppressionLift' }),
  answers: { 200: { description: 'The suppression, ended', schema: suppression } },
  problems: ['already_settled'],
  async create(context, { params: { id }, body, caller }, tx) {
    const ground = { ...body, by: `key:${caller.keyId}` };
    const { suppression: row, leadIds } = await liftNumber(tx, context.vault, id, ground, context.now());
    return { status: 200, body: viewOf(row, await phoneOf({ db: tx, vault: context.vault }, row.token)), announce: leadIds };
  },
});

export const suppressionRoutes = [suppress, read, lift];

/** The number behind a token, where one lead and no other has it. */
async function phoneOf({ db, vault }: Pick<ApiContext, 'db' | 'vault'>, token: bigint): Promise<string | null> {
  const [lead, ...others] = await findLeadsByToken(db, vault, [token]);
  return lead && others.length === 0 ? lead.phone : null;
}

function viewOf(row: SuppressionRow, e164: string | null): z.infer<typeof suppression> {
  const { id, kind, channel, via } = row;
  const times = { reportedAt: row.reported_at.toISOString(), receivedAt: row.received_at.toISOString() };
  const liftedAt = row.lifted_at?.toISOString() ?? null;
  return { id, kind, channel, ...times, via, liftedAt, phone: e164 === null ? null : maskPhone(e164) };
}
