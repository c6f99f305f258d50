import { findClearance, findLaw, type ClearanceRow } from '../db/clearances.ts';
import type { Db } from '../db/connection.ts';
import type { Decision } from '../domain/clearance.ts';
import { DomainError } from '../domain/problem.ts';
import type { Json } from '../proof/clearance-proof.ts';
import { fromRecord, type RecordedFacts } from './recorded-facts.ts';

/** A clearance as it is on record: the row, the answer as it was given, and what was looked at. */
export interface RecordedClearance {
  row: ClearanceRow;
  answer: Json<Decision>;
  looked: RecordedFacts;
}

/** A clearance that is on record. Refuses an id that is not. */
export async function requireClearance(db: Db, id: string): Promise<RecordedClearance> {
  const row = await findClearance(db, id);
  if (!row) throw new DomainError('unknown_clearance', 'Check the id of the clearance.');
  return { row, answer: row.answer as Json<Decision>, looked: fromRecord(row.facts) };
}

/** The document behind a policy version. Refuses one that no answer rests on. */
export async function requireLaw(db: Db, version: string): Promise<unknown> {
  const document = await findLaw(db, version);
  if (document !== null) return document;
  throw new DomainError('unknown_policy_version', 'Name a policy version that an answer was given under.');
}
