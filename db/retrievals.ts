import type { Insertable, Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import type { RetrievalTable } from './ending-schema.ts';
import { newId } from './ids.ts';

export type RetrievalRow = Selectable<RetrievalTable>;

/** Adds what somebody asked for. */
export async function insertRetrieval(tx: Tx, asked: Omit<Insertable<RetrievalTable>, 'id'>): Promise<RetrievalRow> {
  return tx.insertInto('retrieval').values({ id: newId(), ...asked }).returningAll().executeTakeFirstOrThrow();
}

export async function findRetrieval(db: Db, id: string): Promise<RetrievalRow | null> {
  return (await db.selectFrom('retrieval').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** The retrievals of a lead, oldest first, after an id; at most `limit`. */
export async function listRetrievals(db: Db, leadId: string, after: string | null, limit: number): Promise<RetrievalRow[]> {
  const query = db.selectFrom('retrieval').selectAll().where('lead_id', '=', leadId).orderBy('id').limit(limit);
  return (after === null ? query : query.where('id', '>', after)).execute();
}

/** Agrees to a retrieval, until a moment. Null when somebody has done so already, or it was withdrawn. */
export async function approveRetrieval(
  tx: Tx, id: string, { by, at, until }: { by: string; at: Date; until: Date },
): Promise<RetrievalRow | null> {
  const row = await tx
    .updateTable('retrieval')
    .set({ approved_by: by, approved_at: at, until })
    .where('id', '=', id)
    .where('approved_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  if (row) await tx.updateTable('lead').set({ retrieved_until: until }).where('id', '=', row.lead_id).execute();
  return row ?? null;
}

/** Takes back what was asked for. Null when somebody has agreed to it, or it was withdrawn already. */
export async function withdrawRetrieval(tx: Tx, id: string, { by, at }: { by: string; at: Date }): Promise<RetrievalRow | null> {
  const row = await tx
    .updateTable('retrieval')
    .set({ withdrawn_by: by, withdrawn_at: at })
    .where('id', '=', id)
    .where('approved_at', 'is', null)
    .where('withdrawn_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}
