import type { ColumnType, Generated } from 'kysely';

type JsonColumn<T> = ColumnType<T, string, string>;

export interface DncListTable {
  id: string;
  jurisdiction: string;
  name: string;
  effect: 'block' | 'block_unless_consent' | 'annul_consent';
  created_at: Date;
  /** The release in force. */
  release_id: Generated<string | null>;
  release_as_of: Generated<Date | null>;
  /** Its number; 0 while there is none. */
  latest: Generated<number>;
  /** The release that is just being activated: leads that come in are looked up in it as well. */
  activating: Generated<string | null>;
}

/** `superseded`: another one came into force after it, or before it could; a dry run ends so too. */
export type DncReleaseState = 'receiving' | 'parsing' | 'awaiting_approval' | 'in_force' | 'superseded' | 'failed';

export const RELEASE_PHASES = ['reading', 'comparing', 'writing', 'matching', 'activating'] as const;
export type ReleasePhase = (typeof RELEASE_PHASES)[number];

export interface DncReleaseTable {
  id: string;
  list_id: string;
  /** 1, 2, ... in the order of coming into force; null before. */
  number: number | null;
  kind: 'full' | 'change';
  /** As it was asked for. */
  format: string;
  op: 'add' | 'remove' | null;
  /** The area codes that a full file replaces; null: the whole list. */
  area_codes: JsonColumn<number[] | 'in-file'> | null;
  as_of: Date;
  dry_run: Generated<boolean>;
  state: DncReleaseState;
  received_at: Date;
  received_by: string;
  size_bytes: bigint;
  sha256: string;
  started_at: Date | null;
  prepared_at: Date | null;
  in_force_from: Date | null;
  ended_at: Date | null;
  /** The release in force that it was compared with. */
  base_id: string | null;
  /** How many staged blocks it has. */
  staged: number | null;
  lines: bigint | null;
  /** Of the list afterwards, as are the foreign ones among them. */
  numbers: bigint | null;
  foreign_numbers: bigint | null;
  added: bigint | null;
  removed: bigint | null;
  refused: bigint | null;
  /** The first refused lines, and why; never what they say. */
  refusals: JsonColumn<{ line: number; code: string }[]> | null;
  root: string | null;
  leaves: number | null;
  signature: string | null;
  signed_by: string | null;
  leads_checked: bigint | null;
  leads_hit: bigint | null;
  leads_freed: bigint | null;
  approved_by: string | null;
  approved_at: Date | null;
  abandoned_by: string | null;
  /** What was said on approving it or giving it up. */
  decided_because: string | null;
  problem: JsonColumn<ReleaseProblem> | null;
  phase: ReleasePhase | null;
  phase_done: bigint | null;
  phase_total: bigint | null;
  per_second: number | null;
  /** Milliseconds by phase. */
  timings: JsonColumn<Partial<Record<ReleasePhase | 'lock', number>>> | null;
}

export interface ReleaseProblem {
  code: string;
  detail: string;
}

/**
 * The numbers of a list in force that share a prefix, as proof/number-block.ts writes them. A block that has lost its last number
 * stays, with `numbers` 0, and is no leaf of the list's tree.
 */
export interface DncBlockTable {
  list_id: string;
  prefix: bigint;
  /** The number of the release with which the block came to be: before it none of its numbers was listed, and it has no flips. */
  begun: number;
  numbers: number;
  digest: Buffer;
  block: Buffer;
}

/** What a release will change a block to; emptied by a crash of PostgreSQL. */
export interface DncStagedBlockTable {
  release_id: string;
  prefix: bigint;
  numbers: number;
  /** Null, as the block, when no number is left. */
  digest: Buffer | null;
  block: Buffer | null;
  /** The numbers that change, as a block; null for a block that is new: all of it. */
  flipped: Buffer | null;
}

/** The numbers that a release added to a block that was there, or took from it. */
export interface DncFlipTable {
  list_id: string;
  prefix: bigint;
  number: number;
  flipped: Buffer;
}

/** A lead whose number is, or was, on a list. */
export interface DncHitTable {
  lead_id: string;
  list_id: string;
  /** The `asOf` of the first release that shows the number, and that release. */
  since: Date;
  release_id: string;
  /** The release that no longer shows it, and its `asOf`. */
  freed_as_of: Generated<Date | null>;
  freed_by: Generated<string | null>;
}

/** A lead that came in while a release was being activated, and whether that release lists its number. */
export interface DncLatecomerTable {
  release_id: string;
  lead_id: string;
  listed: boolean;
}
