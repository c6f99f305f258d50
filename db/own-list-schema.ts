import type { ColumnType, Generated } from 'kysely';
import type { Channel } from '../domain/consent.ts';
import type { SuppressionKind } from '../domain/lead.ts';

/** A file of numbers that do not want to be contacted. */
export interface SuppressionImportTable {
  id: string;
  kind: SuppressionKind;
  channel: Channel | 'all';
  /** Where the list came from, in the company's own words. */
  source: string;
  via: string | null;
  format: string;
  state: 'running' | 'completed' | 'failed';
  sha256: string;
  size_bytes: bigint;
  received_at: Date;
  received_by: string;
  /** When the last batch was written. */
  touched_at: Date;
  finished_at: Generated<Date | null>;
  rows_total: Generated<bigint | null>;
  rows_read: Generated<bigint>;
  rows_taken: Generated<bigint>;
  rows_skipped: Generated<bigint>;
  rows_refused: Generated<bigint>;
  numbers_suppressed: Generated<bigint>;
  numbers_known: Generated<bigint>;
  leads_told: Generated<bigint>;
  rows_per_second: Generated<number>;
  problem: ColumnType<{ code: string; detail: string } | null, string | null | undefined, string | null>;
}

export interface SuppressionImportRefusalTable {
  import_id: string;
  row: bigint;
  code: string;
  column: string;
  detail: string;
}
