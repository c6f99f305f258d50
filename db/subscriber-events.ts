import { sql } from 'kysely';
import type { SubscriberEvent, SubscriberEventType } from '../domain/subscriber-event.ts';
import type { Db } from './connection.ts';
import { newId } from './ids.ts';
import { lockLeads } from './leads.ts';
import { tellEndpoints } from './webhook-outbox.ts';

/**
 * Leaves events for whoever subscribes to them, in the transaction that writes the facts: one delivery for each live endpoint
 * and event, and word for the workflows of those endpoints. Where nobody subscribes it is one look and nothing more.
 */
export async function publish(tx: Db, events: readonly SubscriberEvent[], now: Date): Promise<void> {
  if (events.length === 0 || !(await isSubscribed(tx, [...new Set(events.map(({ type }) => type))]))) return;
  const leadIds = [...new Set(events.flatMap(({ leadId }) => leadId ?? []))];
  // Until the commit nobody else numbers events of these leads: the order of the numbers is the order of the facts.
  if (leadIds.length > 0) await lockLeads(tx, leadIds);
  await tellEndpoints(tx, await insertDeliveries(tx, events, now), now);
}

/** Whether anybody wants to hear of any of these. */
export async function isSubscribed(tx: Db, types: readonly SubscriberEventType[]): Promise<boolean> {
  const { rows } = await sql`
    select 1 from webhook_endpoint
    where state in ('active', 'paused') and (events is null or events && ${types}::text[]) limit 1`.execute(tx);
  return rows.length > 0;
}

/** Answers the endpoints that got one. A later event of a lead is due no sooner than the earlier ones that still wait. */
async function insertDeliveries(tx: Db, events: readonly SubscriberEvent[], now: Date): Promise<string[]> {
  const { rows } = await sql<{ endpointId: string }>`
    with event as materialized (
      select * from unnest(${events.map(newId)}::uuid[], ${events.map(({ type }) => type)}::text[],
        ${events.map(({ leadId }) => leadId)}::uuid[], ${events.map(({ factId }) => factId)}::uuid[],
        ${events.map(({ at }) => at.toISOString())}::timestamptz[], ${events.map(({ words = {} }) => JSON.stringify(words))}::jsonb[]
      ) with ordinality as event (id, type, lead_id, fact_id, at, words, nth)
    ), added as (
      insert into webhook_delivery (endpoint_id, event_id, type, lead_id, fact_id, at, words, queued_at, due_at)
      select endpoint.id, event.id, event.type, event.lead_id, event.fact_id, event.at, event.words, ${now}, greatest(${now}, (
        select earlier.due_at from webhook_delivery earlier
        where earlier.endpoint_id = endpoint.id and earlier.lead_id = event.lead_id and earlier.state = 'pending'
        order by earlier.seq desc limit 1))
      from event join webhook_endpoint endpoint
        on endpoint.state in ('active', 'paused') and (endpoint.events is null or event.type = any(endpoint.events))
      order by event.nth, endpoint.id
      returning endpoint_id
    )
    select distinct endpoint_id as "endpointId" from added order by 1`.execute(tx);
  return rows.map(({ endpointId }) => endpointId);
}
