import { findClearance, findLaw, type ClearanceRow } from '../db/clearances.ts';
import type { Db } from '../db/connection.ts';
import type { Decision, FactsOnRecord, Question } from '../domain/clearance.ts';
import { DomainError } from '../domain/problem.ts';
import type { Json } from '../proof/clearance-proof.ts';
import type { Clearance } from './asked.ts';
import { fromRecord, type RecordedFacts } from './recorded-facts.ts';

/** A clearance as it is on record: the row, the answer as it was given, and what was looked at, as JSON and as it was. */
export interface RecordedClearance {
  row: ClearanceRow;
  answer: Json<Clearance>;
  record: { question: Question; facts: Json<FactsOnRecord>; at: string };
  looked: RecordedFacts;
}

/** A clearance that is on record. Refuses an id that is not. */
export async function requireClearance(db: Db, id: string): Promise<RecordedClearance> {
  const row = await findClearance(db, id);
  if (!row) throw new DomainError('unknown_clearance', 'Check the id of the clearance.');
  const record = { question: questionOf(row), facts: JSON.parse(row.facts) as Json<FactsOnRecord>, at: row.at.toISOString() };
  return { row, answer: answerIn(row), record, looked: fromRecord(record) };
}

/** The answer as it was given. */
function answerIn(row: ClearanceRow): Json<Clearance> {
  return {
    clearanceId: row.id,
    decision: row.decision,
    leadId: row.lead_id,
    at: row.at.toISOString(),
    validUntil: row.valid_until?.toISOString() ?? null,
    notBefore: row.not_before?.toISOString() ?? null,
    policyVersion: row.policy_version,
    ...JSON.parse(row.answer) as Pick<Json<Decision>, 'reasons' | 'checked'>,
  };
}

function questionOf(row: ClearanceRow): Question {
  const { channel, purpose, campaign, seller, dialer_mode: dialerMode, caller_id: callerId } = row;
  return { channel, purpose, campaign, seller, dialerMode, callerId };
}

/** The document behind a policy version. Refuses one that no answer rests on. */
export async function requireLaw(db: Db, version: string): Promise<unknown> {
  const document = await findLaw(db, version);
  if (document !== null) return document;
  throw new DomainError('unknown_policy_version', 'Name a policy version that an answer was given under.');
}
