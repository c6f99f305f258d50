import type { Tx } from '../db/connection.ts';
import { insertCorrection } from '../db/corrections.ts';
import { newId } from '../db/ids.ts';
import { addPlacings, type PlacedLead } from '../db/lead-placing.ts';
import type { LockedLead } from '../db/locked-lead.ts';
import { tellLeads } from '../db/outbox.ts';
import { sealForLead } from '../db/person-records.ts';
import { lockSubjectRequest, type SubjectRequestRow } from '../db/subject-requests.ts';
import { addStep } from '../db/subject-steps.ts';
import type { Vault } from '../db/vault.ts';
import { DomainError } from '../domain/problem.ts';
import type { CorrectionRecord } from './personal-record.ts';
import { placeOfAddress } from './place/address-place.ts';
import { endRequest } from './subject-requests.ts';

/** What is to be put right: values that replace what is known, null for what is to go. */
export interface Correction extends Omit<CorrectionRecord, 'correction'> {
  street?: string | null | undefined;
}

/** On whose word, for which request. */
interface Ground {
  by: string;
  requestId: string | null;
}

/**
 * Puts something about a person right, as a record that outdoes every other one, and answers its id. Where it fulfils
 * a request, that ends. Where an address puts the person is added to where they may be: a correction is a declaration like any
 * other, and what was declared before is not taken away.
 */
export async function recordCorrection(
  tx: Tx, vault: Vault, lead: LockedLead, { street, ...correction }: Correction, { by, requestId }: Ground, now: Date,
): Promise<{ id: string; fields: string[] }> {
  const request = requestId === null ? null : await requireCorrectable(tx, lead, requestId);
  const id = newId();
  const { reason: _, ...values } = correction;
  const fields = Object.entries({ ...values, street }).flatMap(([field, value]) => (value === undefined ? [] : [field]));
  await insertCorrection(tx, { id, lead_id: lead.id, request_id: requestId, fields, by, at: now });
  const record: CorrectionRecord = { correction: true, ...correction };
  const emailToken = typeof correction.email === 'string' ? vault.emailToken(correction.email) : null;
  const isSealed = await sealForLead(tx, vault, lead.id, id, JSON.stringify(record), { emailToken });
  if (!isSealed) throw new DomainError('lead_disposed', 'Nothing more can be kept of this person.');
  if (street !== undefined) await sealForLead(tx, vault, lead.id, id, JSON.stringify({ correction: true, street }), { tier: 1 });
  await addPlacings(tx, placingsOf(lead, correction));
  await tellLeads(tx, [lead.id], { signal: 'lifecycleChanged', factId: id, said: `corrected: ${fields.join(', ')}` }, now);
  if (request) {
    await addStep(tx, request.id, { kind: 'corrected', by, factId: id }, now);
    await endRequest(tx, request, 'fulfilled', { by }, now);
  }
  return { id, fields };
}

function placingsOf({ id, jurisdictions: [country] }: LockedLead, { address, attributes }: Correction): PlacedLead[] {
  const isCompany = typeof attributes?.company === 'string';
  if (!address && !isCompany) return [];
  const place = address ? placeOfAddress(address, country) : { jurisdictions: [], zones: [] };
  return [[id, { jurisdictions: [...place.jurisdictions], zones: [...place.zones], lineType: null, isCompany }]];
}

async function requireCorrectable(tx: Tx, lead: LockedLead, requestId: string): Promise<SubjectRequestRow> {
  const request = await lockSubjectRequest(tx, requestId);
  if (request?.lead_id !== lead.id || request.kind !== 'correction') {
    throw new DomainError('invalid_request', 'Name a request for a correction by this person.', [
      { pointer: '/requestId', code: 'unknown_subject_request', detail: 'must be the id of a request for a correction by this person' },
    ]);
  }
  if (request.ended_at !== null) throw new DomainError('already_settled', 'The request has ended.');
  if (request.identified_at === null) throw new DomainError('identity_missing', 'First the person shows who they are, or somebody vouches for them.');
  return request;
}
