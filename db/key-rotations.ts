import { sql, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import { markEmptied } from './key-epochs.ts';
import type { KeyRotationTable } from './key-schema.ts';

export type KeyRotation = Selectable<KeyRotationTable>;

/** The rotation that is under way, or a new one on somebody's word. */
export async function openRotation(tx: Tx, by: string, now: Date): Promise<{ rotation: KeyRotation; isNew: boolean }> {
  const opened = await tx
    .insertInto('key_rotation')
    .values({ id: newId(), asked_by: by, asked_at: now })
    .onConflict((conflict) => conflict.expression(sql`(true)`).where('finished_at', 'is', null).doNothing())
    .returningAll()
    .executeTakeFirst();
  if (opened) return { rotation: opened, isNew: true };
  const rotation = await tx.selectFrom('key_rotation').selectAll().where('finished_at', 'is', null).executeTakeFirstOrThrow();
  return { rotation, isNew: false };
}

/** The same, and its workflow is started: for those who are no workflow themselves. */
export async function askForRotation(tx: Tx, by: string, now: Date): Promise<{ rotation: KeyRotation; isNew: boolean }> {
  const opened = await openRotation(tx, by, now);
  const { id } = opened.rotation;
  if (opened.isNew) {
    await tx.insertInto('outbox').values({ subject: id, workflow: 'key_rotation', signal: 'received', fact_id: id, lane: 0, due_at: now }).execute();
  }
  return opened;
}

export async function findRotation(db: Db, id: string): Promise<KeyRotation | null> {
  return (await db.selectFrom('key_rotation').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** The rotation under way; null while there is none. */
export async function findOpenRotation(db: Db): Promise<KeyRotation | null> {
  return (await db.selectFrom('key_rotation').selectAll().where('finished_at', 'is', null).executeTakeFirst()) ?? null;
}

/** Rotations, newest first, before an id; at most `limit`. */
export async function listRotations(db: Db, before: string | null, limit: number): Promise<KeyRotation[]> {
  const query = db.selectFrom('key_rotation').selectAll().orderBy('id', 'desc').limit(limit);
  return (before === null ? query : query.where('id', '<', before)).execute();
}

type Course = Pick<KeyRotation, 'kek' | 'waits_for' | 'activated_at' | 'pass' | 'after_lead' | 'keys_about'>;

/** Writes down how far a rotation has come. */
export async function recordCourse(db: Db, id: string, course: Partial<Course>): Promise<void> {
  await db.updateTable('key_rotation').set(course).where('id', '=', id).execute();
}

/** Writes down where a rotation goes on, together with what was done up to there. */
export async function recordBatch(
  tx: Tx, id: string, batch: { seen: number; leads: readonly string[]; last: string | null },
): Promise<void> {
  await sql`
    update key_rotation set after_lead = coalesce(${batch.last}, after_lead), keys_seen = keys_seen + ${batch.seen},
      keys_rewrapped = keys_rewrapped + ${batch.leads.length} where id = ${id}`.execute(tx);
}

/** Starts a rotation on another way through all keys. */
export async function startPass(db: Db, id: string, pass: number): Promise<void> {
  await db.updateTable('key_rotation').set({ pass, after_lead: null, keys_seen: 0n }).where('id', '=', id).execute();
}

/** Ends a rotation; with a problem, what it has done so far stays done, and older keys stay needed. */
export async function finishRotation(db: Db, { id, kek }: Pick<KeyRotation, 'id' | 'kek'>, problem: string | null, now: Date): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.updateTable('key_rotation').set({ finished_at: now, problem, waits_for: 0 }).where('id', '=', id).where('finished_at', 'is', null).execute();
    if (problem === null && kek !== null) await markEmptied(tx, kek, now);
  });
}
