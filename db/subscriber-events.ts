import type { SubscriberEventType } from '../domain/subscriber-event.ts';
import type { Tx } from './connection.ts';

/** Something that subscribers are told, by ids only. */
export interface SubscriberEvent {
  type: SubscriberEventType;
  leadId: string | null;
  factId: string;
  at: Date;
}

/** Leaves word of what happened for every endpoint that subscribes to it, in the transaction in which it happens. */
export async function publish(_tx: Tx, _events: readonly SubscriberEvent[], _now: Date): Promise<void> {
  // Nobody can subscribe yet.
}
