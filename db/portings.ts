import type { Insertable, Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import type { PortingTable } from './gate-schema.ts';

export type PortingRow = Selectable<PortingTable>;

/** Adds that the number of a lead was ported. */
export async function insertPorting(tx: Tx, porting: Omit<Insertable<PortingTable>, 'id'>): Promise<PortingRow> {
  return tx.insertInto('porting').values({ id: newId(), ...porting }).returningAll().executeTakeFirstOrThrow();
}

/** The portings of a lead in the order in which they were recorded, after an id; at most `limit`. */
export async function listPortings(db: Db, leadId: string, after: string | null, limit: number): Promise<PortingRow[]> {
  const query = db.selectFrom('porting').selectAll().where('lead_id', '=', leadId).orderBy('id').limit(limit);
  return (after === null ? query : query.where('id', '>', after)).execute();
}
