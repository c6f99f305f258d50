import { z } from 'zod';
import type { Db, Tx } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import { listWebhookEvents, type WebhookEventRow } from '../db/webhook-events.ts';
import {
  addWebhookSecret, changeWebhookSource, findWebhookSource, insertWebhookSource, listWebhookSources, type WebhookSourceRow,
} from '../db/webhook-sources.ts';
import { plus } from '../domain/civil-time.ts';
import { DomainError } from '../domain/problem.ts';
import { WEBHOOK_PROVIDERS, WEBHOOK_RESULTS, type WebhookProvider } from '../domain/webhook.ts';
import { ADAPTERS } from '../intake/webhook/adapters.ts';
import type { ApiContext } from './context.ts';
import { page, pageOf, sourceId } from './fields.ts';
import { requireSource } from './lead-acquisition.ts';
import { pageById } from './pages.ts';
import { WEBHOOK_KEEPERS, WEBHOOK_READERS } from './roles.ts';
import { route } from './route.ts';
import {
  createdWebhookSource, newWebhookSource, rotatedSecret, rotation, webhookChange, webhookEventPage, webhookSource,
  type WebhookSourceAnswer,
} from './webhook-source-bodies.ts';
import { publicUrlOf } from './public-url.ts';

const params = z.object({ id: sourceId });
const LONGEST_OVERLAP = 'P30D';
const SOURCE_ID = /^[a-z0-9._-]{1,64}$/;
const shared = { tag: 'Webhooks', params, unknown: 'unknown_webhook_source' } as const;
const nextPage = { Link: 'The next page, `rel="next"`' };

const create = route({
  method: 'post',
  path: '/v1/webhook-sources',
  operation: 'createWebhookSource',
  tag: 'Webhooks',
  summary: 'Let somebody send webhooks',
  description:
    'Registers a CRM, a carrier or another system whose webhooks are taken in on behalf of a registered source. The secret is shown ' +
    'this once.',
  roles: WEBHOOK_KEEPERS,
  body: newWebhookSource,
  answers: { 201: { description: 'The source of webhooks, with its secret', schema: createdWebhookSource } },
  problems: ['unknown_source', 'webhook_source_exists'],
  async create(context, { body, request }, tx) {
    await requireSource(tx, body.source);
    const [now, id] = [context.now(), body.id ?? `${body.provider}-${newId().slice(-12)}`];
    const secret = secretFor(body.provider, body.secret);
    const row = { id, provider: body.provider, source_id: body.source, mapping: JSON.stringify(body.mapping), created_at: now };
    if (isAmbiguous(id, body.provider) || !(await insertWebhookSource(tx, row))) {
      throw new DomainError('webhook_source_exists', 'Choose another id.', [
        { pointer: '/id', code: 'taken', detail: 'names a provider or another source of webhooks' },
      ]);
    }
    await keepSecret(context, tx, { id, secret, now, overlapEnds: now });
    const view = viewOf({ ...row, mapping: body.mapping, paused_at: null }, publicUrlOf(context, request));
    return { status: 201, body: { ...view, secret } };
  },
});

const list = route({
  method: 'get',
  path: '/v1/webhook-sources',
  operation: 'listWebhookSources',
  tag: 'Webhooks',
  summary: 'List who may send webhooks',
  description: 'Every source of webhooks, by id. Secrets are not shown again.',
  roles: WEBHOOK_READERS,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of sources', schema: pageOf(webhookSource).meta({ id: 'WebhookSourcePage' }), headers: nextPage } },
  async handle(context, call) {
    const address = publicUrlOf(context, call.request);
    return pageById(call, (after, most) => listWebhookSources(context.db, after, most), (row) => viewOf(row, address), SOURCE_ID);
  },
});

const read = route({
  ...shared,
  method: 'get',
  path: '/v1/webhook-sources/{id}',
  operation: 'readWebhookSource',
  summary: 'Read a source of webhooks',
  description: 'How it is read, and whether it is paused.',
  roles: WEBHOOK_READERS,
  answers: { 200: { description: 'The source', schema: webhookSource } },
  async handle(context, { params: { id }, request }) {
    return { status: 200, body: viewOf(await requireWebhookSource(context.db, id), publicUrlOf(context, request)) };
  },
});

const change = route({
  ...shared,
  method: 'put',
  path: '/v1/webhook-sources/{id}',
  operation: 'changeWebhookSource',
  summary: 'Change how a source is read',
  description: 'Replaces the mapping. Events that were taken before stay what they were taken for.',
  roles: WEBHOOK_KEEPERS,
  body: webhookChange,
  answers: { 200: { description: 'The source as it is now', schema: webhookSource } },
  async handle(context, { params: { id }, body, request }) {
    const mapping = JSON.stringify(body.mapping);
    const row = await context.db.transaction().execute((tx) => changeWebhookSource(tx, id, { mapping }));
    return { status: 200, body: viewOf(row ?? unknown(), publicUrlOf(context, request)) };
  },
});

const rotate = route({
  ...shared,
  method: 'post',
  path: '/v1/webhook-sources/{id}/rotate',
  operation: 'rotateWebhookSourceSecret',
  summary: 'Put a new secret into use',
  description: 'The new secret is taken at once, and shown this once; the one before is taken until the overlap ends.',
  roles: WEBHOOK_KEEPERS,
  body: rotation,
  answers: { 201: { description: 'The secret', schema: rotatedSecret } },
  async create(context, { params: { id }, body }, tx) {
    const { provider } = await requireWebhookSource(tx, id);
    const now = context.now();
    const overlapEnds = plus(now, body.overlap);
    if (overlapEnds > plus(now, LONGEST_OVERLAP)) {
      throw new DomainError('invalid_request', 'The overlap is too long.', [
        { pointer: '/overlap', code: 'too_long', detail: `must be at most ${LONGEST_OVERLAP}` },
      ]);
    }
    const secret = secretFor(provider, body.secret);
    await keepSecret(context, tx, { id, secret, now, overlapEnds });
    return { status: 201, body: { secret, previousValidUntil: overlapEnds.toISOString() } };
  },
});

const pause = route({
  ...shared,
  method: 'post',
  path: '/v1/webhook-sources/{id}/pause',
  operation: 'pauseWebhookSource',
  summary: 'Take nothing from a source for now',
  description: 'What it sends meanwhile is refused as unavailable, so that its provider sends it again later.',
  roles: WEBHOOK_KEEPERS,
  answers: { 200: { description: 'The source, paused', schema: webhookSource } },
  async create(context, { params: { id }, request }, tx) {
    const known = await requireWebhookSource(tx, id);
    const row = await changeWebhookSource(tx, id, { paused_at: known.paused_at ?? context.now() });
    return { status: 200, body: viewOf(row ?? unknown(), publicUrlOf(context, request)) };
  },
});

const resume = route({
  ...shared,
  method: 'post',
  path: '/v1/webhook-sources/{id}/resume',
  operation: 'resumeWebhookSource',
  summary: 'Take from a source again',
  description: 'Ends a pause.',
  roles: WEBHOOK_KEEPERS,
  answers: { 200: { description: 'The source, in use', schema: webhookSource } },
  async create(context, { params: { id }, request }, tx) {
    const row = await changeWebhookSource(tx, id, { paused_at: null });
    return { status: 200, body: viewOf(row ?? unknown(), publicUrlOf(context, request)) };
  },
});

const events = route({
  ...shared,
  method: 'get',
  path: '/v1/webhook-sources/{id}/events',
  operation: 'listWebhookEvents',
  summary: 'What became of the events of a source',
  description: 'Every event that was taken, repetitions included, newest first, each with its own result. Nothing that was sent is in it.',
  roles: WEBHOOK_READERS,
  query: z.strictObject({ ...page, result: z.enum(WEBHOOK_RESULTS).optional() }),
  answers: { 200: { description: 'A page of events', schema: webhookEventPage, headers: nextPage } },
  async handle(context, call) {
    const { params: { id }, query: { result } } = call;
    await requireWebhookSource(context.db, id);
    return pageById(call, (before, most) => listWebhookEvents(context.db, id, { before, result }, most), eventOf);
  },
});

export const webhookSourceRoutes = [create, list, read, change, rotate, pause, resume, events];

async function requireWebhookSource(db: Db, id: string): Promise<WebhookSourceRow> {
  return (await findWebhookSource(db, id)) ?? unknown();
}

function unknown(): never {
  throw new DomainError('unknown_webhook_source', 'Check the id; GET /v1/webhook-sources lists them.');
}

/** An id that is also the name of another provider would take what is sent to all sources of that provider. */
function isAmbiguous(id: string, provider: WebhookProvider): boolean {
  return id !== provider && WEBHOOK_PROVIDERS.some((name) => name === id);
}

function secretFor(provider: WebhookProvider, given: string | undefined): string {
  const adapter = ADAPTERS[provider];
  const fault = given === undefined ? null : adapter.faultOf(given);
  if (fault === null) return given ?? adapter.createSecret();
  throw new DomainError('invalid_request', 'The secret is not of the provider’s shape.', [
    { pointer: '/secret', code: 'wrong_format', detail: fault },
  ]);
}

interface NewSecret {
  id: string;
  secret: string;
  now: Date;
  overlapEnds: Date;
}

async function keepSecret({ vault }: ApiContext, tx: Tx, { id: source, secret, now, overlapEnds }: NewSecret): Promise<void> {
  const id = newId();
  const sealed = vault.sealSecret(id, secret);
  await addWebhookSecret(tx, { id, webhook_source_id: source, sealed, created_at: now }, overlapEnds);
}

function viewOf(row: WebhookSourceRow, publicUrl: string): WebhookSourceAnswer {
  const { id, provider, source_id: source, mapping, created_at, paused_at } = row;
  const url = `${publicUrl}/v1/webhooks/${id}`;
  return { id, provider, source, mapping, url, createdAt: created_at.toISOString(), pausedAt: paused_at?.toISOString() ?? null };
}

function eventOf(row: WebhookEventRow) {
  const { id, event_id: eventId, act, result, lead_id: leadId, fact_ids: factIds } = row;
  const problem = row.problem_code === null ? null : { code: row.problem_code, detail: row.detail ?? '' };
  const times = { happenedAt: row.happened_at?.toISOString() ?? null, receivedAt: row.received_at.toISOString() };
  return { id, eventId, act, result, problem, detail: problem === null ? row.detail : null, ...times, leadId, factIds };
}
