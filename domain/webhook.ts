import type { Channel, Grade, Purpose } from './consent.ts';

/** Whose way of signing and wording a webhook source speaks. */
export const WEBHOOK_PROVIDERS = ['standard', 'hubspot', 'salesforce', 'twilio', 'cloudevents'] as const;
export type WebhookProvider = (typeof WEBHOOK_PROVIDERS)[number];

/** What can become of an event that was taken in. */
export const WEBHOOK_RESULTS = [
  'applied', 'duplicate', 'ignored', 'acquisition_unknown', 'suppressed', 'request_recorded', 'unclear', 'invalid',
] as const;
export type WebhookResult = (typeof WEBHOOK_RESULTS)[number];

/** What an event tells, whoever sent it. */
export const WEBHOOK_ACTS = ['opt_out', 'grant', 'start', 'help', 'unclear', 'erasure', 'reference', 'merge', 'ignore'] as const;
export type WebhookAct = (typeof WEBHOOK_ACTS)[number];

/** Where in a payload something stands, as names with dots between them. */
export const WEBHOOK_FIELDS = [
  'phone', 'email', 'reference', 'channel', 'purpose', 'state', 'at', 'expiresAt', 'grade', 'statement', 'textVersion', 'method',
] as const;
export type WebhookField = (typeof WEBHOOK_FIELDS)[number];

/** What the types of a provider's events can be taken for. */
export const WEBHOOK_TYPES = ['opt_out', 'grant', 'erasure', 'message', 'ignore'] as const;
export type WebhookType = (typeof WEBHOOK_TYPES)[number];

/** What a property of a contact in a CRM means: the person's number, or whether they agree. */
export type MappedProperty =
  | { means: 'phone' }
  | { means: 'consent'; channel: Channel; purpose: Purpose; optOutWhen?: string[] | undefined; grantWhen?: string[] | undefined };

/** How the payloads of one source are to be read, where they are not as their provider usually has them. */
export interface WebhookMapping {
  fields?: Partial<Record<WebhookField, string | undefined>> | undefined;
  types?: Record<string, WebhookType> | undefined;
  states?: Record<string, 'opt_out' | 'grant' | 'ignore'> | undefined;
  channels?: Record<string, Channel | 'all' | 'ignore'> | undefined;
  purposes?: Record<string, Purpose | 'all'> | undefined;
  properties?: Record<string, MappedProperty> | undefined;
  /** Where the payload names none. */
  channel?: Channel | undefined;
  purpose?: Purpose | undefined;
  /** What is answered to a message, where something is. */
  replies?: { stop?: string | undefined; start?: string | undefined; help?: string | undefined } | undefined;
}

/** One event in our own words. The person is named by at least one of phone, e-mail and reference. */
export interface WebhookEvent {
  /** As its sender names it. */
  id: string;
  /** What makes it the same event when it is sent again. */
  key: string;
  act: WebhookAct;
  /** Said in a message to one of our numbers, by the person. */
  byMessage: boolean;
  /** Canonical E.164 number. */
  phone: string | null;
  email: string | null;
  /** The sender's own name for the person. */
  reference: string | null;
  /** Further names of the same person. */
  merged: readonly string[];
  channels: readonly (Channel | 'all')[];
  purpose: Purpose | 'all';
  at: Date;
  expiresAt: Date | null;
  grade: Grade | null;
  textVersion: string | null;
  method: string | null;
  /** The person's own words. */
  statement: string | null;
}

/** Why an event cannot be taken for anything; the refused value is never in it. */
export interface WebhookProblem {
  code: string;
  detail: string;
}

/** An event, or why it is none. */
export type ReadEvent = WebhookEvent | { id: string; key: string; problem: WebhookProblem };
