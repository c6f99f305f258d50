import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** For how long a message that waits is good enough for later ones as well. */
const SHARED_MS = 1_000;

/**
 * Leaves word for the workflows of endpoints that something waits for them. Where such word has just been left it will do: it
 * is kept from going out before this transaction ends, and if it is going out already, another is left. Endpoints that are
 * paused, or that are left alone for a while, look by themselves when that is over.
 */
export async function tellEndpoints(tx: Db, endpointIds: readonly string[], now: Date): Promise<void> {
  if (endpointIds.length === 0) return;
  await sql`
    with told as materialized (
      select subject from outbox
      where subject = any(${endpointIds}::uuid[]) and lane = 2 and due_at > ${new Date(now.getTime() - SHARED_MS)}
      for share skip locked
    )
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
    select id, 'endpoint', 'deliveriesWaiting', id, 2, ${now}, host from webhook_endpoint
    where id = any(${endpointIds}::uuid[]) and state = 'active' and (wait_until is null or wait_until <= ${now})
      and id not in (select subject from told)
    order by id`.execute(tx);
}

/** Leaves word that an endpoint was changed by hand, whatever its state. */
export async function stirEndpoint(tx: Db, endpointId: string, now: Date): Promise<void> {
  await sql`
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
    select id, 'endpoint', 'endpointChanged', id, 2, ${now}, host from webhook_endpoint where id = ${endpointId}`.execute(tx);
}
