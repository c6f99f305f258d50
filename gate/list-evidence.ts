import type { Db } from '../db/connection.ts';
import { findRelease, type Release } from '../db/dnc-releases.ts';
import { openFirstRecords } from '../db/person-records.ts';
import type { Vault } from '../db/vault.ts';
import { DomainError } from '../domain/problem.ts';
import type { ListEvidence, StatedRelease } from '../proof/list-evidence.ts';
import type { NumberPath } from '../proof/merkle-tree.ts';
import { commitToNumber } from '../proof/opening.ts';
import type { PublishedKey } from '../proof/signing-keys.ts';
import type { RecordedClearance } from './recorded-clearance.ts';

/** Finds the path of a number (E.164 digits) in a release. */
export type PathOf = (db: Db, release: Release, number: number) => Promise<NumberPath>;

/** A list that a clearance looked at, with its release, where that is on the books. */
export interface LookedList {
  evidence: ListEvidence;
  release: Release | null;
}

/** The lists that a clearance looked at, by the releases that were in force then. */
export async function listsOf(db: Db, { answer }: RecordedClearance, published: readonly PublishedKey[]): Promise<LookedList[]> {
  return Promise.all(answer.checked.lists.map(async (looked) => {
    const release = await findRelease(db, looked.releaseId);
    const stated = release && statedRelease(release, published);
    return { evidence: { ...looked, ...(stated && { release: stated }) }, release };
  }));
}

/** Null for a release that never came into force, and so has no root. */
function statedRelease(release: Release, published: readonly PublishedKey[]): StatedRelease | null {
  const { number, kind, sha256, numbers, leaves, root, inForceFrom, signature } = release;
  if (number === null || numbers === null || leaves === null || root === null || inForceFrom === null) return null;
  const key = published.find(({ kid }) => kid === signature?.kid);
  const signed = signature && key ? { alg: key.crv, kid: key.kid, x: key.x, value: signature.value } : null;
  return { number, kind, sha256, numbers, leaves, root, inForceFrom: inForceFrom.toISOString(), signature: signed };
}

/** The digits of the number that a clearance was about; null where nobody can read it any more. */
export async function numberOf(db: Db, vault: Vault, { row }: RecordedClearance): Promise<number | null> {
  if (row.lead_id === null) return null;
  const [record] = (await openFirstRecords(db, vault, [row.lead_id])).get(row.lead_id) ?? [];
  if (!record || !('phone' in record) || typeof record.phone !== 'string') return null;
  const isTheOne = commitToNumber(vault.openingKey(row.id), record.phone).equals(row.person);
  return isTheOne ? Number(record.phone.slice(1)) : null;
}

/** As `numberOf`; refuses where it is gone. */
export async function requireNumber(db: Db, vault: Vault, recorded: RecordedClearance): Promise<number> {
  const number = await numberOf(db, vault, recorded);
  if (number !== null) return number;
  throw new DomainError('number_unknown', 'The number that this clearance was about is not on the books, or no longer.');
}
