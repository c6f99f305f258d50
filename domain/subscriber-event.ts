/** What CRMs can subscribe to. */
export const SUBSCRIBER_EVENT_TYPES = [
  'lead.acquired', 'lead.stage-changed', 'consent.changed', 'lead.suppressed', 'lead.contactable', 'lead.archived', 'lead.disposed',
  'consent.confirmation-requested', 'consent.renewal-due', 'list.stale-soon',
] as const;
export type SubscriberEventType = (typeof SUBSCRIBER_EVENT_TYPES)[number];
