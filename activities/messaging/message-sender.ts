import type { RequestedConsent } from '../../db/confirmations.ts';
import type { Tx } from '../../db/connection.ts';
import type { SubjectRequestKind } from '../../domain/subject-request.ts';
import type { Language } from '../../domain/wording/language.ts';

export const ADAPTERS = ['smtp', 'crm', 'log'] as const;
export type Adapter = (typeof ADAPTERS)[number];

/** A message that is due: what it asks, of whom, and in which language. Nothing personal. */
export interface DueMessage {
  requestId: string;
  leadId: string;
  kind: 'confirmation' | 'renewal';
  /** How many messages about the same consents went before. */
  reminder: number;
  consents: readonly RequestedConsent[];
  language: Language;
  company: string;
  linkValidFor: string;
}

/** How a message went. What cannot be delivered, now or ever, is an answer; a way that is blocked just now is a failure. */
export type Sent =
  | {
    sent: true;
    messageId: string | null;
    /** What is to be committed together with the record that it was sent. */
    alongside?: (tx: Tx, now: Date) => Promise<void>;
  }
  | { sent: false; failure: 'no_address' | 'rejected' };

/** A code that is due to somebody who asked for something. What it is the way of delivery finds out by its id. */
export interface DueCode {
  codeId: string;
  requestId: string;
  leadId: string;
  kind: SubjectRequestKind;
  language: Language;
  company: string;
}

/** One way of bringing a message to a person. */
export interface MessageSender {
  adapter: Adapter;
  send(message: DueMessage, now: Date): Promise<Sent>;
  sendCode(code: DueCode, now: Date): Promise<Sent>;
}
