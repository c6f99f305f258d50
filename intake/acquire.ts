import { insertChecks } from '../db/certificate-checks.ts';
import { consentLedgers } from '../db/consents.ts';
import type { Tx } from '../db/connection.ts';
import { annulConsents, grantedCalls } from '../db/dnc-hits.ts';
import {
  findLeadsByToken, insertAcquisitionRows, insertLeads, lockLeads, lockToken,
} from '../db/leads.ts';
import { addPlacings } from '../db/lead-placing.ts';
import { isOutlived } from '../db/refused-acquisitions.ts';
import { currentSettings } from '../db/settings.ts';
import type { Vault } from '../db/vault.ts';
import { DomainError } from '../domain/problem.ts';
import { lookUpNewcomers } from '../dnc/newcomers.ts';
import { placingOf, type Acquisition } from './acquisition.ts';
import { AcquisitionPlan, type Planned } from './acquisition-plan.ts';
import { publishAcquired } from './acquisition-events.ts';
import { sealTexts } from './sealing.ts';
import { settleAcquired } from './webhook/waiting.ts';

const MOST_LOOKS = 5;

/**
 * Puts one acquisition on the books, with the outbox row for its workflow, inside the caller's transaction. A number that
 * is known becomes a further acquisition of the same lead, also when many requests bring it at once. Refuses, before anything is
 * written, a number whose person had opted out and was forgotten since.
 */
export async function acquireLead(tx: Tx, vault: Vault, acquisition: Acquisition): Promise<Planned> {
  const token = vault.phoneToken(acquisition.phone);
  await lockToken(tx, token);
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const plan = await planFor(tx, vault, acquisition, token);
    if (!plan.leadOf(acquisition.phone) && (await isOutlived(tx, token))) {
      throw new DomainError('opted_out', 'The person has opted out, and was forgotten since. Lift the suppression first, if there is a ground for it.');
    }
    const planned = plan.add(acquisition, token);
    // An import does not wait for the lock above: when it has brought the number meanwhile, look again.
    if ((await insertLeads(tx, plan.facts.leads)) < plan.facts.leads.length) continue;
    await insertAcquisitionRows(tx, { ...plan.facts, ...sealTexts(vault, plan.takeTexts()) });
    await insertChecks(tx, plan.checks, 0);
    if (!planned.created) await addPlacings(tx, [[planned.leadId, placingOf(acquisition)]]);
    await publishAcquired(tx, plan.facts, acquisition.receivedAt);
    await settleAcquired(tx, vault, [{ ...acquisition, token }], acquisition.receivedAt);
    // Last of all: until this transaction is over, no list can come to another state.
    const { phone, receivedAt } = acquisition;
    if (planned.created) await lookUpNewcomers(tx, [{ leadId: planned.leadId, phone }], receivedAt);
    else await annulConsents(tx, grantedCalls(plan.facts.consentEvents), receivedAt);
    return planned;
  }
  throw new Error('a lead with this token exists and cannot be opened');
}

async function planFor(tx: Tx, vault: Vault, { consents, phone }: Acquisition, token: bigint): Promise<AcquisitionPlan> {
  const known = await findLeadsByToken(tx, vault, [token], [phone]);
  const ids = known.map((lead) => lead.id);
  // A withdrawal that comes in at the same time must not be overtaken by a consent that this acquisition brings.
  if (consents.length > 0) await lockLeads(tx, ids);
  const settings = consents.length > 0 ? (await currentSettings(tx)).settings : undefined;
  return new AcquisitionPlan(known, await consentLedgers(tx, ids), { lane: 0, importId: null, settings });
}
