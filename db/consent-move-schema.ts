import type { ColumnType, Generated } from 'kysely';

export type ConsentImportState = 'receiving' | 'running' | 'completed' | 'failed';

/** A file of consent events from another system. */
export interface ConsentImportTable {
  id: string;
  format: 'csv' | 'ndjson';
  /** Mapping and constants exactly as asked for; names of columns, never values of rows. */
  parameters: ColumnType<Record<string, unknown>, string, never>;
  state: ConsentImportState;
  sha256: string;
  size_bytes: bigint;
  duplicate_of: string | null;
  received_at: Date;
  received_by: string;
  started_at: Generated<Date | null>;
  finished_at: Date | null;
  rows_total: Generated<bigint | null>;
  rows_read: Generated<bigint>;
  rows_recorded: Generated<bigint>;
  rows_known: Generated<bigint>;
  rows_suppressed: Generated<bigint>;
  rows_refused: Generated<bigint>;
  /** Of the recorded ones, those that a withdrawal keeps from taking effect. */
  rows_waiting: Generated<bigint>;
  /** Records of the file that are done with: where a restarted import goes on. */
  records_done: Generated<bigint>;
  rows_per_second: Generated<number>;
  problem: ColumnType<{ code: string; detail: string } | null, string | null | undefined, string | null>;
}

export interface ConsentImportRefusalTable {
  import_id: string;
  row: bigint;
  code: string;
  column: string;
  detail: string;
}
