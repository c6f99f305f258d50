import { sql, type Insertable, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import type { DncReleaseState, DncReleaseTable, ReleasePhase, ReleaseProblem } from './dnc-schema.ts';

export type { DncReleaseState, ReleasePhase, ReleaseProblem } from './dnc-schema.ts';

/** How far a release has come: bytes of the file while reading, then blocks or numbers. */
export interface ReleaseProgress {
  phase: ReleasePhase;
  done: number;
  total: number | null;
  perSecond: number;
  remainingSeconds: number | null;
}

/** A release as it stands. Counts are null until they are known. */
export interface Release {
  id: string;
  list: string;
  number: number | null;
  kind: 'full' | 'change';
  format: string;
  op: 'add' | 'remove' | null;
  areaCodes: number[] | 'in-file' | null;
  asOf: Date;
  dryRun: boolean;
  state: DncReleaseState;
  receivedAt: Date;
  receivedBy: string;
  sizeBytes: number;
  sha256: string;
  startedAt: Date | null;
  preparedAt: Date | null;
  inForceFrom: Date | null;
  endedAt: Date | null;
  baseId: string | null;
  staged: number | null;
  lines: number | null;
  numbers: number | null;
  foreign: number | null;
  added: number | null;
  removed: number | null;
  refused: number | null;
  refusals: { line: number; code: string }[];
  root: string | null;
  leaves: number | null;
  signature: { kid: string; value: string } | null;
  leads: { checked: number; hit: number; freed: number } | null;
  approvedBy: string | null;
  approvedAt: Date | null;
  abandonedBy: string | null;
  /** What was said on approving it or giving it up. */
  decidedBecause: string | null;
  problem: ReleaseProblem | null;
  progress: ReleaseProgress | null;
  /** Milliseconds by phase; `lock` is how long new leads had to wait. */
  timings: Partial<Record<ReleasePhase | 'lock', number>>;
}

/** What a release is about to be made of. */
export type NewReleaseRow = Pick<
  Insertable<DncReleaseTable>,
  | 'id' | 'list_id' | 'kind' | 'format' | 'op' | 'area_codes' | 'as_of' | 'dry_run' | 'received_at' | 'received_by' | 'size_bytes' | 'sha256'
>;

/** In these nothing happens to a release by itself any more. */
export const ENDED: readonly DncReleaseState[] = ['in_force', 'superseded', 'failed'];

/** Whether nothing will happen to a release by itself any more. */
export function hasEnded(state: DncReleaseState): boolean {
  return ENDED.includes(state);
}

export async function findRelease(db: Db, id: string): Promise<Release | null> {
  const row = await db.selectFrom('dnc_release').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? releaseOf(row) : null;
}

/** The releases of a list, the newest first, those before an id; at most `limit`. */
export async function listReleases(db: Db, listId: string, before: string | null, limit: number): Promise<Release[]> {
  const query = db.selectFrom('dnc_release').selectAll().where('list_id', '=', listId).orderBy('id', 'desc').limit(limit);
  const rows = await (before === null ? query : query.where('id', '<', before)).execute();
  return rows.map(releaseOf);
}

/** Puts a release down whose file is stored. */
export async function insertRelease(tx: Tx, release: NewReleaseRow): Promise<void> {
  await tx.insertInto('dnc_release').values({ ...release, state: 'receiving' }).execute();
}

/** The release that the same file was received as before, of the same moment and to be read the same way; not one that failed. */
export async function findReplay(db: Db, release: NewReleaseRow): Promise<{ id: string; state: DncReleaseState } | null> {
  const { rows: [found] } = await sql<{ id: string; state: DncReleaseState }>`
    select id, state from dnc_release
    where sha256 = ${release.sha256} and list_id = ${release.list_id} and kind = ${release.kind} and as_of = ${release.as_of}
      and format = ${release.format} and op is not distinct from ${release.op}::text and dry_run = ${release.dry_run ?? false}
      and area_codes is not distinct from ${release.area_codes ?? null}::jsonb and state <> 'failed'
    order by id limit 1`.execute(db);
  return found ?? null;
}

/** Whether a full release of a list, of that moment or before, is on its way into force. */
export async function hasFullBefore(db: Db, listId: string, asOf: Date): Promise<boolean> {
  const row = await db
    .selectFrom('dnc_release')
    .select('id')
    .where('list_id', '=', listId)
    .where('kind', '=', 'full')
    .where('dry_run', '=', false)
    .where('state', 'in', ['receiving', 'parsing', 'awaiting_approval'])
    .where('as_of', '<=', asOf)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Lets a release that waits go on; false when it does not wait (any more). Its workflow is told. */
export async function approveRelease(tx: Tx, id: string, by: string, now: Date, because: string | null = null): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('dnc_release')
    .set({ state: 'parsing', approved_by: by, approved_at: now, decided_because: because })
    .where('id', '=', id)
    .where('state', '=', 'awaiting_approval')
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await tellRelease(tx, id, now);
  return true;
}

/** Gives a release up that is not in force yet; false when it has ended. Its workflow is told. */
export async function abandonRelease(tx: Tx, id: string, by: string, now: Date, because: string | null = null): Promise<boolean> {
  const given = await failRelease(tx, id, { code: 'abandoned', detail: 'A person gave this release up.' }, now);
  if (!given) return false;
  await tx.updateTable('dnc_release').set({ abandoned_by: by, decided_because: because }).where('id', '=', id).execute();
  await tellRelease(tx, id, now);
  return true;
}

/** Ends a release that is not in force yet; false when it has ended. */
export async function failRelease(db: Db, id: string, problem: ReleaseProblem, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('dnc_release')
    .set({ state: 'failed', problem: JSON.stringify(problem), ended_at: now })
    .where('id', '=', id)
    .where('state', 'not in', ENDED)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Leaves word for the workflow of a release, to be delivered at once. */
export async function tellRelease(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.insertInto('outbox').values({
    subject: id, workflow: 'release', signal: 'received', fact_id: id, lane: 0, due_at: now,
  }).execute();
}

function releaseOf(row: Selectable<DncReleaseTable>): Release {
  const { id, number, kind, format, op, state, sha256, staged, root, leaves, problem } = row;
  return {
    id, number, kind, format, op, state, sha256, staged, root, leaves, problem,
    list: row.list_id,
    areaCodes: row.area_codes,
    asOf: row.as_of,
    dryRun: row.dry_run,
    receivedAt: row.received_at,
    receivedBy: row.received_by,
    sizeBytes: Number(row.size_bytes),
    startedAt: row.started_at,
    preparedAt: row.prepared_at,
    inForceFrom: row.in_force_from,
    endedAt: row.ended_at,
    baseId: row.base_id,
    lines: count(row.lines),
    numbers: count(row.numbers),
    foreign: count(row.foreign_numbers),
    added: count(row.added),
    removed: count(row.removed),
    refused: count(row.refused),
    refusals: row.refusals ?? [],
    signature: row.signature === null ? null : { kid: row.signed_by ?? '', value: row.signature },
    leads: row.leads_checked === null ? null : leadsOf(row),
    approvedBy: row.approved_by,
    approvedAt: row.approved_at,
    abandonedBy: row.abandoned_by,
    decidedBecause: row.decided_because,
    progress: hasEnded(state) ? null : progressOf(row),
    timings: row.timings ?? {},
  };
}

function leadsOf(row: Selectable<DncReleaseTable>): Release['leads'] {
  return { checked: Number(row.leads_checked), hit: Number(row.leads_hit), freed: Number(row.leads_freed) };
}

function progressOf({ phase, phase_done, phase_total, per_second }: Selectable<DncReleaseTable>): ReleaseProgress | null {
  if (phase === null) return null;
  const [done, total, perSecond] = [Number(phase_done ?? 0), count(phase_total), per_second ?? 0];
  const remainingSeconds = total === null || perSecond === 0 ? null : Math.ceil((total - done) / perSecond);
  return { phase, done, total, perSecond, remainingSeconds };
}

function count(value: bigint | null): number | null {
  return value === null ? null : Number(value);
}
