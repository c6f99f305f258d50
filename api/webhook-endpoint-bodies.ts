import { z } from 'zod';
import type { EndpointRow } from '../db/webhook-endpoints.ts';
import { SUBSCRIBER_EVENT_TYPES } from '../domain/subscriber-event.ts';
import { isDuration, plus } from '../domain/civil-time.ts';
import { answeredInstant, text, uuid } from './fields.ts';

const LONGEST_OVERLAP = 'P30D';
const SECRET_BYTES = { least: 24, most: 64 };

const url = text(2_000)
  .refine((address) => URL.canParse(address) && new URL(address).hash === '', {
    error: 'must be an address without a fragment, such as https://crm.example.com/hooks', params: { code: 'invalid_url' },
  })
  .meta({ description: 'https, and a public address', examples: ['https://crm.example.com/hooks/leadwarden'] });

const events = z
  .array(z.enum(SUBSCRIBER_EVENT_TYPES))
  .min(1)
  .max(SUBSCRIBER_EVENT_TYPES.length)
  .refine((types) => new Set(types).size === types.length, { error: 'must name each event once', params: { code: 'repeated' } })
  .nullable()
  .meta({ description: 'Which events; null: all there are, and those that will be' });

const description = text(200).nullable().meta({ description: 'Whose it is, for the list of endpoints', examples: ['CRM'] });

const secret = text(120)
  .refine(isSecret, { error: 'must be whsec_ and 24 to 64 bytes in base64', params: { code: 'invalid_secret' } })
  .meta({ description: 'As Standard Webhooks has it; left out, one is made' });

export const endpointBody = z
  .strictObject({ url, events: events.default(null), description: description.default(null), secret: secret.optional() })
  .meta({ id: 'NewWebhookEndpoint' });

export const endpointEdit = z
  .strictObject({ url, events: events.default(null), description: description.default(null) })
  .meta({ id: 'WebhookEndpointEdit' });

export const rotation = z
  .strictObject({
    secret: secret.optional(),
    overlap: text(20)
      .refine(isOverlap, { error: 'must be an ISO 8601 duration of at most P30D', params: { code: 'out_of_range' } })
      .default('P1D')
      .meta({ description: 'For how long messages are signed with the old secret as well', examples: ['P1D'] }),
  })
  .meta({ id: 'EndpointSecretRotation' });

const fields = {
  id: uuid,
  url: z.string(),
  events: z.array(z.enum(SUBSCRIBER_EVENT_TYPES)).nullable(),
  description: z.string().nullable(),
  state: z.enum(['active', 'paused', 'disabled', 'ended']).meta({ description: '`disabled`: its server answered 410; resume it when it is back' }),
  createdAt: answeredInstant,
  createdBy: z.string(),
  endedAt: answeredInstant.nullable(),
  oldSecretUntil: answeredInstant.nullable().meta({ description: 'Until when messages are signed with the secret before this one as well' }),
  failingSince: answeredInstant.nullable().meta({ description: 'Since when it is asked once in a while only; null while it does well' }),
  waitUntil: answeredInstant.nullable().meta({ description: 'Until when it is left alone' }),
  lastAttemptAt: answeredInstant.nullable(),
  lastStatus: z.int().nullable().meta({ description: 'Of its last answer; null where none came' }),
  lastFailure: z.string().nullable(),
  delivered: z.int().meta({ description: 'Events, of all times' }),
  failed: z.int().meta({ description: 'Attempts, of all times' }),
  givenUp: z.int().meta({ description: 'Events, of all times' }),
  links: z.object({ temporal: z.string().nullable() }),
};

export const endpointView = z.object(fields).meta({ id: 'WebhookEndpoint' });
export const endpointWithSecret = z
  .object({ ...fields, secret: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'WebhookEndpointWithSecret' });

export function endpointOf(row: EndpointRow, temporal: string | null) {
  const { id, url: address, events: wanted, description: words, state } = row;
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  return {
    id, url: address, events: wanted, description: words, state,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    endedAt: iso(row.ended_at),
    oldSecretUntil: iso(row.old_secret_until),
    failingSince: iso(row.failing_since),
    waitUntil: iso(row.wait_until),
    lastAttemptAt: iso(row.last_attempt_at),
    lastStatus: row.last_status,
    lastFailure: row.last_failure,
    delivered: Number(row.delivered),
    failed: Number(row.failed),
    givenUp: Number(row.given_up),
    links: { temporal },
  };
}

function isSecret(given: string): boolean {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(given) ?? [];
  const bytes = Buffer.from(encoded ?? '', 'base64').length;
  return encoded !== undefined && bytes >= SECRET_BYTES.least && bytes <= SECRET_BYTES.most;
}

function isOverlap(given: string): boolean {
  const start = new Date(0);
  return isDuration(given) && plus(start, given) <= plus(start, LONGEST_OVERLAP);
}
