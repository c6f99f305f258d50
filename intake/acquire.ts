import { consentLedgers } from '../db/consents.ts';
import type { Tx } from '../db/connection.ts';
import { addJurisdictions, findLeadsByToken, insertAcquisitionRows, insertLeads, lockToken } from '../db/leads.ts';
import type { Vault } from '../db/vault.ts';
import { jurisdictionsOf, type Acquisition } from './acquisition.ts';
import { AcquisitionPlan, type Planned } from './acquisition-plan.ts';

/**
 * Puts one acquisition on the books, with the outbox row for its workflow, inside the caller's transaction. A number that
 * is known becomes a further acquisition of the same lead, also when many requests bring it at once.
 */
export async function acquireLead(tx: Tx, vault: Vault, acquisition: Acquisition): Promise<Planned> {
  const token = vault.phoneToken(acquisition.phone);
  await lockToken(tx, token);
  for (;;) {
    const known = await findLeadsByToken(tx, vault, [token]);
    const ledgers = await consentLedgers(tx, known.map((lead) => lead.id));
    const plan = new AcquisitionPlan(vault, known, ledgers, { lane: 0, importId: null });
    const planned = plan.add(acquisition, token);
    // An import does not wait for the lock above: when it has brought the number meanwhile, look again.
    if ((await insertLeads(tx, plan.facts.leads)) < plan.facts.leads.length) continue;
    await insertAcquisitionRows(tx, plan.rows);
    if (!planned.created) await addJurisdictions(tx, planned.leadId, jurisdictionsOf(acquisition));
    return planned;
  }
}
