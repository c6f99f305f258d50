import { sql } from 'kysely';
import type { Tx } from './connection.ts';
import { newId } from './ids.ts';
import { insertPersonalData, sealForLead } from './person-records.ts';
import { seal, type Vault, type WrappedKey } from './vault.ts';

/** Somebody is about to see personal data of a lead in clear. */
export interface Access {
  leadId: string;
  actor: string;
  fields: readonly string[];
  /** As stated by the one who looks; kept sealed, since people write names into it. */
  reason: string;
  at: Date;
}

/** Records an access; commit before anything is shown. False when the lead's key is gone, and there is nothing to see. */
export async function recordAccess(tx: Tx, vault: Vault, access: Access): Promise<boolean> {
  const id = newId();
  const { leadId, actor, fields, reason, at } = access;
  if (!(await sealForLead(tx, vault, leadId, id, JSON.stringify({ reason })))) return false;
  await tx.insertInto('access_log').values({ id, lead_id: leadId, actor, fields: [...fields], at }).execute();
  return true;
}

/** As `recordAccess`, of many leads at once. Answers those that there is something to see of. */
export async function recordAccesses(
  tx: Tx, vault: Vault, { leadIds, actor, fields, reason, at }: Omit<Access, 'leadId'> & { leadIds: readonly string[] },
): Promise<Set<string>> {
  const { rows } = await sql<WrappedKey & { leadId: string }>`
    select lead_id as "leadId", kek, wrapped from keyring.subject_key where lead_id = any(${leadIds}::uuid[]) order by lead_id for share`.execute(tx);
  const accesses = rows.map(({ leadId, ...stored }) => {
    const id = newId();
    const sealed = seal(vault.unwrapKey(leadId, stored), { leadId, factId: id, tier: 2 }, JSON.stringify({ reason }));
    return { leadId, id, sealed };
  });
  const reasons = accesses.map(({ leadId, id, sealed }) => ({ lead_id: leadId, fact_id: id, tier: 2 as const, sealed }));
  await insertPersonalData(tx, reasons);
  const entries = accesses.map(({ leadId, id }) => ({ id, lead_id: leadId, actor, fields: [...fields], at }));
  if (entries.length > 0) await tx.insertInto('access_log').values(entries).execute();
  return new Set(rows.map(({ leadId }) => leadId));
}
