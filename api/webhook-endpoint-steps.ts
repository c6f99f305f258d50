import { pauseEndpoint, requireLiveEndpoint, resumeEndpoint, rotateSecret, testEndpoint } from '../intake/webhook-endpoints.ts';
import { ENDPOINT_KEEPERS } from './roles.ts';
import { route } from './route.ts';
import { deliveryView, deliveryOf } from './webhook-delivery-bodies.ts';
import { endpointView, endpointWithSecret, rotation } from './webhook-endpoint-bodies.ts';
import { endpointParams, endpointViewOf } from './webhook-endpoints.ts';

const shared = {
  method: 'post',
  tag: 'Webhooks out',
  roles: ENDPOINT_KEEPERS,
  params: endpointParams,
  unknown: 'unknown_endpoint',
  problems: ['endpoint_ended'],
} as const;

const rotate = route({
  ...shared,
  path: '/v1/webhook-endpoints/{id}/rotate',
  operation: 'rotateWebhookEndpointSecret',
  summary: 'Give an endpoint a new secret',
  description:
    'For a while messages carry a signature by the old secret as well, so that the receiver can change over when it likes; a secret before that ' +
    'one is out of use at once.',
  body: rotation,
  answers: { 200: { description: 'The endpoint, with its new secret', schema: endpointWithSecret } },
  async create(context, { params, body: { secret: given = null, overlap } }, tx) {
    const found = await requireLiveEndpoint(tx, params.id);
    const { endpoint, secret } = await rotateSecret(tx, context.vault, found, { secret: given, overlap }, context.now());
    return { status: 200, body: { ...endpointViewOf(context, endpoint), secret } };
  },
});

const pause = route({
  ...shared,
  path: '/v1/webhook-endpoints/{id}/pause',
  operation: 'pauseWebhookEndpoint',
  summary: 'Pause an endpoint',
  description: 'Events are kept until it is resumed; a request that is under way is not broken off.',
  answers: { 200: { description: 'The endpoint', schema: endpointView } },
  async create(context, { params: { id } }, tx) {
    const row = await pauseEndpoint(tx, await requireLiveEndpoint(tx, id), context.now());
    return { status: 200, body: endpointViewOf(context, row), announce: [id] };
  },
});

const resume = route({
  ...shared,
  path: '/v1/webhook-endpoints/{id}/resume',
  operation: 'resumeWebhookEndpoint',
  summary: 'Resume an endpoint',
  description: 'What waits is sent right away: after a pause, after a 410, or while a failing endpoint would still be left alone.',
  answers: { 200: { description: 'The endpoint', schema: endpointView } },
  async create(context, { params: { id } }, tx) {
    const row = await resumeEndpoint(tx, await requireLiveEndpoint(tx, id), context.now());
    return { status: 200, body: endpointViewOf(context, row), announce: [id] };
  },
});

const test = route({
  ...shared,
  path: '/v1/webhook-endpoints/{id}/test',
  operation: 'testWebhookEndpoint',
  summary: 'Send a test event',
  description: 'An event of the type `leadwarden.test`, whatever the endpoint subscribes to. What became of it is in the log.',
  answers: { 202: { description: 'The delivery that waits', schema: deliveryView } },
  async create(context, { params: { id } }, tx) {
    const delivery = await testEndpoint(tx, await requireLiveEndpoint(tx, id), context.now());
    return { status: 202, body: deliveryOf(delivery), announce: [id] };
  },
});

export const endpointStepRoutes = [rotate, pause, resume, test];
