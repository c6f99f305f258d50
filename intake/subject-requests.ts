import type { Tx } from '../db/connection.ts';
import type { LockedLead } from '../db/locked-lead.ts';
import { tellLeads } from '../db/outbox.ts';
import { insertSubjectRequest, type SubjectRequestRow } from '../db/subject-requests.ts';
import type { Vault } from '../db/vault.ts';
import type { SubjectRequestKind } from '../domain/subject-request.ts';
import { sealFact } from './consents.ts';

/** What a person asked for, the way it came, and their own words where there are any. */
export interface SubjectRequest {
  kind: SubjectRequestKind;
  via: string;
  requestedAt: Date;
  statement: string | null;
}

/** The person behind a number; where it is no lead, its jurisdictions say what deadlines there are. */
interface Asker {
  token: bigint;
  lead: LockedLead | null;
  jurisdictions?: readonly string[];
}

/** Puts a request of the person behind a number on record; of a number that is no lead only its token is kept. */
export async function recordSubjectRequest(
  tx: Tx, vault: Vault, person: Asker, request: SubjectRequest, now: Date,
): Promise<SubjectRequestRow> {
  const { kind, via, requestedAt, statement } = request;
  const leadId = person.lead?.id ?? null;
  const recorded = await insertSubjectRequest(tx, {
    lead_id: leadId, token: person.token, kind, via, requested_at: requestedAt, received_at: now,
    jurisdictions: [...(person.lead?.jurisdictions ?? person.jurisdictions ?? [])],
  });
  if (leadId === null) return recorded;
  if (statement !== null) await sealFact(tx, vault, leadId, recorded.id, { statement });
  await tellLeads(tx, [leadId], { signal: 'lifecycleChanged', factId: recorded.id, said: `${kind} requested through ${via}` }, now);
  return recorded;
}
