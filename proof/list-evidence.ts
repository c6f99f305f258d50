import { canonicalJson } from './canonical-json.ts';
import { sha256Of } from './digest.ts';
import type { NumberPath } from './merkle-tree.ts';
import type { ReleaseStatement } from './release-statement.ts';
import type { Signature } from './signing-keys.ts';

/** What the company states of a release beside its list, id and as-of; moments are texts. Unsigned where it had no key then. */
export type StatedRelease = Pick<ReleaseStatement, 'number' | 'kind' | 'sha256' | 'numbers' | 'leaves' | 'root'> & {
  inForceFrom: string;
  signature: Signature | null;
};

/** A list that was asked, by the release that was in force. A path tells which ten thousand numbers the one is among. */
export interface ListEvidence {
  list: string;
  releaseId: string;
  asOf: string;
  release?: StatedRelease | undefined;
  path?: NumberPath | undefined;
  /** Of the canonical JSON of a path that the file has no room for. */
  pathDigest?: string | undefined;
}

/** Puts in the paths that there is room for, by release; of others their digests. */
export function withPaths(
  lists: readonly ListEvidence[], paths: ReadonlyMap<string, NumberPath>, fits: (lists: readonly ListEvidence[]) => boolean,
): readonly ListEvidence[] {
  let now = lists;
  for (const [index, entry] of lists.entries()) {
    const path = paths.get(entry.releaseId);
    if (!path) continue;
    const choices = [{ ...entry, path }, { ...entry, pathDigest: sha256Of(canonicalJson(path)) }];
    now = choices.map((choice) => now.with(index, choice)).find(fits) ?? now;
  }
  return now;
}
