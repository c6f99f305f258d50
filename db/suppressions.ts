import type { Insertable, Selectable } from 'kysely';
import type { Channel } from '../domain/consent.ts';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import type { SuppressionTable } from './schema.ts';

/** Adds a suppression and answers its id. */
export async function insertSuppression(tx: Tx, suppression: Omit<Insertable<SuppressionTable>, 'id'>): Promise<string> {
  const id = newId();
  await tx.insertInto('suppression').values({ id, ...suppression }).execute();
  return id;
}

export type SuppressionRow = Selectable<SuppressionTable>;

export async function findSuppression(db: Db, id: string): Promise<SuppressionRow | null> {
  return (await db.selectFrom('suppression').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** The suppression that the outcome of a contact started, or null. */
export async function suppressionOfContact(db: Db, token: bigint, contactId: string): Promise<string | null> {
  const row = await db.selectFrom('suppression').select('id').where('token', '=', token).where('contact_id', '=', contactId).executeTakeFirst();
  return row?.id ?? null;
}

/** How a suppression ended: the fact under which it is explained, who ended it, and words that are nobody's. */
export type Lift = Pick<SuppressionRow, 'lifted_at' | 'lifted_because' | 'lifted_by' | 'lifted_reason'>;

/** Ends a suppression; false when it has ended already. */
export async function liftSuppression(tx: Tx, id: string, lift: Lift): Promise<boolean> {
  const { numUpdatedRows } = await tx.updateTable('suppression').set(lift).where('id', '=', id).where('lifted_at', 'is', null).executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The opt-outs and complaints of a number that stand against a channel, or against every one. */
export async function standingOptOuts(db: Db, token: bigint, channel: Channel): Promise<SuppressionRow[]> {
  return db
    .selectFrom('suppression')
    .selectAll()
    .where('token', '=', token)
    .where('lifted_at', 'is', null)
    .where('kind', 'in', ['opt_out', 'complaint'])
    .where('channel', 'in', [channel, 'all'])
    .orderBy('id')
    .execute();
}

/** The suppressions of a number that stand. */
export async function standingSuppressions(db: Db, token: bigint): Promise<SuppressionRow[]> {
  return db.selectFrom('suppression').selectAll().where('token', '=', token).where('lifted_at', 'is', null).orderBy('id').execute();
}

/** The leads behind a token: one, or several when numbers share it. */
export async function leadIdsOfToken(db: Db, token: bigint): Promise<string[]> {
  const rows = await db.selectFrom('lead').select('id').where('token', '=', token).execute();
  return rows.map((row) => row.id);
}
