import type { ListEvidence } from '../../proof/list-evidence.ts';
import { blockDigest, ListTree, type NumberPath } from '../../proof/merkle-tree.ts';
import { BLOCK_BYTES, BLOCK_SIZE, encodeBlock } from '../../proof/number-block.ts';
import { signRelease, type ReleaseStatement } from '../../proof/release-statement.ts';
import type { SigningKeys } from '../../proof/signing-keys.ts';
import { idOf } from './proof-samples.ts';

/** A list of numbers (E.164 digits) as a release of it is proved. */
export interface ProvedList {
  evidence: ListEvidence;
  pathOf: (number: number) => NumberPath;
}

export function provedList(numbers: Iterable<number>, keys: SigningKeys, changes: Partial<ReleaseStatement> = {}): ProvedList {
  const blocks = encodedBlocks(numbers);
  const prefixes = [...blocks.keys()].sort((one, other) => one - other);
  const tree = new ListTree({ prefixes, digests: Buffer.concat(prefixes.map((prefix) => blockDigest(blocks.get(prefix)!))) });
  const statement: ReleaseStatement = {
    list: 'us-federal', releaseId: idOf(2), number: 7, kind: 'change', asOf: new Date('2026-11-20T00:00:00Z'), sha256: 'ab'.repeat(32),
    numbers: new Set(numbers).size, leaves: tree.size, root: tree.root, inForceFrom: new Date('2026-11-20T04:00:00Z'), ...changes,
  };
  const { list, releaseId, asOf, inForceFrom, ...release } = statement;
  const stated = { ...release, inForceFrom: inForceFrom.toISOString(), signature: signRelease(keys, statement) };
  return {
    evidence: { list, releaseId, asOf: asOf.toISOString(), release: stated },
    pathOf: (number) => tree.prove(number, blocks.get(Math.floor(number / BLOCK_SIZE)) ?? null),
  };
}

function encodedBlocks(numbers: Iterable<number>): Map<number, Uint8Array> {
  const bits = new Map<number, Uint8Array>();
  for (const number of numbers) {
    const prefix = Math.floor(number / BLOCK_SIZE);
    const block = bits.get(prefix) ?? new Uint8Array(BLOCK_BYTES);
    const place = number % BLOCK_SIZE;
    block[place >> 3]! |= 1 << (place & 7);
    bits.set(prefix, block);
  }
  return new Map([...bits].map(([prefix, block]) => [prefix, encodeBlock(block)]));
}
