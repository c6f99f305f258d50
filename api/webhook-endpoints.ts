import { z } from 'zod';
import { findEndpoint, listEndpoints, type EndpointRow } from '../db/webhook-endpoints.ts';
import { DomainError } from '../domain/problem.ts';
import { isAllowedUrl } from '../intake/outward-address.ts';
import { createEndpoint, editEndpoint, endEndpoint, requireLiveEndpoint, unknownEndpoint } from '../intake/webhook-endpoints.ts';
import { endpointWorkflowId } from '../workflows/messages.ts';
import type { ApiContext } from './context.ts';
import { UUID_PATTERN } from './cursor.ts';
import { page, pageOf, uuid } from './fields.ts';
import { pageById } from './pages.ts';
import { ENDPOINT_KEEPERS, ENDPOINT_READERS } from './roles.ts';
import { route } from './route.ts';
import { endpointBody, endpointEdit, endpointOf, endpointView, endpointWithSecret } from './webhook-endpoint-bodies.ts';

export const endpointParams = z.object({ id: uuid.regex(UUID_PATTERN) });
const tagHeader = { ETag: 'Names this version; send it as If-Match to change it' };

const create = route({
  method: 'post',
  path: '/v1/webhook-endpoints',
  operation: 'createWebhookEndpoint',
  tag: 'Webhooks out',
  summary: 'Have events sent to an address',
  description:
    'From now on events are sent there as CloudEvents, signed as Standard Webhooks has it: at least once, in order for each lead, and with ids ' +
    'only. The secret is in this answer and nowhere else.',
  roles: ENDPOINT_KEEPERS,
  body: endpointBody,
  answers: { 201: { description: 'The endpoint, with its secret', schema: endpointWithSecret } },
  async create(context, { body, caller }, tx) {
    const { secret: given = null, events, description } = body;
    const asked = { url: requireAllowed(context, body.url), events, description, secret: given, by: `key:${caller.keyId}` };
    const { endpoint, secret } = await createEndpoint(tx, context.vault, asked, context.now());
    return { status: 201, body: { ...endpointViewOf(context, endpoint), secret } };
  },
});

const list = route({
  method: 'get',
  path: '/v1/webhook-endpoints',
  operation: 'listWebhookEndpoints',
  tag: 'Webhooks out',
  summary: 'List the endpoints',
  description: 'Where events are sent, the newest first, and how their servers are doing; those that were ended are left out.',
  roles: ENDPOINT_READERS,
  query: z.strictObject(page),
  answers: {
    200: { description: 'A page of endpoints', schema: pageOf(endpointView).meta({ id: 'WebhookEndpointPage' }), headers: { Link: 'The next page, `rel="next"`' } },
  },
  async handle(context, call) {
    return pageById(call, (after, most) => listEndpoints(context.db, after, most), (row) => endpointViewOf(context, row));
  },
});

const read = route({
  method: 'get',
  path: '/v1/webhook-endpoints/{id}',
  operation: 'readWebhookEndpoint',
  tag: 'Webhooks out',
  summary: 'Read an endpoint',
  description: 'What is sent there, and how its server is doing. Its secret is not shown again.',
  roles: ENDPOINT_READERS,
  params: endpointParams,
  unknown: 'unknown_endpoint',
  answers: { 200: { description: 'The endpoint', schema: endpointView, headers: tagHeader } },
  async handle(context, { params }) {
    const found = await findEndpoint(context.db, params.id);
    if (!found) throw unknownEndpoint();
    return answerOf(context, found);
  },
});

const edit = route({
  method: 'put',
  path: '/v1/webhook-endpoints/{id}',
  operation: 'editWebhookEndpoint',
  tag: 'Webhooks out',
  summary: 'Change an endpoint',
  description: 'Replaces address, events and description. What waits already is sent to the new address.',
  roles: ENDPOINT_KEEPERS,
  params: endpointParams,
  unknown: 'unknown_endpoint',
  headers: z.object({ 'if-match': z.string().max(100).optional().meta({ description: 'The ETag of the version that was read; left out, the last to write wins' }) }),
  body: endpointEdit,
  answers: { 200: { description: 'The endpoint as it is from now on', schema: endpointView, headers: tagHeader } },
  problems: ['endpoint_ended', 'precondition_failed'],
  async create(context, { params, headers, body }, tx) {
    const url = requireAllowed(context, body.url);
    const found = await requireLiveEndpoint(tx, params.id);
    const tags = headers['if-match']?.split(',').map((tag) => tag.trim());
    if (tags && !tags.includes(tagOf(found))) throw new DomainError('precondition_failed', 'Somebody has changed the endpoint since; read it again.');
    return answerOf(context, await editEndpoint(tx, found, { ...body, url }, context.now()));
  },
});

const end = route({
  method: 'delete',
  path: '/v1/webhook-endpoints/{id}',
  operation: 'endWebhookEndpoint',
  tag: 'Webhooks out',
  summary: 'End an endpoint',
  description: 'Nothing more is sent there, and what waits is given up. Its log can still be read. Ending it again changes nothing.',
  roles: ENDPOINT_KEEPERS,
  params: endpointParams,
  unknown: 'unknown_endpoint',
  answers: { 204: { description: 'It has ended' } },
  async create(context, { params: { id } }, tx) {
    const found = await findEndpoint(tx, id);
    if (found?.state !== 'ended') await endEndpoint(tx, await requireLiveEndpoint(tx, id), context.now());
    return { status: 204, announce: [id] };
  },
});

export const webhookEndpointRoutes = [create, list, read, edit, end];

export function endpointViewOf({ temporalUi }: ApiContext, row: EndpointRow) {
  return endpointOf(row, temporalUi === null ? null : `${temporalUi}/workflows/${encodeURIComponent(endpointWorkflowId(row.id))}`);
}

function answerOf(context: ApiContext, row: EndpointRow) {
  const headers = { etag: tagOf(row), 'cache-control': 'private, no-cache' };
  return { status: 200, headers, body: endpointViewOf(context, row), announce: [row.id] };
}

function tagOf({ version }: EndpointRow): string {
  return `"endpoint-${version}"`;
}

/** The same is looked at again whenever a connection is made, by the addresses that the name has then. */
function requireAllowed({ webhooksPrivate }: ApiContext, address: string): URL {
  const url = new URL(address);
  if (isAllowedUrl(url, webhooksPrivate)) return url;
  throw new DomainError('invalid_request', 'Nothing can be sent to this address.', [
    { pointer: '/url', code: 'address_refused', detail: 'must be https at a public address, without user and password; WEBHOOK_PRIVATE=yes allows private ones' },
  ]);
}
