import type { EndingLead, SealedRow } from '../../db/archive.ts';
import type { Vault } from '../../db/vault.ts';
import type { ArchiveStore } from './archive-store.ts';
import { rowsOf, sha256Of } from './bundle.ts';

/** A lead whose personal data is in a bundle. */
export interface ArchivedLead extends EndingLead {
  token: bigint;
  key: NonNullable<EndingLead['key']>;
  bundle: NonNullable<EndingLead['bundle']>;
}

/** Whether the personal data of a lead is in the archive, and it is not being destroyed. */
export function isArchived(lead: EndingLead): lead is ArchivedLead {
  const { archivedAt, disposedAt, token, key, bundle } = lead;
  return archivedAt !== null && disposedAt === null && token !== null && key !== null && bundle?.isInUse === true;
}

/** What a lead's bundle holds: `store` where the store does not answer, `bundle` where it has something else or nothing. */
export async function readBundle(
  { vault, store }: { vault: Vault; store: ArchiveStore }, { id, key, bundle: { object, sha256 } }: ArchivedLead,
): Promise<SealedRow[] | 'store' | 'bundle'> {
  let bytes: Buffer | null;
  try {
    bytes = await store.get(object);
  } catch {
    return 'store';
  }
  if (bytes === null || !sha256Of(bytes).equals(sha256)) return 'bundle';
  try {
    return rowsOf(vault.unwrapKey(id, key), id, bytes);
  } catch {
    return 'bundle';
  }
}
