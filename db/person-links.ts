import type { Selectable } from 'kysely';
import type { PersonLinkTable } from './person-schema.ts';
import type { Db } from './connection.ts';

export type PersonLinkRow = Selectable<PersonLinkTable>;

export async function insertPersonLink(db: Db, link: PersonLinkRow): Promise<void> {
  await db.insertInto('person_link').values(link).execute();
}

/** The link whose token has a digest; null for none. */
export async function findPersonLink(db: Db, digest: Buffer): Promise<PersonLinkRow | null> {
  return (await db.selectFrom('person_link').selectAll().where('digest', '=', digest).executeTakeFirst()) ?? null;
}
