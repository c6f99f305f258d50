import type { Tx } from '../db/connection.ts';
import type { LockedLead } from '../db/locked-lead.ts';
import { tellLeads } from '../db/outbox.ts';
import { insertUnclearOptOut, resolveUnclearOptOut, type UnclearOptOutRow } from '../db/unclear-opt-outs.ts';
import type { Vault } from '../db/vault.ts';
import { recordWithdrawal, sealFact, type Withdrawal } from './consents.ts';

/** Puts words that may be a withdrawal on record for a locked lead: nobody contacts the person until somebody has read them. */
export async function recordUnclearOptOut(
  tx: Tx, vault: Vault, lead: LockedLead, { channel, revokedAt, via, statement }: Withdrawal, now: Date,
): Promise<UnclearOptOutRow> {
  const recorded = await insertUnclearOptOut(tx, { lead_id: lead.id, channel, stated_at: revokedAt, received_at: now, via });
  if (statement !== null) await sealFact(tx, vault, lead.id, recorded.id, { statement });
  await tellLeads(tx, [lead.id], { signal: 'consentChanged', factId: recorded.id }, now);
  return recorded;
}

/** What somebody who read a statement took it for. */
export interface Reading {
  meaning: 'opt_out' | 'no_opt_out';
  by: string;
}

/** Settles a statement of a locked lead: an opt-out withdraws everything on its channel. Null when it was settled already. */
export async function settleUnclearOptOut(
  tx: Tx, vault: Vault, lead: LockedLead, id: string, { meaning, by }: Reading, now: Date,
): Promise<UnclearOptOutRow | null> {
  const settled = await resolveUnclearOptOut(tx, id, { resolved_at: now, resolved_as: meaning, resolved_by: by });
  if (!settled) return null;
  const { channel, stated_at: revokedAt, via } = settled;
  if (meaning === 'opt_out') await recordWithdrawal(tx, vault, lead, { channel, purpose: 'all', revokedAt, via, statement: null }, now);
  else await tellLeads(tx, [lead.id], { signal: 'consentChanged', factId: id }, now);
  return settled;
}
