import { z } from 'zod';
import { CHANNELS, PURPOSES } from '../domain/consent.ts';
import { isDuration } from '../domain/civil-time.ts';
import {
  WEBHOOK_ACTS, WEBHOOK_FIELDS, WEBHOOK_PROVIDERS, WEBHOOK_RESULTS, WEBHOOK_TYPES, type WebhookField,
} from '../domain/webhook.ts';
import { answeredInstant, pageOf, sourceId, text, uuid } from './fields.ts';

const path = text(200).regex(/^[^.]+(\.[^.]+){0,7}$/, { error: 'takes up to eight names with dots between them' });
const word = text(100);
const purpose = z.enum(PURPOSES);

const property = z.discriminatedUnion('means', [
  z.strictObject({ means: z.literal('phone') }),
  z.strictObject({
    means: z.literal('consent'),
    channel: z.enum(CHANNELS),
    purpose,
    optOutWhen: z.array(word).max(20).optional().meta({ description: 'Values of an opt-out; left out: `true`' }),
    grantWhen: z.array(word).max(20).optional().meta({ description: 'Values of a consent; left out: none is one' }),
  }),
]);

const places = Object.fromEntries(WEBHOOK_FIELDS.map((field) => [field, path.optional()]));
const fields = z.strictObject(places as Record<WebhookField, z.ZodOptional<typeof path>>);

function words<Meaning extends z.ZodType>(meaning: Meaning) {
  return z.record(word, meaning).refine((given) => Object.keys(given).length <= 100, { error: 'has at most 100 entries', params: { code: 'too_long' } });
}

export const webhookMapping = z
  .strictObject({
    fields: fields.optional().meta({ description: 'Where in a payload something stands, as `data.phone`' }),
    types: words(z.enum(WEBHOOK_TYPES)).optional().meta({ description: 'What a type of event means' }),
    states: words(z.enum(['opt_out', 'grant', 'ignore'])).optional().meta({ description: 'What a state of consent means' }),
    channels: words(z.enum([...CHANNELS, 'all', 'ignore'])).optional().meta({ description: 'What the sender’s words for channels mean' }),
    purposes: words(z.enum([...PURPOSES, 'all'])).optional().meta({ description: 'What the sender’s words for purposes mean' }),
    properties: words(property).optional().meta({ description: 'What properties of a contact mean (HubSpot)' }),
    channel: z.enum(CHANNELS).optional().meta({ description: 'Where the payload names none' }),
    purpose: purpose.optional().meta({ description: 'Where the payload names none' }),
    replies: z
      .strictObject({ stop: text(320).optional(), start: text(320).optional(), help: text(320).optional() })
      .optional()
      .meta({ description: 'What a message is answered with (Twilio)' }),
  })
  .meta({ id: 'WebhookMapping', description: 'What a source does differently from its provider’s usual way; docs/webhooks-in.md has that' });

const secret = text(128).meta({ description: 'As the provider has it; left out, one is made' });

export const newWebhookSource = z
  .strictObject({
    id: sourceId.optional().meta({ description: 'Chosen by you, never changed, and part of the address; left out, one is made' }),
    provider: z.enum(WEBHOOK_PROVIDERS),
    source: sourceId.meta({ description: 'The registered source on whose behalf it speaks' }),
    secret: secret.optional(),
    mapping: webhookMapping.default({}),
  })
  .meta({ id: 'NewWebhookSource' });

export const webhookSource = z
  .object({
    id: z.string(),
    provider: z.enum(WEBHOOK_PROVIDERS),
    source: z.string(),
    mapping: webhookMapping,
    url: z.string().meta({ description: 'Where the provider is to send to' }),
    createdAt: answeredInstant,
    pausedAt: answeredInstant.nullable().meta({ description: 'Since when nothing is taken from it' }),
  })
  .meta({ id: 'WebhookSource' });
export type WebhookSourceAnswer = z.infer<typeof webhookSource>;

export const createdWebhookSource = webhookSource
  .extend({ secret: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'CreatedWebhookSource' });

export const webhookChange = z.strictObject({ mapping: webhookMapping }).meta({ id: 'WebhookSourceChange' });

export const rotation = z
  .strictObject({
    overlap: text(30)
      .refine(isDuration, { error: 'must be an ISO 8601 duration, such as PT24H', params: { code: 'wrong_format' } })
      .default('P1D')
      .meta({ description: 'For how long the secret before is taken as well, at most P30D' }),
    secret: secret.optional(),
  })
  .meta({ id: 'SecretRotation' });

export const rotatedSecret = z
  .object({
    secret: z.string().meta({ description: 'Shown this once' }),
    previousValidUntil: answeredInstant.meta({ description: 'Until when the secret before is taken as well' }),
  })
  .meta({ id: 'RotatedSecret' });

const problem = z.object({ code: z.string(), detail: z.string() });

export const webhookEvent = z
  .object({
    id: uuid,
    eventId: z.string().meta({ description: 'As the sender named it; a digest where that may tell of somebody' }),
    act: z.enum([...WEBHOOK_ACTS, 'unknown']).meta({ description: 'What it was taken for' }),
    result: z.enum(WEBHOOK_RESULTS),
    problem: problem.nullable().meta({ description: 'Why it is invalid; what was refused is not in it' }),
    detail: z.string().nullable(),
    happenedAt: answeredInstant.nullable(),
    receivedAt: answeredInstant,
    leadId: uuid.nullable(),
    factIds: z.array(uuid).meta({ description: 'What it became: consent events, suppressions, requests, statements' }),
  })
  .meta({ id: 'WebhookEvent' });

export const webhookEventPage = pageOf(webhookEvent).meta({ id: 'WebhookEventPage' });

export const webhookReceipt = z
  .object({
    results: z.array(z.object({ eventId: z.string(), result: z.enum(WEBHOOK_RESULTS), problem: problem.nullable() })),
  })
  .meta({ id: 'WebhookReceipt' });
