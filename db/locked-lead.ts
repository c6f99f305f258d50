import type { Db, Tx } from './connection.ts';
import { lockToken } from './leads.ts';

interface Found {
  id: string;
  jurisdictions: string[];
}

/** A lead whose facts are about to be judged or added to. */
export type LockedLead = Found & { token: bigint; disposed_at: null };
/** One that was disposed of: nothing may be added to it, and its number belongs to nobody. */
type Disposed = Found & { token: null; disposed_at: Date };

/** A lead, with everybody else who changes or judges facts of that person waiting until this transaction ends; null for none. */
export async function lockLead(tx: Tx, leadId: string): Promise<LockedLead | Disposed | null> {
  const found = await readLead(tx, leadId);
  if (!found) return null;
  if (found.token === null) return found;
  await lockToken(tx, found.token);
  return readLead(tx, leadId);
}

/** A lead as it stands, without keeping anybody waiting; null for none. */
export async function readLead(db: Db, leadId: string): Promise<LockedLead | Disposed | null> {
  const row = await db.selectFrom('lead').select(['id', 'token', 'jurisdictions', 'disposed_at']).where('id', '=', leadId).executeTakeFirst();
  if (!row) return null;
  const { token, disposed_at, ...lead } = row;
  if (token !== null && disposed_at === null) return { ...lead, token, disposed_at };
  return { ...lead, token: null, disposed_at: disposed_at ?? new Date(0) };
}
