import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** Leaves word that an endpoint was changed by hand, whatever its state. */
export async function stirEndpoint(tx: Db, endpointId: string, now: Date): Promise<void> {
  await sql`
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
    select id, 'endpoint', 'endpointChanged', id, 2, ${now}, host from webhook_endpoint where id = ${endpointId}`.execute(tx);
}
