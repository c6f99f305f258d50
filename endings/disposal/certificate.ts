import type { DisposalStepRow } from '../../db/disposals.ts';
import type { LeadAtItsEnd, OpenedDisposal } from '../../db/disposal-work.ts';
import { backupsEndAt, DISPOSAL_STORES, STORE_MEANINGS } from '../../domain/disposal.ts';
import { proveDisposal, type DisposalProof, type StoreOnRecord } from '../../proof/disposal-proof.ts';
import { KEYS_PATH } from '../../proof/public-key.ts';
import type { SigningKeys } from '../../proof/signing-keys.ts';
import { TOOL } from './tool.ts';

/** Under which law and settings it is done. */
export interface LawOnRecord {
  policyVersion: string;
  settingsVersion: number;
}

/** What a certificate is made from. */
export interface Certified {
  lead: Pick<LeadAtItsEnd, 'leadId'>;
  disposal: OpenedDisposal & { keyDestroyedAt: Date };
  steps: readonly DisposalStepRow[];
  law: LawOnRecord;
}

/** The signed certificate of a disposal that every store has confirmed; null while one has not. */
export function certify(
  { lead: { leadId }, disposal, steps, law }: Certified,
  { signing, keepDays }: { signing: SigningKeys; keepDays: number },
  now: Date,
): DisposalProof | null {
  const stores = DISPOSAL_STORES.flatMap((store) => storeOnRecord(steps.find((step) => step.store === store)));
  if (stores.length < DISPOSAL_STORES.length) return null;
  const { id: disposalId, ground, requestId, openedBy, openedAt, approvedBy, keyDestroyedAt, kek } = disposal;
  const on = {
    disposalId, leadId, ground, requestId, openedBy, approvedBy, stores, ...law,
    openedAt: openedAt.toISOString(),
    key: { id: `subject-key/${leadId}`, algorithm: 'AES-256-GCM', keyEncryptionKey: kek, destroyedAt: keyDestroyedAt.toISOString() },
    verifiedAt: now.toISOString(),
    completedAt: now.toISOString(),
    backupsEndAt: backupsEndAt(keyDestroyedAt, keepDays).toISOString(),
    tool: TOOL,
  };
  return proveDisposal(on, { issuedAt: now, keysUrl: KEYS_PATH }, signing);
}

function storeOnRecord(step: DisposalStepRow | undefined): StoreOnRecord[] {
  if (!step?.confirmed_at) return [];
  const { store, confirmed_at: confirmedAt, evidence } = step;
  return [{ store, ...STORE_MEANINGS[store], confirmedAt: confirmedAt.toISOString(), evidence: evidence ?? {} }];
}
