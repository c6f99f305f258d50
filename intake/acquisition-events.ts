import { consentChanged } from '../db/consents.ts';
import type { Db } from '../db/connection.ts';
import { isSubscribed, publish } from '../db/subscriber-events.ts';
import type { SubscriberEvent } from '../domain/subscriber-event.ts';
import type { AcquisitionPlan } from './acquisition-plan.ts';

/** Tells who subscribes to that what a batch of acquisitions brought. Where nobody does, the batch is not even gone through. */
export async function publishAcquired(tx: Db, facts: AcquisitionPlan['facts'], now: Date): Promise<void> {
  if (await isSubscribed(tx, ['lead.acquired', 'consent.changed'])) await publish(tx, eventsOf(facts), now);
}

function eventsOf({ leads, acquisitions, consentEvents }: AcquisitionPlan['facts']): SubscriberEvent[] {
  const fresh = new Set(leads.map(({ id }) => id));
  const acquired = acquisitions.map(({ id, lead_id: leadId, received_at: at }): SubscriberEvent => {
    const acquisition = fresh.delete(leadId) ? 'first' : 'further';
    return { type: 'lead.acquired', leadId, factId: id, at, words: { acquisition } };
  });
  return [...acquired, ...consentEvents.map(consentChanged)];
}
