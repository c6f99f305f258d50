import { endReservation, findClearance, findOutcome, type RecordedOutcome } from '../db/clearances.ts';
import type { Tx } from '../db/connection.ts';
import { tokensOfLeads } from '../db/gate-facts.ts';
import { lockToken } from '../db/leads.ts';
import { suppressionOfContact } from '../db/suppressions.ts';
import type { Outcome } from '../domain/contact.ts';
import { DomainError } from '../domain/problem.ts';
import { recordContact } from './contacts.ts';

/** What is said of a cleared contact. */
export interface ReportedOutcome {
  clearanceId: string;
  outcome: Outcome;
  startedAt: Date | null;
  endedAt: Date;
  durationSeconds: number | null;
}

/** What it became: the contact on record, and the suppression that its outcome started. */
export interface OutcomeAnswer {
  contactId: string;
  clearanceId: string;
  leadId: string;
  outcome: Outcome;
  startedAt: Date;
  endedAt: Date;
  suppressionId: string | null;
  /** False when the same had been said before. */
  created: boolean;
}

/**
 * Records what came of an allowed contact and ends the reservation of the person. A contact has one outcome: the same one again
 * changes nothing, another one is refused. One that comes late is as good as any: the person was contacted.
 */
export async function recordOutcome(tx: Tx, report: ReportedOutcome, now: Date): Promise<OutcomeAnswer> {
  const clearance = await findClearance(tx, report.clearanceId);
  if (!clearance) throw new DomainError('unknown_clearance', 'Check the id of the clearance.');
  const leadId = clearance.lead_id;
  const [lead] = leadId === null ? [] : await tokensOfLeads(tx, { leadIds: [leadId] });
  if (clearance.decision !== 'allow' || !lead) {
    throw new DomainError('contact_not_allowed', 'This clearance did not allow a contact; report one that was made all the same as a contact of the lead.');
  }
  await lockToken(tx, lead.token);
  const known = await findOutcome(tx, report.clearanceId);
  if (known) return repeated(tx, report, { ...lead, known });
  const { channel, purpose, campaign, seller, caller_id: callerId, agent } = clearance;
  const said = { channel, purpose, campaign, seller, callerId, agent, leadId: lead.id, token: lead.token, reference: null };
  const startedAt = startOf(report, clearance.at);
  const { contactId, suppressionId } = await recordContact(tx, { ...said, ...report, startedAt }, now);
  await endReservation(tx, report.clearanceId, lead.id);
  const { clearanceId, outcome, endedAt } = report;
  return { contactId, clearanceId, leadId: lead.id, outcome, startedAt, endedAt, suppressionId, created: true };
}

/** A dialer that does not say when it began is taken at its word about how long it took, or else began when it was allowed to. */
function startOf({ startedAt, endedAt, durationSeconds }: ReportedOutcome, allowedAt: Date): Date {
  if (startedAt) return startedAt;
  if (durationSeconds !== null) return new Date(endedAt.getTime() - durationSeconds * 1000);
  return allowedAt < endedAt ? allowedAt : endedAt;
}

async function repeated(
  tx: Tx, { clearanceId, outcome }: ReportedOutcome, { id, token, known }: { id: string; token: bigint; known: RecordedOutcome },
): Promise<OutcomeAnswer> {
  if (known.outcome !== outcome) throw new DomainError('outcome_recorded', 'A contact has one outcome, and this one has another already.');
  const suppressionId = await suppressionOfContact(tx, token, known.id);
  const { started_at: startedAt, ended_at: endedAt } = known;
  return { contactId: known.id, clearanceId, leadId: id, outcome, startedAt, endedAt, suppressionId, created: false };
}
