import type { Tx } from './connection.ts';
import { newId } from './ids.ts';
import { sealForLead } from './person-records.ts';
import type { Vault } from './vault.ts';

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
