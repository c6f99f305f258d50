import type { Db } from '../db/connection.ts';
import type { Vault } from '../db/vault.ts';
import { DomainError } from '../domain/problem.ts';
import { canonicalJson } from '../proof/canonical-json.ts';
import { proveClearance, type ClearanceProof, type ClearanceRecord, type Issued } from '../proof/clearance-proof.ts';
import { sha256Of } from '../proof/digest.ts';
import { proveListing, type ListingProof } from '../proof/listing-proof.ts';
import type { NumberPath } from '../proof/merkle-tree.ts';
import type { SigningKeys } from '../proof/signing-keys.ts';
import { appliedValues } from './applied-values.ts';
import { lawOf } from './law.ts';
import { listsOf, numberOf, requireNumber, type LookedList, type PathOf } from './list-evidence.ts';
import { requireClearance, requireLaw, type RecordedClearance } from './recorded-clearance.ts';

/** What it takes to prove. */
export interface Proving {
  db: Db;
  vault: Vault;
  keys: SigningKeys;
  issued: Issued;
  pathOf: PathOf;
}

/**
 * The proof of a clearance on record, signed now; if asked for with the paths of the number in the lists that were looked at,
 * where the number is on the books still.
 */
export async function proofOf(proving: Proving, id: string, { withPaths }: { withPaths: boolean }): Promise<ClearanceProof> {
  const { db, keys, issued } = proving;
  const recorded = await requireClearance(db, id);
  const law = await requireLaw(db, recorded.row.policy_version);
  const lists = await listsOf(db, recorded, keys.published);
  const paths = withPaths ? await pathsOf(proving, recorded, lists) : new Map<string, NumberPath>();
  return proveClearance(recordToProve(recorded, law, lists), issued, keys, paths);
}

/** The proof of whether the number of a clearance was on one of the lists that it looked at. */
export async function listingProofOf(
  proving: Proving, { clearanceId, list }: { clearanceId: string; list: string },
): Promise<ListingProof> {
  const { db, vault, keys, issued, pathOf } = proving;
  const recorded = await requireClearance(db, clearanceId);
  const { row } = recorded;
  const looked = (await listsOf(db, recorded, keys.published)).find(({ evidence }) => evidence.list === list);
  if (!looked?.release || !looked.evidence.release) throw new DomainError('unknown_list', 'Name a list that the clearance looked at.');
  const path = await pathOf(db, looked.release, await requireNumber(db, vault, recorded));
  const whose = { clearanceId: row.id, at: row.at.toISOString(), personDigest: row.person.toString('hex') };
  return proveListing({ ...whose, evidence: { ...looked.evidence, path } }, issued, keys);
}

async function pathsOf(
  { db, vault, pathOf }: Proving, recorded: RecordedClearance, lists: readonly LookedList[],
): Promise<Map<string, NumberPath>> {
  const number = await numberOf(db, vault, recorded);
  const releases = lists.flatMap(({ evidence, release }) => (evidence.release && release ? [release] : []));
  const paths = number === null ? [] : await Promise.all(releases.map((release) => pathOf(db, release, number)));
  return new Map(paths.map((path, nth) => [releases[nth]?.id ?? '', path]));
}

function recordToProve(
  { row, answer, record, looked }: RecordedClearance, law: unknown, lists: readonly LookedList[],
): ClearanceRecord {
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
    lists: lists.map(({ evidence }) => evidence),
    zones: answer.checked.zones,
    counts: answer.checked.attempts,
    policyVersion: row.policy_version,
    settingsVersion,
    applied: appliedValues(looked, lawOf(law), { reasons: answer.reasons, settingsVersion }),
    recordDigest: sha256Of(canonicalJson({ answer, facts: record })),
  };
}
