import type { Generated } from 'kysely';

/** One key-encryption key as this store knows it: made, in use, no longer in use, destroyed. */
export interface KeyEpochTable {
  kek: number;
  /** When the first process had it. */
  published_at: Generated<Date>;
  /** From when on it is wrapped with. */
  activated_at: Generated<Date | null>;
  /** From when on nothing is wrapped under it any more, as far as a rotation has seen. */
  emptied_at: Generated<Date | null>;
  /** When it was destroyed. */
  retired_at: Generated<Date | null>;
}

/** A process that wraps and unwraps: what it can open, and what it wraps with. */
export interface KeyReaderTable {
  id: string;
  process: string;
  keks: number[];
  wraps_with: number;
  /** Until when it counts as alive, unless it says so again. */
  good_until: Date;
}

/** One change of the key-encryption key, from the wish to the last key wrapped anew. */
export interface KeyRotationTable {
  id: string;
  asked_by: string;
  asked_at: Date;
  /** The key that everything is wrapped with at its end. */
  kek: Generated<number | null>;
  activated_at: Generated<Date | null>;
  /** How many processes it waits for. */
  waits_for: Generated<number>;
  /** Which time it goes through all keys, and the lead after whose key it goes on. */
  pass: Generated<number>;
  after_lead: Generated<string | null>;
  keys_seen: Generated<bigint>;
  keys_rewrapped: Generated<bigint>;
  /** About how many there are. */
  keys_about: Generated<bigint | null>;
  finished_at: Generated<Date | null>;
  /** Why it came to nothing, or not to everything, in a word of ours. */
  problem: Generated<string | null>;
}
