import type { IncomingHttpHeaders } from 'node:http';
import type { Channel, Purpose } from '../../domain/consent.ts';
import type { WebhookField, WebhookMapping, WebhookType } from '../../domain/webhook.ts';

/** A request as its sender signed it. */
export interface SignedRequest {
  method: string;
  /** As the sender knows it: behind a proxy the public one. */
  url: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** One event as a provider words it: what its fields mean is read afterwards, the same way for all providers. */
export interface RawEvent {
  /** As the provider names it. */
  id: string;
  /** What makes it the same event when it is sent again. */
  key: string;
  /**
   * `state`: the field of that name says whether it is an opt-out or a grant. `unknown`: nobody said what it means. `unreadable`:
   * it is no object.
   */
  type: WebhookType | 'state' | 'reference' | 'merge' | 'unknown' | 'unreadable';
  fields: Partial<Record<WebhookField, unknown>>;
  /** Where the provider itself says what the words of the field cannot. */
  channel?: Channel;
  purpose?: Purpose;
  /** The provider has looked for keywords already. */
  keyword?: string | undefined;
  /** Further names of the same person. */
  merged?: readonly string[];
}

/** What one provider does in its own way. Everything here is pure: no clock, no store, no configuration but what is handed in. */
export interface WebhookAdapter {
  /** A new secret of the right shape. */
  createSecret: () => string;
  /** What is wrong with a secret, or null. */
  faultOf: (secret: string) => string | null;
  /** Whether a request was signed with a secret, not long before `now` where the signature says when. */
  isGenuine: (request: SignedRequest, secret: string, now: Date) => boolean;
  /** The events of a genuine request, in its order. Refuses what is no such body at all. */
  parse: (request: SignedRequest, mapping: WebhookMapping) => RawEvent[];
  /** How it words things unless a source is configured otherwise. */
  mapping: WebhookMapping;
  /** Its ids are numbers, and none of them somebody's. */
  numbersItsEvents?: true;
  /** The senders wait for an answer in TwiML. */
  answersTwiml?: true;
}

/** How old a signature may be, or how far ahead. */
export const TOLERANCE_MS = 300_000;

/** Whether a moment lies near enough to now. */
export function isRecent(moment: number, now: Date): boolean {
  return Number.isFinite(moment) && Math.abs(now.getTime() - moment) <= TOLERANCE_MS;
}

/** A header that is there once. */
export function headerOf({ headers }: SignedRequest, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}
