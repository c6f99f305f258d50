import { canonicalJson } from './canonical-json.ts';
import { PROOF_FORMAT } from './clearance-proof.ts';
import type { Signature, SigningKeys } from './signing-keys.ts';

/** What the certificate follows: the media sanitization certificate of this guideline. */
export const SANITIZATION_GUIDELINE = 'NIST SP 800-88 Rev. 2';

/** What one store did, how, and what shows it. */
export interface StoreOnRecord {
  store: string;
  method: string;
  means: string;
  confirmedAt: string;
  /** Counts, digests, moments and words. */
  evidence: object;
}

/** Everything that is on record of a disposal. Nothing in it is personal data. */
export interface DisposalOnRecord {
  disposalId: string;
  leadId: string;
  ground: 'retention' | 'subject_request' | 'order';
  requestId: string | null;
  /** Who or what opened it: a key, or `retention`; and who agreed to an order. */
  openedBy: string;
  openedAt: string;
  approvedBy: string | null;
  key: { id: string; algorithm: string; keyEncryptionKey: number | null; destroyedAt: string };
  stores: readonly StoreOnRecord[];
  /** When keys, records and objects were looked for once more, and none was found. */
  verifiedAt: string;
  completedAt: string;
  /** From then on no backup has the key. */
  backupsEndAt: string;
  policyVersion: string;
  settingsVersion: number;
  tool: { name: string; version: string };
}

export type DisposalProof = ReturnType<typeof unsigned> & { signature: Signature };

/** The certificate of a disposal as a signed file that anybody can check without our database. */
export function proveDisposal(
  on: DisposalOnRecord, { issuedAt, keysUrl }: { issuedAt: Date; keysUrl: string }, keys: SigningKeys,
): DisposalProof {
  const content = unsigned(on, issuedAt, keysUrl);
  return { ...content, signature: keys.sign(canonicalJson(content)) };
}

function unsigned(on: DisposalOnRecord, issuedAt: Date, keysUrl: string) {
  const { disposalId, leadId, stores, key, tool, verifiedAt, completedAt, policyVersion, settingsVersion } = on;
  return {
    format: PROOF_FORMAT,
    kind: 'disposal' as const,
    disposalId,
    leadId,
    // Who it was can be shown by nothing any more; that is what is certified.
    person: { digest: null, algorithm: 'none' },
    ground: { kind: on.ground, requestId: on.requestId },
    sanitization: {
      guideline: SANITIZATION_GUIDELINE,
      method: 'purge',
      technique: 'cryptographic erase',
      validation: 'full: key, sealed records and archive object were looked for after the commit, and none was found',
      media: stores,
    },
    key,
    actors: { openedBy: on.openedBy, openedAt: on.openedAt, approvedBy: on.approvedBy, performedBy: `${tool.name}/${tool.version}` },
    verifiedAt,
    completedAt,
    backupsEndAt: on.backupsEndAt,
    law: { policyVersion },
    settingsVersion,
    tool,
    issuedAt: issuedAt.toISOString(),
    issuer: { keys: keysUrl },
  };
}
