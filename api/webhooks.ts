import { z } from 'zod';
import type { WebhookSender } from '../db/webhook-sources.ts';
import { DomainError } from '../domain/problem.ts';
import type { ReadEvent, WebhookMapping } from '../domain/webhook.ts';
import { ADAPTERS, mappingOf } from '../intake/webhook/adapters.ts';
import type { SignedRequest } from '../intake/webhook/adapter.ts';
import { readEvent } from '../intake/webhook/reading.ts';
import type { ApiContext } from './context.ts';
import { sourceId } from './fields.ts';
import { escapeHtml } from './html.ts';
import { readBytes } from './json-body.ts';
import { publicUrlOf } from './public-url.ts';
import { ANY_TYPE, route } from './route.ts';
import { webhookReceipt } from './webhook-source-bodies.ts';

const receive = route({
  method: 'post',
  path: '/v1/webhooks/{provider}',
  operation: 'receiveWebhook',
  tag: 'Webhooks',
  summary: 'Take a webhook in',
  description:
    'For CRMs, carriers and event buses that are registered as sources of webhooks: `provider` is the id of a source, or the name of a provider, ' +
    'whose sources are then tried. Authenticated by the provider’s own signature. Answered once everything is committed: what was said ' +
    'holds from then on, and sent again it changes nothing. Each event has a result of its own.',
  roles: 'signed',
  params: z.object({ provider: sourceId }),
  unknown: 'unknown_webhook_source',
  streams: [ANY_TYPE],
  hot: true,
  answers: { 200: { description: 'What became of each event; for Twilio, TwiML', schema: webhookReceipt, type: 'text/xml' } },
  problems: ['malformed_json', 'invalid_request', 'body_too_large', 'request_timeout', 'webhook_source_paused'],
  async handle(context, { params: { provider }, request }) {
    const receivedAt = context.now();
    const [senders, body] = await Promise.all([context.webhooks.findSenders(provider), readBytes(request)]);
    if (senders.length === 0) throw new DomainError('unknown_webhook_source', 'Check the address; GET /v1/webhook-sources lists what there is.');
    const { method = '', url = '', headers } = request;
    const signed = { method, url: publicUrlOf(context, request) + url, headers, body };
    const sender = requireGenuine(context, senders, signed, receivedAt);
    const adapter = ADAPTERS[sender.provider];
    const mapping = mappingOf(sender.provider, sender.mapping);
    const reading = { mapping, region: sender.region, receivedAt, numbersItsEvents: adapter.numbersItsEvents };
    const raw = adapter.parse(signed, mapping);
    const events = raw.map((each) => readEvent(each, reading));
    const results = await context.webhooks.take({ sender: { ...sender, webhookSourceId: sender.id }, events, receivedAt });
    // Nobody waits for the workflows: they hear of it in a moment, or from the relay.
    void context.announcer.announce(results.flatMap(({ leadIds }) => leadIds));
    if (adapter.answersTwiml) {
      const isAnswered = raw.some(({ keyword }) => keyword !== undefined);
      return { status: 200, content: { type: 'text/xml; charset=utf-8', data: twimlFor(events, isAnswered ? {} : mapping.replies) } };
    }
    return { status: 200, body: { results: results.map(({ eventId, result, problem }) => ({ eventId, result, problem })) } };
  },
});

export const webhookRoutes = [receive];

/** The first source, with a secret in use, that a request was signed for; all are tried, whichever it is. */
function requireGenuine(
  { webhooks }: ApiContext, senders: readonly WebhookSender[], signed: SignedRequest, now: Date,
): WebhookSender {
  const [genuine] = senders.filter(({ provider, secrets }) => {
    const inUse = secrets.filter(({ validUntil }) => validUntil === null || new Date(validUntil) > now);
    const opened = inUse.map((secret) => webhooks.openSecret(secret));
    return opened.map((secret) => ADAPTERS[provider].isGenuine(signed, secret, now)).includes(true);
  }).sort((a, b) => Number(a.pausedAt !== null) - Number(b.pausedAt !== null));
  if (!genuine) throw new DomainError('invalid_signature', 'Sign the request with the secret of the source, at a time within 5 minutes of now.');
  if (genuine.pausedAt !== null) throw new DomainError('webhook_source_paused', 'Nothing was taken; send it again later.');
  return genuine;
}

/** What a message is answered with; where the provider has answered already, nothing. */
function twimlFor([event]: readonly ReadEvent[], replies: WebhookMapping['replies'] = {}): string {
  const act = event && 'act' in event ? event.act : 'ignore';
  const reply = act === 'opt_out' ? replies.stop : act === 'start' ? replies.start : act === 'help' ? replies.help : undefined;
  const message = reply === undefined ? '' : `<Message>${escapeHtml(reply)}</Message>`;
  return `<?xml version="1.0" encoding="UTF-8"?><Response>${message}</Response>`;
}
