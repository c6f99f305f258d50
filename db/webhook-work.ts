import { sql } from 'kysely';
import type { Attempt, EndpointHealth, FailedAttempt } from '../domain/endpoint-health.ts';
import type { SentEvent, SentEventType } from '../domain/subscriber-event.ts';
import type { Db } from './connection.ts';
import type { EndpointState } from './endpoint-schema.ts';

/** An endpoint as a pass over what waits for it finds it. */
export interface EndpointWork extends EndpointHealth {
  id: string;
  url: string;
  state: EndpointState;
  secret: Buffer;
  oldSecret: Buffer | null;
  oldSecretUntil: Date | null;
  /** When it was last let in again. */
  openedAt: Date | null;
}

/** An event whose turn it is. */
export interface DueDelivery extends SentEvent {
  /** Attempts since it was put here, or asked for again. */
  tried: number;
}

/** Which pass of which endpoint; a pass whose lease somebody else has taken finds and writes nothing any more. */
export interface Lease {
  endpointId: string;
  lease: string;
}

/** Takes over the deliveries to an endpoint from whoever still works on them. Null when there is no such endpoint. */
export async function takeLease(db: Db, { endpointId, lease }: Lease): Promise<EndpointWork | null> {
  const row = await db
    .updateTable('webhook_endpoint')
    .set({ lease })
    .where('id', '=', endpointId)
    .returning(['id', 'url', 'state', 'secret', 'old_secret as oldSecret', 'old_secret_until as oldSecretUntil', 'opened_at as openedAt'])
    .returning(['failures', 'probes', 'failing_since as failingSince', 'wait_until as waitUntil'])
    .executeTakeFirst();
  return row ?? null;
}

/** Nothing of the same lead comes before it. Asked row by row by the index: a list of all that waits is never made. */
const IS_FIRST = sql`(waiting.lead_id is null or waiting.seq = (
  select earlier.seq from webhook_delivery earlier
  where earlier.endpoint_id = waiting.endpoint_id and earlier.lead_id = waiting.lead_id and earlier.state = 'pending'
  order by earlier.seq limit 1))`;

/** Events that are due, the first of each lead and at most `limit`, but for those that are under way. */
export async function findDue(
  db: Db, { endpointId, lease }: Lease, underWay: readonly string[], now: Date, limit: number,
): Promise<DueDelivery[]> {
  const { rows } = await sql<DueDelivery & { type: SentEventType }>`
    select event_id as id, type, lead_id as "leadId", fact_id as "factId", at, words, tried
    from webhook_delivery waiting
    where endpoint_id = ${endpointId} and state = 'pending' and due_at <= ${now} and event_id <> all (${underWay}::uuid[]) and ${IS_FIRST}
      and (select lease = ${lease} and state = 'active' from webhook_endpoint where id = ${endpointId})
    order by due_at, seq limit ${limit}`.execute(db);
  return rows;
}

/** When the next event that has its turn is due; null when none waits. */
export async function nextDueAt(db: Db, endpointId: string): Promise<Date | null> {
  const { rows } = await sql<{ dueAt: Date }>`
    select due_at as "dueAt" from webhook_delivery waiting
    where endpoint_id = ${endpointId} and state = 'pending' and ${IS_FIRST}
    order by due_at, seq limit 1`.execute(db);
  return rows[0]?.dueAt ?? null;
}

export async function countWaiting(db: Db, endpointId: string, cap: number): Promise<number> {
  const { rows } = await sql<{ count: bigint }>`
    select count(*) from (select 1 from webhook_delivery where endpoint_id = ${endpointId} and state = 'pending' limit ${cap}) capped`.execute(db);
  return Number(rows[0]?.count ?? 0n);
}

/**
 * Puts down that an event was delivered: by whoever holds the lease or not, for it was. A disposal that waits for the answer
 * hears of it.
 */
export async function recordDelivered(db: Db, { endpointId }: Lease, eventId: string, status: number, now: Date): Promise<void> {
  await sql`
    with delivered as (
      update webhook_delivery set state = 'delivered', settled_at = ${now}, last_attempt_at = ${now}, last_status = ${status},
        last_failure = null, tried = tried + 1, attempts = attempts + 1
      where endpoint_id = ${endpointId} and event_id = ${eventId} returning type, lead_id, fact_id
    )
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
    select lead_id, 'lead', 'lifecycleChanged', fact_id, 0, ${now}, 'disposal acknowledged'
    from delivered where type = 'lead.disposal-requested' and lead_id is not null`.execute(db);
}

/**
 * Puts down a failed attempt and when the next one is; null gives the event up. What waits behind it is due no sooner, and
 * found again no sooner.
 */
export async function recordFailed(
  db: Db, { endpointId }: Lease, event: DueDelivery, { status, failure }: FailedAttempt, nextAt: Date | null, now: Date,
): Promise<void> {
  await sql`
    with failed as (
      update webhook_delivery set state = ${nextAt === null ? 'given_up' : 'pending'}, due_at = ${nextAt ?? now},
        settled_at = ${nextAt === null ? now : null}::timestamptz, last_attempt_at = ${now}, last_status = ${status}, last_failure = ${failure},
        tried = tried + 1, attempts = attempts + 1
      where endpoint_id = ${endpointId} and event_id = ${event.id} and state = 'pending'
    )
    update webhook_delivery set due_at = greatest(due_at, ${nextAt ?? now})
    where endpoint_id = ${endpointId} and lead_id = ${event.leadId} and state = 'pending' and event_id <> ${event.id}`.execute(db);
}

/** Keeps how an endpoint is doing, as long as the lease is held. */
export async function keepHealth(
  db: Db, { endpointId, lease }: Lease, health: EndpointHealth, attempt: Attempt, now: Date,
): Promise<void> {
  await db
    .updateTable('webhook_endpoint')
    .set({
      failures: health.failures,
      probes: health.probes,
      failing_since: health.failingSince,
      wait_until: health.waitUntil,
      last_attempt_at: now,
      last_status: attempt.status,
      last_failure: attempt.isDelivered ? null : attempt.failure,
      ...(!attempt.isDelivered && attempt.failure === 'gone' ? { state: 'disabled' as const } : {}),
    })
    .where('id', '=', endpointId)
    .where('lease', '=', lease)
    .where('state', '<>', 'ended')
    .execute();
}

/** Has everything tried right away that was put off while an endpoint failed: it answers again. */
export async function bringForward(db: Db, endpointId: string, now: Date): Promise<void> {
  await sql`
    update webhook_delivery set due_at = ${now}
    where endpoint_id = ${endpointId} and state = 'pending' and due_at > ${now}`.execute(db);
}

/** Gives up what has been due since before a moment, at most `limit`; answers how many. */
export async function giveUp(db: Db, endpointId: string, dueBefore: Date | null, now: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    update webhook_delivery set state = 'given_up', settled_at = ${now}
    where (endpoint_id, event_id) in (
      select endpoint_id, event_id from webhook_delivery
      where endpoint_id = ${endpointId} and state = 'pending' and (${dueBefore}::timestamptz is null or due_at <= ${dueBefore})
      order by due_at, seq limit ${limit}
    ) and state = 'pending'`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** What a pass came to, for the accounting of the endpoint. */
export interface PassCounts {
  delivered: number;
  failed: number;
  givenUp: number;
}

/** Adds a pass to the accounting; answers the endpoint as it is now. */
export async function closePass(db: Db, { endpointId }: Lease, { delivered, failed, givenUp }: PassCounts) {
  return db
    .updateTable('webhook_endpoint')
    .set({ delivered: sql`delivered + ${delivered}`, failed: sql`failed + ${failed}`, given_up: sql`given_up + ${givenUp}` })
    .where('id', '=', endpointId)
    .returningAll()
    .executeTakeFirstOrThrow();
}
