import type { Db } from '../db/connection.ts';
import { canonicalJson } from '../proof/canonical-json.ts';
import { proveClearance, type ClearanceProof, type ClearanceRecord, type Issued } from '../proof/clearance-proof.ts';
import { sha256Of } from '../proof/digest.ts';
import type { SigningKeys } from '../proof/signing-keys.ts';
import { appliedValues } from './applied-values.ts';
import { lawOf } from './law.ts';
import { requireClearance, requireLaw, type RecordedClearance } from './recorded-clearance.ts';

/** The proof of a clearance on record, signed now. */
export async function proofOf(db: Db, id: string, keys: SigningKeys, issued: Issued): Promise<ClearanceProof> {
  const recorded = await requireClearance(db, id);
  const law = await requireLaw(db, recorded.row.policy_version);
  return proveClearance(recordToProve(recorded, law), issued, keys);
}

function recordToProve({ row, answer, record, looked }: RecordedClearance, law: unknown): ClearanceRecord {
  const settingsVersion = row.settings_version;
  return {
    clearanceId: row.id,
    decision: row.decision,
    at: row.at.toISOString(),
    validUntil: row.valid_until?.toISOString() ?? null,
    notBefore: row.not_before?.toISOString() ?? null,
    question: looked.question,
    personDigest: row.person.toString('hex'),
    reasons: answer.reasons,
    facts: record.facts,
    lists: answer.checked.lists,
    zones: answer.checked.zones,
    counts: answer.checked.attempts,
    policyVersion: row.policy_version,
    settingsVersion,
    applied: appliedValues(looked, lawOf(law), { reasons: answer.reasons, settingsVersion }),
    recordDigest: sha256Of(canonicalJson({ answer, facts: record })),
  };
}
