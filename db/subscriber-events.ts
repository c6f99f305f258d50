import { sql } from 'kysely';
import type { SubscriberEvent, SubscriberEventType } from '../domain/subscriber-event.ts';
import type { Db } from './connection.ts';
import { newId } from './ids.ts';
import { lockLeads } from './leads.ts';
import { named } from './named.ts';

/**
 * Leaves events for whoever subscribes to them, in the transaction that writes the facts: one delivery for each live endpoint
 * and event, and word for the workflows of those endpoints. Where nobody subscribes it is one look and nothing more.
 */
export async function publish(tx: Db, events: readonly SubscriberEvent[], now: Date): Promise<void> {
  if (events.length === 0 || !(await isSubscribed(tx, [...new Set(events.map(({ type }) => type))]))) return;
  const leadIds = [...new Set(events.flatMap(({ leadId }) => leadId ?? []))];
  // Until the commit nobody else numbers events of these leads: the order of the numbers is the order of the facts.
  if (leadIds.length > 0) await lockLeads(tx, leadIds);
  await publishHeld(tx, events, now);
}

/** The same in one statement, for whoever holds the leads already, or must not hold them. */
export async function publishHeld(tx: Db, events: readonly SubscriberEvent[], now: Date): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ type, leadId, factId, at, words = {} }) => {
    return { id: newId(), type, lead_id: leadId, fact_id: factId, at, words };
  });
  await addDeliveries(tx, { events: JSON.stringify(rows), now });
}

/** Whether anybody wants to hear of any of these. */
export async function isSubscribed(tx: Db, types: readonly SubscriberEventType[]): Promise<boolean> {
  const { rows } = await sql`
    select 1 from webhook_endpoint
    where state in ('active', 'paused') and (events is null or events && ${types}::text[]) limit 1`.execute(tx);
  return rows.length > 0;
}

/**
 * A later event of a lead is due no sooner than the earlier ones that still wait. Where word has been left within the last second
 * for an endpoint it will do: it is kept from going out before this transaction ends, and if it is going out already, another is
 * left. Endpoints that are paused, or that are left alone for a while, look by themselves when that is over.
 */
const addDeliveries: (db: Db, values: { events: string; now: Date }) => Promise<object[]> = named('publish_events', ({ events, now }) => sql`
  with event as materialized (
    select event.*, row_number() over () as nth
    from json_to_recordset(${events}::json) as event (id uuid, type text, lead_id uuid, fact_id uuid, at timestamptz, words jsonb)
  ), added as (
    insert into webhook_delivery (endpoint_id, event_id, type, lead_id, fact_id, at, words, queued_at, due_at)
    select endpoint.id, event.id, event.type, event.lead_id, event.fact_id, event.at, event.words, ${now}::timestamptz,
      greatest(${now}::timestamptz, (
        select earlier.due_at from webhook_delivery earlier
        where earlier.endpoint_id = endpoint.id and earlier.lead_id = event.lead_id and earlier.state = 'pending'
        order by earlier.seq desc limit 1))
    from event join webhook_endpoint endpoint
      on endpoint.state in ('active', 'paused') and (endpoint.events is null or event.type = any(endpoint.events))
    order by event.nth, endpoint.id
    returning endpoint_id
  ), concerned as materialized (
    select distinct endpoint_id from added
  ), told as materialized (
    select left_word.subject from concerned cross join lateral (
      select subject from outbox
      where subject = concerned.endpoint_id and lane = 2 and due_at > ${now}::timestamptz - interval '1 second'
      limit 1 for share skip locked) left_word
  )
  insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
  select id, 'endpoint', 'deliveriesWaiting', id, 2, ${now}::timestamptz, host from webhook_endpoint
  where id in (select endpoint_id from concerned) and state = 'active' and (wait_until is null or wait_until <= ${now}::timestamptz)
    and id not in (select subject from told)
  order by id`);
