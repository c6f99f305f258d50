import { z } from 'zod';
import { DELIVERY_LOG_STATES, logStateOf, type DeliveryRow } from '../db/webhook-deliveries.ts';
import { SUBSCRIBER_EVENT_TYPES, TEST_EVENT_TYPE } from '../domain/subscriber-event.ts';
import { answeredInstant, uuid } from './fields.ts';

export const deliveryView = z
  .object({
    id: uuid.meta({ description: 'The event, and the `webhook-id` of every attempt' }),
    eventId: uuid,
    type: z.enum([...SUBSCRIBER_EVENT_TYPES, TEST_EVENT_TYPE]),
    leadId: uuid.nullable(),
    factId: uuid,
    at: answeredInstant,
    state: z.enum(DELIVERY_LOG_STATES).meta({ description: '`failed`: tried in vain, and to be tried again' }),
    attempts: z.int(),
    lastAttemptAt: answeredInstant.nullable(),
    lastStatus: z.int().nullable().meta({ description: 'Of the last answer; null where none came' }),
    lastFailure: z.string().nullable().meta({
      description: 'address_refused, unreachable, timed_out, certificate_refused, redirect_refused, refused, busy or gone',
    }),
    nextAttemptAt: answeredInstant.nullable().meta({ description: 'When it is tried at the earliest; later while the endpoint fails or an earlier event of the lead waits' }),
    queuedAt: answeredInstant,
    settledAt: answeredInstant.nullable().meta({ description: 'When it was delivered or given up' }),
  })
  .meta({ id: 'WebhookDelivery' });

export function deliveryOf(row: DeliveryRow) {
  const { event_id: id, type, lead_id: leadId, fact_id: factId, attempts } = row;
  return {
    id, eventId: id, type, leadId, factId,
    at: row.at.toISOString(),
    state: logStateOf(row),
    attempts,
    lastAttemptAt: row.last_attempt_at?.toISOString() ?? null,
    lastStatus: row.last_status,
    lastFailure: row.last_failure,
    nextAttemptAt: row.state === 'pending' ? row.due_at.toISOString() : null,
    queuedAt: row.queued_at.toISOString(),
    settledAt: row.settled_at?.toISOString() ?? null,
  };
}
