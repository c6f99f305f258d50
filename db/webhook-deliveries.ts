import { sql, type Selectable } from 'kysely';
import type { SentEvent } from '../domain/subscriber-event.ts';
import type { Db, Tx } from './connection.ts';
import type { WebhookDeliveryTable } from './endpoint-schema.ts';

export type DeliveryRow = Selectable<WebhookDeliveryTable>;

/** `failed`: tried in vain, and to be tried again. */
export const DELIVERY_LOG_STATES = ['pending', 'delivered', 'failed', 'given_up'] as const;
export type DeliveryLogState = (typeof DELIVERY_LOG_STATES)[number];

/** What the log calls the state of a delivery. */
export function logStateOf({ state, tried }: Pick<DeliveryRow, 'state' | 'tried'>): DeliveryLogState {
  return state === 'pending' && tried > 0 ? 'failed' : state;
}

/** Puts an event down for one endpoint, whatever that subscribes to. */
export async function insertDelivery(tx: Tx, endpointId: string, event: SentEvent, now: Date): Promise<DeliveryRow> {
  const { id, type, leadId, factId, at, words = {} } = event;
  return tx
    .insertInto('webhook_delivery')
    .values({
      endpoint_id: endpointId, event_id: id, type, lead_id: leadId, fact_id: factId, at, words: JSON.stringify(words),
      queued_at: now, due_at: now,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** The log of an endpoint, the newest event first, those before an event; at most `limit`. */
export async function listDeliveries(
  db: Db, endpointId: string, { state, before }: { state: DeliveryLogState | undefined; before: string | null }, limit: number,
): Promise<DeliveryRow[]> {
  const { rows } = await sql<DeliveryRow>`
    select * from webhook_delivery
    where endpoint_id = ${endpointId} and ${before === null ? sql`true` : sql`event_id < ${before}`} and ${isIn(state)}
    order by event_id desc limit ${limit}`.execute(db);
  return rows;
}

function isIn(state: DeliveryLogState | undefined) {
  switch (state) {
    case undefined: return sql`true`;
    case 'pending': return sql`state = 'pending' and tried = 0`;
    case 'failed': return sql`state = 'pending' and tried > 0`;
    case 'given_up': return sql`state = 'given_up'`;
    case 'delivered': return sql`state = 'delivered'`;
  }
}

/** Has one event delivered once more, as if it had not been. Null when the endpoint never had it. */
export async function redeliver(tx: Tx, endpointId: string, eventId: string, now: Date): Promise<DeliveryRow | null> {
  const row = await tx
    .updateTable('webhook_delivery')
    .set({ state: 'pending', queued_at: now, due_at: now, tried: 0, settled_at: null })
    .where('endpoint_id', '=', endpointId)
    .where('event_id', '=', eventId)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Which events are delivered once more. */
export interface Redelivery {
  from: Date;
  until: Date;
  /** Only those that were given up. */
  onlyGivenUp: boolean;
  /** Those after an event. */
  after: string | null;
}

/** Has events delivered once more, those that came up first first and at most `limit`; answers them in that order. */
export async function redeliverMany(
  tx: Tx, endpointId: string, { from, until, onlyGivenUp, after }: Redelivery, now: Date, limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with chosen as materialized (
      select event_id from webhook_delivery
      where endpoint_id = ${endpointId} and event_id > ${after ?? firstIdAt(from)}::uuid and at >= ${from} and at < ${until}
        and state ${onlyGivenUp ? sql`= 'given_up'` : sql`<> 'pending'`}
      order by event_id limit ${limit} for update
    ), again as (
      update webhook_delivery set state = 'pending', queued_at = ${now}, due_at = ${now}, tried = 0, settled_at = null
      where endpoint_id = ${endpointId} and event_id in (select event_id from chosen)
    )
    select event_id as id from chosen order by event_id`.execute(tx);
  return rows.map(({ id }) => id);
}

/** Ids tell when they were made: nothing that is older can have happened later, but for clocks that differ. */
const CLOCKS_DIFFER_MS = 3_600_000;

function firstIdAt(from: Date): string {
  const hex = Math.max(0, from.getTime() - CLOCKS_DIFFER_MS).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** Forgets what was delivered or given up before a moment, at most `limit`; answers how many. What a disposal waits for stays. */
export async function forgetDeliveries(db: Db, before: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from webhook_delivery where (endpoint_id, event_id) in (
      select endpoint_id, event_id from webhook_delivery
      where settled_at < ${before} and not (
        type = 'lead.disposal-requested' and exists (select 1 from disposal where id = fact_id and completed_at is null))
      order by settled_at limit ${limit}
    )`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** How deliveries stand, over all endpoints. */
export interface DeliveryFigures {
  /** Attempts and events, of all times. */
  delivered: number;
  failed: number;
  givenUp: number;
  /** Counted up to `cap`. */
  waiting: number;
  /** When the oldest was put there, of those at endpoints that are neither paused nor disabled. */
  oldestQueuedAt: Date | null;
  endpoints: { active: number; failing: number; paused: number; disabled: number };
}

type Count = 'delivered' | 'failed' | 'givenUp' | 'waiting' | 'active' | 'failing' | 'paused' | 'disabled';

export async function deliveryFigures(db: Db, cap: number): Promise<DeliveryFigures> {
  const { rows: [row] } = await sql<Record<Count, bigint> & { oldest: Date | null }>`
    select coalesce(sum(delivered), 0)::bigint as delivered, coalesce(sum(failed), 0)::bigint as failed, coalesce(sum(given_up), 0)::bigint as "givenUp",
      count(*) filter (where state = 'active' and failing_since is null) as active, count(*) filter (where state = 'active' and failing_since is not null) as failing,
      count(*) filter (where state = 'paused') as paused, count(*) filter (where state = 'disabled') as disabled,
      (select count(*) from (select 1 from webhook_delivery where state = 'pending' limit ${cap}) capped) as waiting,
      (select min(first.queued_at) from webhook_endpoint live cross join lateral (
        select queued_at from webhook_delivery where endpoint_id = live.id and state = 'pending' order by due_at, seq limit 1) first
        where live.state = 'active') as oldest
    from webhook_endpoint`.execute(db);
  const of = (name: Count) => Number(row?.[name] ?? 0n);
  return {
    delivered: of('delivered'), failed: of('failed'), givenUp: of('givenUp'), waiting: of('waiting'), oldestQueuedAt: row?.oldest ?? null,
    endpoints: { active: of('active'), failing: of('failing'), paused: of('paused'), disabled: of('disabled') },
  };
}
