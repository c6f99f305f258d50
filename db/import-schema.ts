import type { ColumnType, Generated, Insertable, Selectable } from 'kysely';

type JsonColumn<T> = ColumnType<T, string, string>;

export type ImportState = 'receiving' | 'running' | 'completed' | 'failed';

export interface ImportTable {
  id: string;
  source_id: string;
  format: 'csv' | 'ndjson';
  /** Mapping and constants exactly as asked for; names of columns, never values of rows. */
  parameters: JsonColumn<Record<string, unknown>>;
  state: ImportState;
  sha256: string;
  size_bytes: bigint;
  duplicate_of: string | null;
  received_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  rows_total: bigint | null;
  rows_read: Generated<bigint>;
  rows_created: Generated<bigint>;
  rows_merged: Generated<bigint>;
  rows_refused: Generated<bigint>;
  rows_suppressed: Generated<bigint>;
  /** Records of the file that are done with, blank ones included: where a restarted import goes on. */
  records_done: Generated<bigint>;
  /** Since the import was last started or taken up again. */
  rows_per_second: Generated<number>;
  problem: JsonColumn<ImportProblem> | null;
}

export interface ImportProblem {
  code: string;
  detail: string;
}

export interface ImportRefusalTable {
  import_id: string;
  row: bigint;
  code: string;
  column: string;
  detail: string;
}

export type ImportRow = Selectable<ImportTable>;
export type NewImportRefusal = Insertable<ImportRefusalTable>;
