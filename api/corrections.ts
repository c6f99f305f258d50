import { z } from 'zod';
import { ATTRIBUTES, type AttributeName } from '../domain/attributes.ts';
import { recordCorrection } from '../intake/corrections.ts';
import { UUID_PATTERN } from './cursor.ts';
import { country, text, uuid } from './fields.ts';
import { email } from './lead-bodies.ts';
import { requireLockedLead } from './locked-lead.ts';
import { RULE_KEEPERS } from './roles.ts';
import { route } from './route.ts';

const attributeFields = Object.entries(ATTRIBUTES).map(([name, { maxLength, purpose }]) =>
  [name, text(maxLength).nullable().optional().meta({ description: purpose })] as const);

type AttributeFields = Record<AttributeName, z.ZodOptional<z.ZodNullable<z.ZodString>>>;

const address = z.strictObject({
  city: text(120).optional(),
  region: text(64).optional(),
  postalCode: text(20).optional(),
  country: country.optional(),
});

const body = z
  .strictObject({
    name: text(200).nullable().optional(),
    email: email.nullable().optional().meta({ description: 'The lead is found by this one from now on, and by no earlier one' }),
    address: address.nullable().optional().meta({ description: 'Takes the place of the whole address' }),
    street: text(200).nullable().optional(),
    attributes: z.strictObject(Object.fromEntries(attributeFields) as AttributeFields).optional(),
    reason: text(500).min(3).meta({ description: 'Why; kept sealed', examples: ['asked for by letter'] }),
    requestId: uuid.regex(UUID_PATTERN).optional().meta({ description: 'The request that this fulfils' }),
  })
  .refine(({ reason: _, requestId: __, ...values }) => Object.values(values).some((value) => value !== undefined), {
    error: 'must have at least one value to put right',
    params: { code: 'nothing_to_correct' },
  })
  .meta({ id: 'NewCorrection' });

const correct = route({
  method: 'post',
  path: '/v1/leads/{id}/corrections',
  operation: 'correctLead',
  tag: 'Subject requests',
  summary: 'Put something about a person right',
  description:
    'What is given takes the place of what was known, and null removes it, whatever acquisitions said before or say later. The number is not corrected: ' +
    'another number is another lead.',
  roles: RULE_KEEPERS,
  params: z.object({ id: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_lead',
  body,
  answers: { 201: { description: 'The correction', schema: z.object({ correctionId: uuid, leadId: uuid, fields: z.array(z.string()) }).meta({ id: 'Correction' }) } },
  problems: ['lead_disposed', 'already_settled', 'identity_missing'],
  async create(context, { params: { id }, body: { requestId = null, ...correction }, caller }, tx) {
    const lead = await requireLockedLead(tx, id);
    const recorded = await recordCorrection(tx, context.vault, lead, correction, { by: `key:${caller.keyId}`, requestId }, context.now());
    return {
      status: 201,
      body: { correctionId: recorded.id, leadId: id, fields: recorded.fields },
      announce: [id, ...(requestId === null ? [] : [requestId])],
    };
  },
});

export const correctionRoutes = [correct];
