import { z } from 'zod';
import { isDuration, plus } from '../domain/civil-time.ts';
import { CHANNELS, PURPOSES } from '../domain/consent.ts';
import { OUTCOMES, type Outcome } from '../domain/contact.ts';
import { DEFAULT_SETTINGS, type Settings } from '../domain/settings.ts';
import { SOURCE_KINDS, type SourceKind } from '../domain/source.ts';
import { label, text } from './fields.ts';

/** An ISO 8601 duration whose numbers have four digits at most: nobody plans further ahead. */
const duration = z
  .string()
  .max(40)
  .refine((given) => isDuration(given) && !/\d{5}/.test(given), {
    error: 'must be an ISO 8601 duration, such as P30D',
    params: { code: 'wrong_format' },
  })
  .meta({ examples: ['P30D'] });

const EPOCH = new Date(0);

/** A duration of at least one and at most another. */
export function between(least: string, most: string) {
  const [min, max] = [plus(EPOCH, least), plus(EPOCH, most)];
  return duration.refine((given) => !isDuration(given) || (plus(EPOCH, given) >= min && plus(EPOCH, given) <= max), {
    error: `must be at least ${least} and at most ${most}`,
    params: { code: 'out_of_range' },
  });
}

const exactHours = text(8).regex(/^PT[1-9]\d{0,3}H$/, { error: 'must be exact hours, such as PT24H' }).meta({ examples: ['PT24H'] });
const jurisdiction = text(6).regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, { error: 'must be an ISO 3166 code, such as US or US-FL' });
const listId = text(64).regex(/^[a-z0-9][a-z0-9._-]*$/, { error: 'takes a-z, 0-9 and . _ - only' });
const kept = between('P1D', 'P100Y');

const usableFor = z.strictObject({ usableFor: between('P1D', 'P100Y') });

function fieldsOf<Name extends string, Field extends z.ZodType>(
  names: readonly Name[], field: Field,
): Record<Name, z.ZodOptional<Field>> {
  return Object.fromEntries(names.map((name) => [name, field.optional()])) as Record<Name, z.ZodOptional<Field>>;
}

const { remindAfter, lapseAfter, linkValidFor } = DEFAULT_SETTINGS.confirmation;

const settingsFields = {
  company: z.strictObject({ name: label('acme').meta({ description: 'The seller where a question names none' }) }),
  cooldown: z.strictObject(fieldsOf<Outcome, typeof duration>(OUTCOMES, duration)).meta({ description: 'Quiet time by outcome, on every channel' }),
  caps: z
    .array(z.strictObject({ count: z.int().min(1).max(10_000), window: exactHours }))
    .max(10)
    .meta({ description: 'Attempts per person over all campaigns' }),
  clearance: z.strictObject({ validFor: between('PT10S', 'PT1H').meta({ description: 'How long an allowed contact keeps the person reserved' }) }),
  retention: z.strictObject({ archiveAfter: kept, unusedLead: kept, contactedLead: kept, suppressedLead: kept }),
  sources: z
    .strictObject({ ...fieldsOf<SourceKind, typeof usableFor>(SOURCE_KINDS, usableFor), other: usableFor })
    .meta({ description: 'How long after its acquisition a lead may first be contacted' }),
  confirmation: z.strictObject({
    required: z
      .array(
        z.strictObject({
          jurisdiction: jurisdiction.optional(),
          channel: z.enum(CHANNELS).optional(),
          purpose: z.enum(PURPOSES).optional(),
        }),
      )
      .max(100)
      .meta({ description: 'Consents that need a double opt-in beyond what their source asks; what is left out matches all' }),
    remindAfter: z
      .array(between('PT1S', 'P1Y'))
      .max(2)
      .default([...remindAfter])
      .meta({ description: 'When the person is reminded, from the first request on' }),
    lapseAfter: between('PT1S', 'P1Y').default(lapseAfter).meta({ description: 'When a consent lapses that nobody confirmed, from the first request on' }),
    linkValidFor: between('PT1M', 'P90D').default(linkValidFor).meta({ description: 'How long the link of a request can be used' }),
  }),
  renewal: z
    .strictObject({
      before: between('PT1S', 'P1Y').optional().meta({ description: 'How long before its end a consent is to be renewed; left out: never' }),
    })
    .default({}),
  lists: z.strictObject({
    required: z.array(listId).max(100).meta({ description: 'Lists asked for beyond those that the law requires' }),
    maxDrop: z.number().min(0).max(0.5).meta({ description: 'The share of a list that a release may drop without approval' }),
  }),
  approvals: z.strictObject({
    fourEyes: z.boolean().meta({ description: 'Whether a release that waits needs another key than the one it was sent with' }),
  }),
  reassigned: z.strictObject({
    required: z.boolean().meta({ description: 'No call or message without a `no` of a database of reassigned numbers' }),
    askAhead: z.int().min(0).max(10_000_000).optional()
      .meta({ description: 'How many leads a day are asked about before anybody wants to call them; left out: none. Each answer is paid for' }),
  }),
};

const version = z.int().min(0).meta({ description: 'Which edition: 0 is what the product comes with' });

/** The settings as they are read: the document, and which version of it. */
export const settingsDocument = z.strictObject({ ...settingsFields, version }).meta({ id: 'Settings' });

/** The whole document as it is to be; `version` may stay in it from reading, and says nothing here. */
export const settingsBody = z
  .strictObject({ ...settingsFields, version: version.optional() })
  .transform(({ version: _, ...settings }): Settings => settings as Settings)
  .meta({ id: 'NewSettings' });
