import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** Which advisory lock keeps the batches of all imports apart; a pair, so that it can never be a phone token's. */
const BATCH_LOCK = [7_042, 1] as const;

/**
 * What is switched off while a batch is written. Ways of reading whole tables: tables grow faster than PostgreSQL takes stock of
 * them, and by old figures it would choose these for a few rows. And the wait for the disk: a batch that a failing machine
 * forgets is forgotten together with its checkpoint, and the end of the import, which is waited for, takes all batches to disk.
 */
const BATCH_SETTINGS = ['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin', 'synchronous_commit'];

/** What one batch did to the accounting of its import. */
export interface BatchCounts {
  created: number;
  merged: number;
  refused: number;
  suppressed: number;
}

/**
 * Takes the turn of one import's next batch, until the end of the transaction: one batch of all imports at a time, so that
 * two files with the same numbers see each other's leads. False when the import is not where the caller left it: it has
 * ended, or another run has taken it up.
 */
export async function lockBatch(db: Db, importId: string, recordsDone: number): Promise<boolean> {
  await takeBatchTurn(db);
  const row = await db.selectFrom('import').select(['state', 'records_done']).where('id', '=', importId).forUpdate().executeTakeFirst();
  return row?.state === 'running' && Number(row.records_done) === recordsDone;
}

/** Waits for the batches of all other files, and sets this transaction to writing one. */
export async function takeBatchTurn(db: Db): Promise<void> {
  await sql`select set_config(name, 'off', true) from unnest(${BATCH_SETTINGS}::text[]) name`.execute(db);
  await sql`select pg_advisory_xact_lock(${sql.lit(BATCH_LOCK[0])}, ${sql.lit(BATCH_LOCK[1])})`.execute(db);
}

/** Adds a batch to the accounting of its import: in the batch's own transaction, so that no kill can part the two. */
export async function recordBatch(
  db: Db, importId: string, counts: BatchCounts, progress: { recordsDone: number; rowsPerSecond: number },
): Promise<void> {
  const { created, merged, refused, suppressed } = counts;
  await db
    .updateTable('import')
    .set({
      rows_read: sql`rows_read + ${created + merged + refused}`,
      rows_created: sql`rows_created + ${created}`,
      rows_merged: sql`rows_merged + ${merged}`,
      rows_refused: sql`rows_refused + ${refused}`,
      rows_suppressed: sql`rows_suppressed + ${suppressed}`,
      records_done: BigInt(progress.recordsDone),
      rows_per_second: progress.rowsPerSecond,
    })
    .where('id', '=', importId)
    .execute();
}

/** Which of some tokens belong to leads. Sorted tokens are found faster. */
export async function probeTokens(db: Db, tokens: BigInt64Array): Promise<bigint[]> {
  const { rows } = await sql<{ token: bigint }>`
    select token from lead where token = any(${arrayText(tokens)}::bigint[])`.execute(db);
  return rows.map(({ token }) => token);
}

/**
 * Which of some tokens are under an own suppression, for whatever channel; and whether the person it speaks of was forgotten
 * since.
 */
export async function suppressedTokens(db: Db, tokens: BigInt64Array): Promise<Map<bigint, { isOutlived: boolean }>> {
  const { rows } = await sql<{ token: bigint; outlived: boolean }>`
    select token, bool_or(outlived_at is not null) as outlived from suppression
    where token = any(${arrayText(tokens)}::bigint[]) and lifted_at is null group by token`.execute(db);
  return new Map(rows.map(({ token, outlived }) => [token, { isOutlived: outlived }]));
}

/** When some leads were acquired from a source: the moments in milliseconds, by lead id. */
export async function acquisitionMoments(
  db: Db, leadIds: readonly string[], sourceId: string,
): Promise<Map<string, Set<number>>> {
  const rows = await db
    .selectFrom('acquisition')
    .select(['lead_id', 'acquired_at'])
    .where('lead_id', '=', sql<string>`any(${leadIds}::uuid[])`)
    .where('source_id', '=', sourceId)
    .execute();
  const moments = new Map<string, Set<number>>();
  for (const row of rows) {
    const known = moments.get(row.lead_id) ?? new Set();
    moments.set(row.lead_id, known.add(row.acquired_at.getTime()));
  }
  return moments;
}

/** An array as PostgreSQL reads it; much faster than the driver's own way of writing one. */
function arrayText(tokens: BigInt64Array): string {
  return `{${tokens.join(',')}}`;
}
