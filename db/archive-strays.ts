import { sql } from 'kysely';
import type { Db, Tx } from './connection.ts';

/** An object of the archive store that is no lead's bundle. */
export interface Stray {
  object: string;
  leadId: string;
}

/** Puts down objects before they are put, so that none is forgotten. */
export async function announceObjects(db: Db, objects: readonly Stray[], at: Date): Promise<void> {
  if (objects.length === 0) return;
  await db.insertInto('archive_stray').values(objects.map(({ object, leadId }) => ({ object, lead_id: leadId, since: at }))).execute();
}

/** Which of some objects nobody has begun to remove; nobody does until this transaction ends. */
export async function keepObjects(tx: Tx, objects: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ object: string }>`
    select object from archive_stray where object = any(${objects}::text[]) order by object for update skip locked`.execute(tx);
  return new Set(rows.map(({ object }) => object));
}

/** Takes strays that are older than a moment, the oldest first, for the end of this transaction. */
export async function takeStrays(tx: Tx, before: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ object: string }>`
    select object from archive_stray where since < ${before} order by since limit ${limit} for update skip locked`.execute(tx);
  return rows.map(({ object }) => object);
}

/** Forgets objects that are gone. */
export async function forgetStrays(db: Db, objects: readonly string[]): Promise<void> {
  if (objects.length === 0) return;
  await sql`delete from archive_stray where object = any(${objects}::text[])`.execute(db);
}
