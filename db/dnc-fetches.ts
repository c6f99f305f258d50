import type { Insertable, Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import type { DncFetchTable, FetchRun } from './list-watch-schema.ts';

export type { FetchRun } from './list-watch-schema.ts';

/** Where files of a list come from, and when. */
export interface Fetch {
  id: string;
  list: string;
  kind: 'full' | 'change';
  format: string;
  op: 'add' | 'remove' | null;
  areaCodes: number[] | 'in-file' | null;
  from: FetchPlace;
  when: FetchTimes;
}

export type FetchPlace =
  | { adapter: 'https'; url: string; credentialsFile: string | null; asOf: 'modified' | 'fetched' }
  | { adapter: 'folder'; folder: string; file: string };

/** A cron expression of five fields in UTC, or an ISO 8601 duration. */
export type FetchTimes = { cron: string } | { every: string };

/** A fetch as it is kept, with what came of it last. */
export interface KeptFetch extends Fetch {
  createdAt: Date;
  createdBy: string;
  validators: { etag: string | null; lastModified: string | null } | null;
  lastRun: FetchRun | null;
}

/** Puts a fetch down; a worker makes its schedule. False when there is no such list. */
export async function insertFetch(tx: Tx, fetch: Fetch, by: string, now: Date): Promise<boolean> {
  const list = await tx.selectFrom('dnc_list').select('id').where('id', '=', fetch.list).executeTakeFirst();
  if (!list) return false;
  await tx.insertInto('dnc_fetch').values({ ...rowOf(fetch), created_at: now, created_by: by }).execute();
  return true;
}

/** A fetch that is in use; null when there is none, or none any more. */
export async function findFetch(db: Db, id: string): Promise<KeptFetch | null> {
  const row = await db.selectFrom('dnc_fetch').selectAll().where('id', '=', id).where('removed_at', 'is', null).executeTakeFirst();
  return row ? fetchOf(row) : null;
}

/** Fetches in use, the newest first, those before an id; at most `limit`. */
export async function listFetches(db: Db, before: string | null, limit: number): Promise<KeptFetch[]> {
  const query = db.selectFrom('dnc_fetch').selectAll().where('removed_at', 'is', null).orderBy('id', 'desc').limit(limit);
  const rows = await (before === null ? query : query.where('id', '<', before)).execute();
  return rows.map(fetchOf);
}

/** Takes a fetch out of use; its row stays, because releases name it. False when it is not in use. */
export async function removeFetch(tx: Tx, id: string, by: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('dnc_fetch')
    .set({ removed_at: now, removed_by: by })
    .where('id', '=', id)
    .where('removed_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function recordFetchRun(db: Db, id: string, run: FetchRun): Promise<void> {
  await db.updateTable('dnc_fetch').set({ last_run: JSON.stringify(run) }).where('id', '=', id).execute();
}

/** Keeps what a server names the file by that has just been received. */
export async function keepValidators(tx: Tx, id: string, validators: KeptFetch['validators']): Promise<void> {
  await tx.updateTable('dnc_fetch').set({ validators: JSON.stringify(validators) }).where('id', '=', id).execute();
}

function rowOf({ id, list, kind, format, op, areaCodes, from, when }: Fetch): Omit<Insertable<DncFetchTable>, 'created_at' | 'created_by'> {
  const isDownload = from.adapter === 'https';
  return {
    id,
    list_id: list,
    kind,
    format,
    op,
    area_codes: areaCodes === null ? null : JSON.stringify(areaCodes),
    adapter: from.adapter,
    url: isDownload ? from.url : null,
    credentials_file: isDownload ? from.credentialsFile : null,
    as_of: isDownload ? from.asOf : null,
    folder: isDownload ? null : from.folder,
    file_pattern: isDownload ? null : from.file,
    cron: 'cron' in when ? when.cron : null,
    every: 'every' in when ? when.every : null,
    validators: JSON.stringify(null),
    last_run: JSON.stringify(null),
  };
}

function fetchOf(row: Selectable<DncFetchTable>): KeptFetch {
  const { id, kind, format, op } = row;
  return {
    id, kind, format, op,
    list: row.list_id,
    areaCodes: row.area_codes,
    from: row.adapter === 'https'
      ? { adapter: 'https', url: row.url ?? '', credentialsFile: row.credentials_file, asOf: row.as_of ?? 'modified' }
      : { adapter: 'folder', folder: row.folder ?? '', file: row.file_pattern ?? '' },
    when: row.cron === null ? { every: row.every ?? '' } : { cron: row.cron },
    createdAt: row.created_at,
    createdBy: row.created_by,
    validators: row.validators,
    lastRun: row.last_run,
  };
}
