import { createHmac, createSecretKey } from 'node:crypto';
import { cloudEventOf, type SentEvent } from '../../domain/subscriber-event.ts';

/** A request as it goes out: the same event has the same body and the same id, however often it is sent. */
export interface WebhookMessage {
  headers: Record<string, string>;
  body: string;
}

/** An event as a CloudEvent, signed as Standard Webhooks has it, by every secret that a receiver may still check with. */
export function signedMessage(event: SentEvent, secrets: readonly string[], sentAt: Date): WebhookMessage {
  const body = JSON.stringify(cloudEventOf(event));
  const seconds = Math.floor(sentAt.getTime() / 1000);
  const signatures = secrets.map((secret) => {
    const key = createSecretKey(secret.slice(secret.indexOf('_') + 1), 'base64');
    return `v1,${createHmac('sha256', key).update(`${event.id}.${seconds}.${body}`).digest('base64')}`;
  });
  return {
    body,
    headers: {
      'content-type': 'application/cloudevents+json',
      'user-agent': 'leadwarden',
      'webhook-id': event.id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': signatures.join(' '),
    },
  };
}
