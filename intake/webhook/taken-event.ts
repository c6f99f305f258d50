import type { Confirmation, ConsentText } from '../../domain/source.ts';
import type { ReadEvent, WebhookProblem, WebhookResult } from '../../domain/webhook.ts';

/** On whose behalf an event was sent, and what that source asks of consents. */
export interface EventSender {
  webhookSourceId: string;
  sourceId: string;
  confirmation: Confirmation;
  consentTexts: readonly ConsentText[];
}

/** One event on its way into the books. */
export interface TakenEvent {
  /** Of the record of it. */
  id: string;
  /** Digest of its source and of what makes it the same event. */
  key: string;
  event: ReadEvent;
  sender: EventSender;
  receivedAt: Date;
  /** The request that it became while nobody knew whose it was, as long as that is open. */
  requestId?: string | null;
}

/** What became of an event. */
export interface EventResult {
  id: string;
  eventId: string;
  result: WebhookResult;
  problem: WebhookProblem | null;
  leadIds: string[];
}

/** The same while it is planned. */
export interface Outcome {
  result: WebhookResult;
  factIds: string[];
  leadIds: string[];
  /** In words that hold nothing that was sent. */
  detail?: string;
}

const STRONGEST: readonly WebhookResult[] = ['applied', 'request_recorded', 'unclear', 'suppressed', 'acquisition_unknown'];

/** What became of an event that reached several: what it did where it did most. */
export function joined(outcomes: readonly Outcome[]): Outcome {
  const result = STRONGEST.find((each) => outcomes.some((outcome) => outcome.result === each)) ?? 'ignored';
  const { detail } = outcomes.find((outcome) => outcome.result === result) ?? {};
  const [factIds, leadIds] = [outcomes.flatMap((each) => each.factIds), outcomes.flatMap((each) => each.leadIds)];
  return { result, factIds, leadIds, ...(detail === undefined ? {} : { detail }) };
}
