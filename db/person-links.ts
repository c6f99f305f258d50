import type { Insertable, Selectable } from 'kysely';
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
