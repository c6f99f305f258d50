import { sql, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import type { SubjectRequestCodeTable } from './person-schema.ts';

export type SubjectCode = Selectable<SubjectRequestCodeTable>;

/** Puts down that a person is to be sent a code. */
export async function insertSubjectCode(
  tx: Tx, code: Pick<SubjectCode, 'request_id' | 'lead_id' | 'asked_at' | 'asked_by'> & { handed_at?: Date; expires_at?: Date },
): Promise<SubjectCode> {
  return tx.insertInto('subject_request_code').values({ id: newId(), ...code }).returningAll().executeTakeFirstOrThrow();
}

export async function findSubjectCode(db: Db, id: string): Promise<SubjectCode | null> {
  return (await db.selectFrom('subject_request_code').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** The code of a request that was asked for last: only that one can be used. */
export async function newestCode(db: Db, requestId: string): Promise<SubjectCode | null> {
  const row = await db
    .selectFrom('subject_request_code')
    .selectAll()
    .where('request_id', '=', requestId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** How many codes a person was to be sent since a moment, for whatever request. */
export async function countCodes(db: Db, leadId: string, since: Date): Promise<number> {
  const { count } = await db
    .selectFrom('subject_request_code')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('lead_id', '=', leadId)
    .where('asked_at', '>', since)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** How a code went out, or why not; false when that is on record already. */
export async function settleCode(
  tx: Tx, id: string, settlement: Pick<SubjectCode, 'adapter'> & ({ sent_at: Date; expires_at: Date } | { failure: string }),
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('subject_request_code')
    .set(settlement)
    .where('id', '=', id)
    .where('sent_at', 'is', null)
    .where('failure', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** A code is handed to somebody who sends it by a way of their own. */
export async function handCode(tx: Tx, id: string, at: Date, expiresAt: Date): Promise<void> {
  await tx.updateTable('subject_request_code').set({ handed_at: at, expires_at: expiresAt }).where('id', '=', id).execute();
}

/**
 * Counts a try of the newest code of a request, whatever comes of it, and answers the id of the code: null where none can be
 * used, because none is, all tries are spent, or its time is over. Two tries at once are two.
 */
export async function countTry(tx: Tx, requestId: string, most: number, now: Date): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    update subject_request_code set tries = tries + 1
    where id = (select id from subject_request_code where request_id = ${requestId} order by id desc limit 1)
      and tries < ${most} and used_at is null and expires_at > ${now}
    returning id`.execute(tx);
  return rows[0]?.id ?? null;
}

/** Uses a code up. */
export async function useCode(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.updateTable('subject_request_code').set({ used_at: now }).where('id', '=', id).execute();
}

/** The codes of a request that are yet to be sent, of those asked for since a moment. */
export async function pendingCodes(db: Db, requestId: string, since: Date): Promise<string[]> {
  const rows = await db
    .selectFrom('subject_request_code')
    .select('id')
    .where('request_id', '=', requestId)
    .where('sent_at', 'is', null)
    .where('failure', 'is', null)
    .where('handed_at', 'is', null)
    .where('asked_at', '>', since)
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}
