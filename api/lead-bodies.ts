import { z } from 'zod';
import { ATTRIBUTES, type AttributeName } from '../domain/attributes.ts';
import { LINE_TYPES } from '../domain/clearance.ts';
import { CHANNELS, GRADES, PURPOSES } from '../domain/consent.ts';
import { EMAIL, isStorable, LONGEST_EMAIL, WORD } from '../intake/accepted-values.ts';
import { country, instant, label, sourceId, text, unstorable } from './fields.ts';

export const phone = text(64).meta({ description: 'E.164, or as it is written in `region`', examples: ['(202) 555-0143'] });
export const email = z
  .email({ pattern: EMAIL, error: 'must be an e-mail address' })
  .max(LONGEST_EMAIL)
  .refine(isStorable, unstorable)
  .meta({ examples: ['ada@example.com'] });

const address = z.strictObject({
  street: text(200).optional(),
  city: text(120).optional(),
  region: text(64).optional().meta({ description: 'Part of the country, as in ISO 3166-2 without the country', examples: ['DC'] }),
  postalCode: text(20).optional().meta({ examples: ['20001'] }),
  country: country.optional(),
});

const subject = z.strictObject({
  name: text(200).optional().meta({ examples: ['Ada Lovelace'] }),
  email: email.optional(),
  address: address.optional(),
});

const attributeFields = Object.entries(ATTRIBUTES).map(([name, { maxLength, purpose }]) =>
  [name, text(maxLength).optional().meta({ description: purpose })] as const);
const attributes = z.strictObject(Object.fromEntries(attributeFields) as Record<AttributeName, z.ZodOptional<z.ZodString>>);

/** A version or a way of doing something, as evidence names it. */
export function word(example: string) {
  return text(64).regex(WORD, { error: 'takes letters, digits and . _ : - only' }).meta({ examples: [example] });
}

export const evidence = z.strictObject({
  textVersion: word('2026-03').optional().meta({ description: 'Version of the source’s consent text that was shown' }),
  method: word('web_form').optional().meta({ description: 'How the person agreed' }),
  url: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).max(2_000).refine(isStorable, unstorable).optional(),
  language: text(35).optional(),
  certificate: text(500).optional().meta({ description: 'Id or URL of a certificate of the consent' }),
  ipDigest: text(128).optional().meta({ description: 'Digest of the address it came from, never the address' }),
  fileDigest: text(128).optional().meta({ description: 'Digest of a recording or document' }),
  statement: text(2_000).optional().meta({ description: 'The person’s own words' }),
});

export const consent = z
  .strictObject({
    channel: z.enum(CHANNELS),
    purpose: z.enum(PURPOSES),
    obtainedAt: instant,
    expiresAt: instant.nullable().default(null),
    grade: z.enum(GRADES).optional().meta({ description: 'Left out: written with text version and method, else express with evidence, else implied' }),
    evidence: evidence.optional(),
  })
  .refine(({ obtainedAt, expiresAt }) => expiresAt === null || expiresAt > obtainedAt, {
    path: ['expiresAt'],
    error: 'must be later than obtainedAt',
    params: { code: 'out_of_order' },
  });

/** An acquisition without its source, as a line of an NDJSON import may hold it too. */
const acquisitionFields = {
  phone,
  region: country.optional().meta({ description: 'Country in which a national number is read; left out: that of the source' }),
  acquiredAt: instant.meta({ description: 'When the person gave the number; not in the future' }),
  method: label('form').default('api').meta({ description: 'How the number was given' }),
  campaign: label('spring').optional(),
  reference: text(200).optional().meta({ description: 'Your own name for this arrival' }),
  subject: subject.default({}),
  attributes: attributes.default({}),
  consents: z.array(consent).max(50).default([]),
  lineType: z.enum(LINE_TYPES).optional().meta({ description: 'What a carrier look-up said about the number' }),
};

/** The body of `POST /v1/leads`. */
export const acquisitionBody = z.strictObject({ ...acquisitionFields, source: sourceId }).meta({ id: 'Acquisition' });
export type AcquisitionBody = z.output<typeof acquisitionBody>;

/** The body of `POST /v1/leads/search`. */
export const searchBody = z
  .strictObject({
    phone: phone.optional(),
    region: country.optional().meta({ description: 'Country in which a national number is read' }),
    email: email.optional(),
  })
  .refine(({ phone: number, email: address }) => (number === undefined) !== (address === undefined), {
    error: 'must have exactly one of phone and email',
    params: { code: 'exactly_one' },
  })
  .meta({ id: 'LeadSearch' });
