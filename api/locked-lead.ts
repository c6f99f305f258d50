import { findLeads } from '../db/lead-views.ts';
import type { Db, Tx } from '../db/connection.ts';
import { lockLead, type LockedLead } from '../db/locked-lead.ts';
import { DomainError } from '../domain/problem.ts';

/** The lead that a fact is about, locked. Refuses one that does not exist, and one of whom nothing more may be kept. */
export async function requireLockedLead(tx: Tx, leadId: string): Promise<LockedLead> {
  const lead = await lockLead(tx, leadId);
  if (!lead) throw unknownLead();
  if (lead.disposed_at) throw new DomainError('lead_disposed', 'Acquire the person anew, if there is a ground for it, with POST /v1/leads.');
  return lead;
}

/** Refuses an id without a lead. */
export async function requireLead(db: Db, leadId: string): Promise<void> {
  if ((await findLeads(db, [leadId])).length === 0) throw unknownLead();
}

export function unknownLead(): DomainError {
  return new DomainError('unknown_lead', 'Check the id; ids of leads come from POST /v1/leads, lists and searches.');
}
