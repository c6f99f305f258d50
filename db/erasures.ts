import { sql } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { holdStands } from './legal-holds.ts';
import { seal, type Vault } from './vault.ts';

/** From now on only duties of law keep a lead; the gate lets nobody contact it. The first request is the one that counts. */
export async function orderErasure(tx: Tx, leadId: string, requestId: string, now: Date): Promise<void> {
  await tx
    .updateTable('lead')
    .set({ erasure_asked_at: now, erasure_request_id: requestId })
    .where('id', '=', leadId)
    .where('erasure_asked_at', 'is', null)
    .execute();
}

/** How the end of a lead stands that its person asked to forget. */
export interface ErasureState {
  isHeld: boolean;
  archivedAt: Date | null;
  disposedAt: Date | null;
  /** Its disposal, which may be under way; an order may wait for a second person still, and is none. */
  disposalId: string | null;
  disposedCompletely: Date | null;
}

export async function erasureState(db: Db, leadId: string, now: Date): Promise<ErasureState | null> {
  const { rows } = await sql<ErasureState>`
    select ${holdStands(now)} as "isHeld", archived_at as "archivedAt", disposed_at as "disposedAt",
      disposal.id as "disposalId", disposal.completed_at as "disposedCompletely"
    from lead left join disposal on disposal.lead_id = lead.id and (ground <> 'order' or completed_at is not null)
    where lead.id = ${leadId}`.execute(db);
  return rows[0] ?? null;
}

/**
 * Has an archived lead brought back until a moment, so that something can be done with what is sealed of it; its own workflow
 * carries that out, and takes it back to the archive afterwards. A longer stay is not cut short.
 */
export async function retrieveUntil(tx: Tx, leadId: string, until: Date): Promise<void> {
  await tx.updateTable('lead').set({ retrieved_until: sql`greatest(retrieved_until, ${until})` }).where('id', '=', leadId).execute();
}

/** Ends the stay of a lead that was brought back: it goes to the archive again, and the bundle that it came from is replaced. */
export async function endStay(tx: Tx, leadId: string, now: Date): Promise<void> {
  await tx.updateTable('lead').set({ retrieved_until: now }).where('id', '=', leadId).where('retrieved_until', '>', now).execute();
}

/**
 * Removes what no duty protects of a lead that is in the hot tables: everything that acquisitions and corrections told of the
 * person but the number, addresses by which it can be found, names that sources use for it, words that prove nothing. Kept are
 * the number, consents and withdrawals with their evidence, clearances, contacts, and who looked at what. Can be done again at
 * any point. False when the record with the number is not there.
 */
export async function eraseUnprotected(tx: Tx, vault: Vault, leadId: string, phone: string): Promise<boolean> {
  const stored = await tx.selectFrom('keyring.subject_key').select(['kek', 'wrapped']).where('lead_id', '=', leadId).executeTakeFirst();
  if (!stored) return false;
  const sealed = seal(vault.unwrapKey(leadId, stored), { leadId, factId: leadId, tier: 2 }, JSON.stringify({ phone }));
  const { numUpdatedRows } = await tx
    .updateTable('personal_data')
    .set({ sealed, email_token: null })
    .where('lead_id', '=', leadId)
    .where('fact_id', '=', leadId)
    .where('tier', '=', 2)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await sql`
    delete from personal_data where lead_id = ${leadId} and (tier = 1 or (fact_id <> ${leadId} and (
      exists (select 1 from acquisition where acquisition.id = fact_id)
      or exists (select 1 from correction where correction.id = fact_id)
      or exists (select 1 from subject_request where subject_request.id = fact_id and subject_request.kind <> 'erasure')
      or exists (select 1 from unclear_opt_out where unclear_opt_out.id = fact_id and resolved_as = 'no_opt_out'))))`.execute(tx);
  await sql`delete from external_reference where token = (select token from lead where id = ${leadId})`.execute(tx);
  await sql`update contact set reference = null where lead_id = ${leadId} and reference is not null`.execute(tx);
  return true;
}
