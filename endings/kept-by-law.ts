import type { Tx } from '../db/connection.ts';
import { consentLedgers } from '../db/consents.ts';
import { lockLeadFacts } from '../db/lead-facts.ts';
import type { LockedLead } from '../db/locked-lead.ts';
import { policiesFor } from '../domain/policies/book.ts';
import { evidenceDuties, keptBecauseOf } from '../domain/subject-erasure.ts';
import type { KeptData } from '../domain/subject-request.ts';

/** What duties of law have to be kept of a lead, by which rule, until when; nothing where none stands. Locks the lead. */
export async function keptByLaw(tx: Tx, { id, jurisdictions }: Pick<LockedLead, 'id' | 'jurisdictions'>, at: Date): Promise<KeptData[]> {
  const facts = await lockLeadFacts(tx, id, at);
  const consents = (await consentLedgers(tx, [id])).get(id) ?? [];
  return facts ? keptBecauseOf(evidenceDuties(facts, consents, policiesFor(jurisdictions)), at) : [];
}
