import type { ColumnType, Generated } from 'kysely';

/** What is to be written into the journal outside of the database: put here by triggers, removed once it is there. */
export interface JournalEntryTable {
  id: Generated<bigint>;
  noted_at: Generated<Date>;
  entry: ColumnType<object, string, string>;
}

/** That this store was made from a backup, and what was put back into it. */
export interface RestorationTable {
  id: string;
  backup_id: string;
  /** The state it was taken back to. */
  snapshot_at: Date;
  restored_at: Date;
  report: ColumnType<object, string, string>;
  /** When the workflows were brought into agreement with it. */
  reconciled_at: Generated<Date | null>;
}
