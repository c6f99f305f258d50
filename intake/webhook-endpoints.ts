import { randomBytes } from 'node:crypto';
import type { Tx } from '../db/connection.ts';
import { newId } from '../db/ids.ts';
import type { Vault } from '../db/vault.ts';
import { insertDelivery, redeliver, redeliverMany, type DeliveryRow, type Redelivery } from '../db/webhook-deliveries.ts';
import { changeEndpoint, insertEndpoint, lockEndpoint, openEndpoint, type EndpointRow } from '../db/webhook-endpoints.ts';
import { stirEndpoint } from '../db/webhook-outbox.ts';
import { plus } from '../domain/civil-time.ts';
import { DomainError } from '../domain/problem.ts';
import { TEST_EVENT_TYPE, type SubscriberEventType } from '../domain/subscriber-event.ts';

/** What somebody asks for who wants to receive events. */
export interface AskedEndpoint {
  url: URL;
  /** Null: all there are, and those that will be. */
  events: SubscriberEventType[] | null;
  description: string | null;
}

const SECRET_BYTES = 32;
const REDELIVERED_AT_ONCE = 10_000;

/** An endpoint, and its secret: this once, for it is kept sealed. */
export interface SharedSecret {
  endpoint: EndpointRow;
  secret: string;
}

export async function createEndpoint(
  tx: Tx, vault: Vault, asked: AskedEndpoint & { secret: string | null; by: string }, now: Date,
): Promise<SharedSecret> {
  const id = newId();
  const secret = asked.secret ?? newSecret();
  const { by, description, events } = asked;
  const kept = { id, description, events, secret: vault.sealSecret(id, secret), created_at: now, created_by: by };
  return { endpoint: await insertEndpoint(tx, { ...kept, ...placeOf(asked.url) }), secret };
}

/** An endpoint that is about to be changed. Refuses one that is unknown or was ended. */
export async function requireLiveEndpoint(tx: Tx, id: string): Promise<EndpointRow> {
  const found = await lockEndpoint(tx, id);
  if (!found) throw unknownEndpoint();
  if (found.state === 'ended') throw new DomainError('endpoint_ended', 'Nothing more is sent to it; create another one.');
  return found;
}

export function unknownEndpoint(): DomainError {
  return new DomainError('unknown_endpoint', 'Check the id; GET /v1/webhook-endpoints lists them.');
}

/** Replaces what was asked for. What waits already goes to the new address. */
export async function editEndpoint(
  tx: Tx, { id }: EndpointRow, { url, events, description }: AskedEndpoint, now: Date,
): Promise<EndpointRow> {
  const changed = await changeEndpoint(tx, id, { events, description, ...placeOf(url) });
  await letIn(tx, id, now);
  return changed;
}

/** Gives an endpoint a new secret; until `overlap` is over, messages are signed with the old one as well. */
export async function rotateSecret(
  tx: Tx, vault: Vault, { id, secret: old }: EndpointRow, next: { secret: string | null; overlap: string }, now: Date,
): Promise<SharedSecret> {
  const secret = next.secret ?? newSecret();
  const change = { secret: vault.sealSecret(id, secret), old_secret: old, old_secret_until: plus(now, next.overlap) };
  return { endpoint: await changeEndpoint(tx, id, change), secret };
}

/** Keeps events until the endpoint is resumed. */
export async function pauseEndpoint(tx: Tx, endpoint: EndpointRow, now: Date): Promise<EndpointRow> {
  return endpoint.state === 'paused' ? endpoint : moveTo(tx, endpoint, 'paused', now);
}

/** Goes on with an endpoint that was paused, or whose server had said that it is gone. */
export async function resumeEndpoint(tx: Tx, endpoint: EndpointRow, now: Date): Promise<EndpointRow> {
  return moveTo(tx, endpoint, 'active', now);
}

/** Ends an endpoint for good. What waits for it is given up, by its workflow. */
export async function endEndpoint(tx: Tx, endpoint: EndpointRow, now: Date): Promise<void> {
  await changeEndpoint(tx, endpoint.id, { state: 'ended', ended_at: now });
  await stirEndpoint(tx, endpoint.id, now);
}

/** Sends an event that says nothing, for the receiver to be tried. */
export async function testEndpoint(tx: Tx, { id }: EndpointRow, now: Date): Promise<DeliveryRow> {
  const event = { id: newId(), type: TEST_EVENT_TYPE, leadId: null, factId: id, at: now };
  const delivery = await insertDelivery(tx, id, event, now);
  await letIn(tx, id, now);
  return delivery;
}

/** Sends one event once more. */
export async function redeliverEvent(tx: Tx, { id }: EndpointRow, eventId: string, now: Date): Promise<DeliveryRow> {
  const delivery = await redeliver(tx, id, eventId, now);
  if (!delivery) throw new DomainError('unknown_delivery', 'Check the id; the log of the endpoint has what can be delivered once more.');
  await letIn(tx, id, now);
  return delivery;
}

/** Sends the events of a time once more; answers how many, and the last of them where there may be more. */
export async function redeliverEvents(
  tx: Tx, { id }: EndpointRow, wanted: Redelivery, now: Date,
): Promise<{ count: number; after: string | null }> {
  const found = await redeliverMany(tx, id, wanted, now, REDELIVERED_AT_ONCE);
  if (found.length > 0) await letIn(tx, id, now);
  return { count: found.length, after: found.length === REDELIVERED_AT_ONCE ? found.at(-1) ?? null : null };
}

async function moveTo(tx: Tx, { id, state }: EndpointRow, to: 'active' | 'paused', now: Date): Promise<EndpointRow> {
  await letIn(tx, id, now);
  return state === to ? requireLiveEndpoint(tx, id) : changeEndpoint(tx, id, { state: to });
}

/** Has an endpoint looked at right away, however long it would have been left alone. */
async function letIn(tx: Tx, id: string, now: Date): Promise<void> {
  await openEndpoint(tx, id, now);
  await stirEndpoint(tx, id, now);
}

function placeOf(url: URL): { url: string; host: string } {
  return { url: url.href, host: url.host };
}

function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}
