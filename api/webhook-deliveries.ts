import { z } from 'zod';
import { DELIVERY_LOG_STATES, listDeliveries } from '../db/webhook-deliveries.ts';
import { findEndpoint } from '../db/webhook-endpoints.ts';
import { redeliverEvent, redeliverEvents, requireLiveEndpoint, unknownEndpoint } from '../intake/webhook-endpoints.ts';
import { decodeCursor, encodeCursor, UUID_PATTERN } from './cursor.ts';
import { instant, page, pageOf, text, uuid } from './fields.ts';
import { cutPage, nextPageHeaders } from './pages.ts';
import { ENDPOINT_KEEPERS, ENDPOINT_READERS } from './roles.ts';
import { route } from './route.ts';
import { deliveryOf, deliveryView } from './webhook-delivery-bodies.ts';
import { endpointParams } from './webhook-endpoints.ts';

const log = route({
  method: 'get',
  path: '/v1/webhook-endpoints/{id}/deliveries',
  operation: 'listWebhookDeliveries',
  tag: 'Webhooks out',
  summary: 'Read what was sent to an endpoint',
  description: 'Every event that was or has to be sent there, the newest first. What was delivered or given up is forgotten after 30 days.',
  roles: ENDPOINT_READERS,
  params: endpointParams,
  unknown: 'unknown_endpoint',
  query: z.strictObject({ ...page, state: z.enum(DELIVERY_LOG_STATES).optional() }),
  answers: {
    200: { description: 'A page of the log', schema: pageOf(deliveryView).meta({ id: 'WebhookDeliveryPage' }), headers: { Link: 'The next page, `rel="next"`' } },
  },
  async handle({ db }, { params: { id }, query, request }) {
    if (!(await findEndpoint(db, id))) throw unknownEndpoint();
    const before = decodeCursor(query.after, [UUID_PATTERN])?.[0] ?? null;
    const found = await listDeliveries(db, id, { state: query.state, before }, query.limit + 1);
    const { items, next } = cutPage(found, query.limit, (last) => encodeCursor(last.event_id));
    return { status: 200, headers: nextPageHeaders(request, next), body: { items: items.map(deliveryOf), next } };
  },
});

const shared = { method: 'post', tag: 'Webhooks out', roles: ENDPOINT_KEEPERS, problems: ['endpoint_ended'] } as const;

const again = route({
  ...shared,
  path: '/v1/webhook-endpoints/{id}/deliveries/{deliveryId}/redeliver',
  operation: 'redeliverWebhook',
  summary: 'Send an event once more',
  description: 'With the same id and the same body, whatever became of it before.',
  params: endpointParams.extend({ deliveryId: uuid.regex(UUID_PATTERN) }),
  unknown: 'unknown_delivery',
  problems: ['endpoint_ended', 'unknown_endpoint'],
  answers: { 202: { description: 'The delivery that waits', schema: deliveryView } },
  async create({ now }, { params: { id, deliveryId } }, tx) {
    const delivery = await redeliverEvent(tx, await requireLiveEndpoint(tx, id), deliveryId, now());
    return { status: 202, body: deliveryOf(delivery), announce: [id] };
  },
});

const redelivery = z
  .strictObject({
    from: instant.meta({ description: 'Events that happened at this moment or later' }),
    until: instant.optional().meta({ description: 'And before this one; left out: until now' }),
    only: z.enum(['given_up', 'all']).default('all'),
    after: text(200).optional().meta({ description: 'The `next` of the answer before' }),
  })
  .meta({ id: 'Redelivery' });

const many = route({
  ...shared,
  path: '/v1/webhook-endpoints/{id}/redeliver',
  operation: 'redeliverWebhooks',
  summary: 'Send the events of a time once more',
  description: 'For a receiver that has lost something: up to 10,000 events at once, in the order in which they happened.',
  params: endpointParams,
  unknown: 'unknown_endpoint',
  body: redelivery,
  answers: {
    202: {
      description: 'How many wait now, and where to go on; `next` is null at the end',
      schema: z.object({ redelivered: z.int(), next: z.string().nullable() }).meta({ id: 'Redelivered' }),
    },
  },
  async create(context, { params: { id }, body: { from, until, only, after: given } }, tx) {
    const now = context.now();
    const after = decodeCursor(given, [UUID_PATTERN])?.[0] ?? null;
    const wanted = { from, until: until ?? new Date(now.getTime() + 1), onlyGivenUp: only === 'given_up', after };
    const { count, after: last } = await redeliverEvents(tx, await requireLiveEndpoint(tx, id), wanted, now);
    return { status: 202, body: { redelivered: count, next: last === null ? null : encodeCursor(last) }, announce: [id] };
  },
});

export const webhookDeliveryRoutes = [log, again, many];
