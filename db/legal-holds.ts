import { sql, type RawBuilder } from 'kysely';
import type { Tx } from './connection.ts';

/** Whether an order not to dispose of it stands at a moment: SQL over a row of `lead`. */
export function holdStands(at: Date): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select 1 from legal_hold
    where released_at is null and placed_at <= ${at} and (until is null or until > ${at}) and case kind
      when 'lead' then legal_hold.lead_id = lead.id
      when 'source' then exists (
        select 1 from acquisition where acquisition.lead_id = lead.id and acquisition.source_id = legal_hold.source_id)
      when 'campaign' then exists (
        select 1 from acquisition where acquisition.lead_id = lead.id and acquisition.campaign = legal_hold.campaign)
      else (search->>'jurisdiction' is null or search->>'jurisdiction' = any(lead.jurisdictions))
        and (search->>'stage' is null or search->>'stage' = lead.stage)
        and (search->>'acquiredFrom' is null or lead.created_at >= (search->>'acquiredFrom')::timestamptz)
        and (search->>'acquiredTo' is null or lead.created_at < (search->>'acquiredTo')::timestamptz)
      end)`;
}

/** The advisory lock between those who place holds and those who destroy keys; a pair, so that it can never be a phone token's. */
const HOLD_LOCK = [7_042, 2] as const;

/**
 * `exclusive`, for whoever places a hold: waits until no key is just being destroyed, and keeps others from it until this
 * transaction ends. `shared`, for whoever destroys keys: what holds are found from here on are all there are.
 */
export async function lockHolds(tx: Tx, mode: 'shared' | 'exclusive'): Promise<void> {
  const [room, lock] = HOLD_LOCK.map((part) => sql.lit(part));
  if (mode === 'shared') await sql`select pg_advisory_xact_lock_shared(${room}, ${lock})`.execute(tx);
  else await sql`select pg_advisory_xact_lock(${room}, ${lock})`.execute(tx);
}
