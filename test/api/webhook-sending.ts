import { createHmac, randomUUID } from 'node:crypto';
import type { Reply, RunningApi } from './running-api.ts';

/** A source of webhooks, registered for a test. */
export interface Sender {
  id: string;
  secret: string;
}

export async function createSender(api: RunningApi, provider: string, changes: object = {}): Promise<Sender> {
  const { status, json } = await api.call('POST', '/v1/webhook-sources', { body: { provider, source: 'spring-fair-2026', ...changes } });
  if (status !== 201) throw new Error(JSON.stringify(json));
  return { id: json.id, secret: json.secret };
}

/** The headers of Standard Webhooks for a body. */
export function signStandard(
  secret: string, body: string, { id = `msg_${randomUUID()}`, at = new Date() }: { id?: string; at?: Date } = {},
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

export function signHubspot(secret: string, url: string, body: string, at = new Date()): Record<string, string> {
  const timestamp = String(at.getTime());
  const signature = createHmac('sha256', secret).update(`POST${url}${body}${timestamp}`).digest('base64');
  return { 'content-type': 'application/json', 'x-hubspot-request-timestamp': timestamp, 'x-hubspot-signature-v3': signature };
}

export function signTwilio(secret: string, url: string, form: Record<string, string>): Record<string, string> {
  const signed = url + Object.keys(form).sort().map((name) => name + (form[name] ?? '')).join('');
  const signature = createHmac('sha1', secret).update(signed).digest('base64');
  return { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature };
}

const post = (api: RunningApi, to: string, raw: string, headers: Record<string, string>): Promise<Reply> =>
  api.call('POST', `/v1/webhooks/${to}`, { as: null, raw, headers });

/** Sends one event, or a body as it is, signed as Standard Webhooks are. */
export function sendStandard(
  api: RunningApi, { id, secret }: Sender, event: unknown, options: { id?: string; at?: Date; to?: string } = {},
): Promise<Reply> {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  return post(api, options.to ?? id, body, signStandard(secret, body, { at: api.context.now(), ...options }));
}

export function sendHubspot(api: RunningApi, { id, secret }: Sender, events: unknown, at = api.context.now()): Promise<Reply> {
  const body = JSON.stringify(events);
  return post(api, id, body, signHubspot(secret, `${api.url}/v1/webhooks/${id}`, body, at));
}

export function sendTwilio(api: RunningApi, { id, secret }: Sender, form: Record<string, string>): Promise<Reply> {
  const whole = { MessageSid: `SM${randomUUID().replaceAll('-', '')}`, To: '+12025550100', ...form };
  return post(api, id, new URLSearchParams(whole).toString(), signTwilio(secret, `${api.url}/v1/webhooks/${id}`, whole));
}

/** What became of the events of a source, newest first. */
export async function eventsOf(api: RunningApi, id: string, query = ''): Promise<Reply['json'][]> {
  return (await api.call('GET', `/v1/webhook-sources/${id}/events${query}`)).json.items;
}
