import { canonicalJson } from './canonical-json.ts';
import { PROOF_FORMAT, type Issued } from './clearance-proof.ts';
import type { ListEvidence } from './list-evidence.ts';
import type { Signature, SigningKeys } from './signing-keys.ts';

/** Whose number is proved: the one that a clearance was about. */
export interface Listing {
  clearanceId: string;
  at: string;
  personDigest: string;
  /** With the number's path. */
  evidence: ListEvidence;
}

export type ListingProof = ReturnType<typeof unsigned> & { signature: Signature };

/**
 * A file that shows whoever knows the number whether it was on a list when a clearance was answered. It tells anybody which
 * ten thousand numbers it is among.
 */
export function proveListing(listing: Listing, issued: Issued, keys: SigningKeys): ListingProof {
  const content = unsigned(listing, issued);
  return { ...content, signature: keys.sign(canonicalJson(content)) };
}

function unsigned({ clearanceId, at, personDigest, evidence }: Listing, { issuedAt, keysUrl, listPathsUrl }: Issued) {
  return {
    format: PROOF_FORMAT,
    kind: 'listing' as const,
    clearanceId,
    at,
    person: { digest: personDigest, algorithm: 'HMAC-SHA256' },
    lists: [evidence],
    issuedAt: issuedAt.toISOString(),
    issuer: { keys: keysUrl, listPaths: listPathsUrl },
  };
}
