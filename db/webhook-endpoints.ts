import { sql, type Insertable, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import type { WebhookEndpointTable } from './endpoint-schema.ts';

export type EndpointRow = Selectable<WebhookEndpointTable>;

export async function insertEndpoint(tx: Tx, endpoint: Insertable<WebhookEndpointTable>): Promise<EndpointRow> {
  return tx.insertInto('webhook_endpoint').values(endpoint).returningAll().executeTakeFirstOrThrow();
}

/** An endpoint, those included that were ended. */
export async function findEndpoint(db: Db, id: string): Promise<EndpointRow | null> {
  return (await db.selectFrom('webhook_endpoint').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** The same, with whoever else wants to change it waiting until this transaction ends. */
export async function lockEndpoint(tx: Tx, id: string): Promise<EndpointRow | null> {
  return (await tx.selectFrom('webhook_endpoint').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst()) ?? null;
}

/** Endpoints that were not ended, the newest first, those before an id; at most `limit`. */
export async function listEndpoints(db: Db, before: string | null, limit: number): Promise<EndpointRow[]> {
  const query = db.selectFrom('webhook_endpoint').selectAll().where('state', '<>', 'ended').orderBy('id', 'desc').limit(limit);
  return (before === null ? query : query.where('id', '<', before)).execute();
}

/** What people change of an endpoint. */
export type EndpointChange = Partial<Pick<
  EndpointRow, 'url' | 'host' | 'events' | 'description' | 'state' | 'secret' | 'old_secret' | 'old_secret_until' | 'ended_at'
>>;

/** Changes a locked endpoint, which is another version of it from then on. */
export async function changeEndpoint(tx: Tx, id: string, change: EndpointChange): Promise<EndpointRow> {
  return tx
    .updateTable('webhook_endpoint')
    .set({ ...change, version: sql`version + 1` })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Lets an endpoint in again that is left alone because it failed: what waits is tried right away. */
export async function openEndpoint(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.updateTable('webhook_endpoint').set({ wait_until: null, opened_at: now }).where('id', '=', id).execute();
}

/** Leaves word for endpoints at which something has been due since before a moment, whatever became of earlier words. */
export async function pokeOverdueEndpoints(db: Db, before: Date, now: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
    select id, 'endpoint', 'deliveriesWaiting', id, 2, ${now}, host from webhook_endpoint endpoint
    where ((state = 'active' and (wait_until is null or wait_until < ${before})) or (state = 'ended' and ended_at < ${before}))
      and exists (select 1 from webhook_delivery where endpoint_id = endpoint.id and state = 'pending' and (due_at < ${before} or endpoint.state = 'ended'))
      and not exists (select 1 from outbox where subject = endpoint.id)
    order by id limit ${limit}`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
