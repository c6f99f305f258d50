import { sql, type Insertable, type Selectable } from 'kysely';
import type { PersonLinkTable } from './person-schema.ts';
import type { Db } from './connection.ts';

export type PersonLinkRow = Selectable<PersonLinkTable>;

export async function insertPersonLink(db: Db, link: Insertable<PersonLinkTable>): Promise<void> {
  await db.insertInto('person_link').values(link).execute();
}

/** The link whose token has a digest; null for none. */
export async function findPersonLink(db: Db, digest: Buffer): Promise<PersonLinkRow | null> {
  return (await db.selectFrom('person_link').selectAll().where('digest', '=', digest).executeTakeFirst()) ?? null;
}

/** Puts down that whoever has a link is known to be the person, and until when it can be used now. */
export async function verifyPersonLink(db: Db, id: string, now: Date, expiresAt: Date): Promise<void> {
  await db.updateTable('person_link').set({ verified_at: now, expires_at: expiresAt }).where('id', '=', id).execute();
}

/** Whether a link is that of a person who was forgotten, and would not have ended yet. */
export async function isForgottenLink(db: Db, digest: Buffer, now: Date): Promise<boolean> {
  const row = await db.selectFrom('forgotten_link').select('digest').where('digest', '=', digest).where('ends_at', '>', now).executeTakeFirst();
  return row !== undefined;
}

/** Removes links of persons who were forgotten that would have ended by now; at most `limit`. Answers how many. */
export async function dropForgottenLinks(db: Db, now: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from forgotten_link where digest in (select digest from forgotten_link where ends_at <= ${now} order by ends_at limit ${limit})`.execute(db);
  return Number(numAffectedRows ?? 0);
}
