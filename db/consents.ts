import { sql } from 'kysely';
import type { ConsentEvent } from '../domain/consent.ts';
import type { Db } from './connection.ts';

/** The consent ledgers of some leads, by lead id, oldest event first. A lead without events is not among the keys. */
export async function consentLedgers(db: Db, leadIds: readonly string[]): Promise<Map<string, ConsentEvent[]>> {
  const rows = await db
    .selectFrom('consent_event')
    .select(['id', 'lead_id', 'acquisition_id', 'kind', 'channel', 'purpose', 'grade', 'effect', 'happened_at', 'received_at', 'expires_at', 'confirmation'])
    .where('lead_id', '=', sql<string>`any(${leadIds}::uuid[])`)
    .orderBy('happened_at')
    .orderBy('id')
    .execute();
  const ledgers = new Map<string, ConsentEvent[]>();
  for (const { lead_id, acquisition_id, happened_at, received_at, expires_at, ...event } of rows) {
    const ledger = ledgers.get(lead_id) ?? [];
    const times = { happenedAt: happened_at, receivedAt: received_at, expiresAt: expires_at };
    ledger.push({ ...event, carried: acquisition_id !== null, ...times });
    ledgers.set(lead_id, ledger);
  }
  return ledgers;
}
