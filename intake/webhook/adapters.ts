import type { WebhookMapping, WebhookProvider } from '../../domain/webhook.ts';
import type { WebhookAdapter } from './adapter.ts';
import { cloudevents } from './cloudevents.ts';
import { hubspot } from './hubspot.ts';
import { salesforce } from './salesforce.ts';
import { standard } from './standard.ts';
import { twilio } from './twilio.ts';

/** Every provider that can be listened to. */
export const ADAPTERS: Readonly<Record<WebhookProvider, WebhookAdapter>> = { standard, hubspot, salesforce, twilio, cloudevents };

/** How a source is read: as its provider usually is, but for what it says itself. */
export function mappingOf(provider: WebhookProvider, own: WebhookMapping): WebhookMapping {
  const { mapping } = ADAPTERS[provider];
  const merged: WebhookMapping = { ...mapping, ...own };
  for (const part of ['fields', 'types', 'states', 'channels', 'purposes', 'properties', 'replies'] as const) {
    Object.assign(merged, { [part]: { ...mapping[part], ...own[part] } });
  }
  return merged;
}
