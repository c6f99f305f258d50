import { canonicalJson } from './canonical-json.ts';
import { isSignedWith } from './public-key.ts';
import type { Signature, SigningKeys } from './signing-keys.ts';

/** What the company states of a release of a do-not-call list: which file it is, and the root of all its blocks. */
export interface ReleaseStatement {
  list: string;
  releaseId: string;
  /** Of this list's releases, in the order in which they came into force: 1, 2, ... */
  number: number;
  kind: 'full' | 'change';
  asOf: Date;
  /** Of the file as it was received, in hex. */
  sha256: string;
  /** How many numbers the list has, and how many blocks. */
  numbers: number;
  leaves: number;
  /** Of the tree over the blocks (merkle-tree.ts), in hex. */
  root: string;
  inForceFrom: Date;
}

/** The text that is signed: RFC 8785 JSON of exactly these members, moments in RFC 3339 with milliseconds. */
export function releaseText(statement: ReleaseStatement): string {
  const { list, releaseId, number, kind, sha256, numbers, leaves, root } = statement;
  const [asOf, inForceFrom] = [statement.asOf.toISOString(), statement.inForceFrom.toISOString()];
  return canonicalJson({ list, releaseId, number, kind, asOf, sha256, numbers, leaves, root, inForceFrom });
}

export function signRelease(keys: SigningKeys, statement: ReleaseStatement): Signature {
  return keys.sign(releaseText(statement));
}

/** Whether a signature (base64url) over a release was made with the key `x` (base64url). Never throws. */
export function isReleaseSignedWith(x: string, statement: ReleaseStatement, signature: string): boolean {
  return isSignedWith(x, releaseText(statement), signature);
}
