import type { Db, Tx } from './connection.ts';
import { lockToken } from './leads.ts';
import type { LeadRow } from './schema.ts';

/** A lead whose facts are about to be judged or added to. */
export type LockedLead = Pick<LeadRow, (typeof COLUMNS)[number]>;

const COLUMNS = ['id', 'token', 'jurisdictions', 'disposed_at'] as const;

/** A lead, with everybody else who changes or judges facts of that person waiting until this transaction ends; null for none. */
export async function lockLead(tx: Tx, leadId: string): Promise<LockedLead | null> {
  const found = await readLead(tx, leadId);
  if (!found) return null;
  await lockToken(tx, found.token);
  return readLead(tx, leadId);
}

/** A lead as it stands, without keeping anybody waiting; null for none. */
export async function readLead(db: Db, leadId: string): Promise<LockedLead | null> {
  return (await db.selectFrom('lead').select(COLUMNS).where('id', '=', leadId).executeTakeFirst()) ?? null;
}
