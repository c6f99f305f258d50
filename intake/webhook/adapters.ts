import type { WebhookMapping, WebhookProvider } from '../../domain/webhook.ts';
import type { WebhookAdapter } from './adapter.ts';
import { cloudevents } from './cloudevents.ts';
import { hubspot } from './hubspot.ts';
import { salesforce } from './salesforce.ts';
import { standard } from './standard.ts';
import { twilio } from './twilio.ts';

/** Every provider that can be listened to. */
export const ADAPTERS: Readonly<Record<WebhookProvider, WebhookAdapter>> = { standard, hubspot, salesforce, twilio, cloudevents };

/** The mappings of sources that were read lately: those who ask at the same time share what was read. */
const merged = new WeakMap<WebhookMapping, WebhookMapping>();

/** How a source of a provider is read: as the provider usually is, but for what it says itself. */
export function mappingOf(provider: WebhookProvider, own: WebhookMapping): WebhookMapping {
  const known = merged.get(own) ?? merge(provider, own);
  merged.set(own, known);
  return known;
}

function merge(provider: WebhookProvider, own: WebhookMapping): WebhookMapping {
  const { mapping } = ADAPTERS[provider];
  const all: WebhookMapping = { ...mapping, ...own };
  for (const part of ['fields', 'types', 'states', 'channels', 'purposes', 'properties', 'replies'] as const) {
    Object.assign(all, { [part]: { ...mapping[part], ...own[part] } });
  }
  return all;
}
