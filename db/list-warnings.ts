import type { Db, Tx } from './connection.ts';
import type { ListWarningKind } from './list-watch-schema.ts';
import { publish } from './subscriber-events.ts';

export type { ListWarningKind } from './list-watch-schema.ts';

/** That a release goes stale soon, or has. */
export interface ListWarning {
  list: string;
  releaseId: string;
  kind: ListWarningKind;
  at: Date;
  staleAt: Date;
}

/** Puts warnings down that were not given before, and tells who subscribes to that; answers those. */
export async function addListWarnings(db: Db, warnings: readonly ListWarning[]): Promise<ListWarning[]> {
  if (warnings.length === 0) return [];
  return db.transaction().execute(async (tx) => {
    const added = await insertWarnings(tx, warnings);
    const soon = added.filter(({ kind }) => kind === 'list.stale-soon');
    for (const { list, releaseId, at } of soon) {
      await publish(tx, [{ type: 'list.stale-soon', leadId: null, factId: releaseId, at, words: { list } }], at);
    }
    return added;
  });
}

async function insertWarnings(tx: Tx, warnings: readonly ListWarning[]): Promise<ListWarning[]> {
  const added = await tx
    .insertInto('list_warning')
    .values(warnings.map(({ list, releaseId, kind, at, staleAt }) => {
      return { list_id: list, release_id: releaseId, kind, at, stale_at: staleAt };
    }))
    .onConflict((conflict) => conflict.doNothing())
    .returning(['list_id', 'kind'])
    .execute();
  return warnings.filter(({ list, kind }) => added.some((row) => row.list_id === list && row.kind === kind));
}

/** The warnings about releases that are in force, the oldest first. */
export async function currentListWarnings(db: Db): Promise<ListWarning[]> {
  const rows = await db
    .selectFrom('list_warning')
    .innerJoin('dnc_list', 'dnc_list.release_id', 'list_warning.release_id')
    .selectAll('list_warning')
    .orderBy('at')
    .execute();
  return rows.map((row) => ({ list: row.list_id, releaseId: row.release_id, kind: row.kind, at: row.at, staleAt: row.stale_at }));
}
