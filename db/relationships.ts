import type { Insertable, Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import type { RelationshipTable } from './gate-schema.ts';

export type RelationshipRow = Selectable<RelationshipTable>;

/** Adds something that is between a person and the company. */
export async function insertRelationship(tx: Tx, relationship: Omit<Insertable<RelationshipTable>, 'id'>): Promise<RelationshipRow> {
  return tx.insertInto('relationship').values({ id: newId(), ...relationship }).returningAll().executeTakeFirstOrThrow();
}

/** The relationships of a lead in the order in which they were recorded, after an id; at most `limit`. */
export async function listRelationships(db: Db, leadId: string, after: string | null, limit: number): Promise<RelationshipRow[]> {
  const query = db.selectFrom('relationship').selectAll().where('lead_id', '=', leadId).orderBy('id').limit(limit);
  return (after === null ? query : query.where('id', '>', after)).execute();
}
