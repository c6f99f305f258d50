import type { ColumnType, Generated } from 'kysely';

type JsonColumn<T> = ColumnType<T, string, string>;

/** A download or a folder from which files of a list are taken by a schedule. */
export interface DncFetchTable {
  id: string;
  list_id: string;
  kind: 'full' | 'change';
  format: string;
  op: 'add' | 'remove' | null;
  area_codes: JsonColumn<number[] | 'in-file'> | null;
  adapter: 'https' | 'folder';
  url: string | null;
  /** The name of a file in the worker's folder of credentials. */
  credentials_file: string | null;
  /** Whether a download is dated by when its file was made, or by when it was fetched. */
  as_of: 'modified' | 'fetched' | null;
  /** The name of a folder in the worker's inbox. */
  folder: string | null;
  file_pattern: string | null;
  /** Five fields in UTC; or an ISO 8601 duration in `every`. */
  cron: string | null;
  every: string | null;
  created_at: Date;
  created_by: string;
  removed_at: Generated<Date | null>;
  removed_by: Generated<string | null>;
  /** What the server names the file by that was taken last. */
  validators: JsonColumn<{ etag: string | null; lastModified: string | null } | null>;
  last_run: JsonColumn<FetchRun | null>;
}

/** What came of a run, in words that quote neither the server nor the file. */
export interface FetchRun {
  at: string;
  /** `nothing`: no file is there, or the file has not changed. */
  outcome: 'received' | 'nothing' | 'failed';
  releases: string[];
  problem: { code: string; detail: string } | null;
}

/** The events that a list is said to go or to have gone stale by. */
export type ListWarningKind = 'list.stale-soon' | 'list.stale';

/** What was said about the age of a release: each of it once. */
export interface ListWarningTable {
  list_id: string;
  release_id: string;
  kind: ListWarningKind;
  at: Date;
  stale_at: Date;
}

/** How many leads of a source there were at a moment, and how many of them were on a list. */
export interface ListCountTable {
  list_id: string;
  source_id: string;
  leads: bigint;
  listed: bigint;
  counted_at: Date;
}
