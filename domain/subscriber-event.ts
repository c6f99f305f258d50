/** What a receiver can subscribe to: the `type` of a CloudEvent. Names are added and never changed. */
export const SUBSCRIBER_EVENT_TYPES = [
  'lead.acquired', 'lead.stage-changed', 'consent.changed', 'lead.suppressed', 'lead.contactable', 'lead.archived', 'lead.disposal-requested',
  'lead.disposed',
  'consent.confirmation-requested', 'consent.renewal-due', 'list.stale-soon',
  'subject-request.code-requested', 'subject-request.due-soon', 'lead.erased-in-part',
] as const;
export type SubscriberEventType = (typeof SUBSCRIBER_EVENT_TYPES)[number];

/** Sent to one endpoint alone, when somebody asks for it. */
export const TEST_EVENT_TYPE = 'leadwarden.test' as const;
export type SentEventType = SubscriberEventType | typeof TEST_EVENT_TYPE;

/** What happened, for whoever subscribes to it. */
export interface SubscriberEvent {
  type: SubscriberEventType;
  /** Null where it concerns no lead. */
  leadId: string | null;
  /** The fact that it rests on; where time alone did it, the lead. */
  factId: string;
  at: Date;
  /** Words of closed lists and ids, such as `{ from: 'acquired', to: 'active' }`. Never anything that a person said or is. */
  words?: Readonly<Record<string, string>>;
}

/** An event as it is sent: which one, and what happened. */
export interface SentEvent extends Omit<SubscriberEvent, 'type'> {
  id: string;
  type: SentEventType;
}

/** The event as CloudEvents 1.0 has it, in structured mode. */
export function cloudEventOf({ id, type, leadId, factId, at, words }: SentEvent) {
  return {
    specversion: '1.0',
    id,
    source: 'leadwarden',
    type,
    ...(leadId === null ? {} : { subject: leadId }),
    time: at.toISOString(),
    datacontenttype: 'application/json',
    data: { leadId, factId, ...words },
  };
}
