import type { Db } from '../../db/connection.ts';
import { newId } from '../../db/ids.ts';

/** Agrees to have a lead back until a moment, as the API does. */
export async function retrieve({ db }: { db: Db }, leadId: string, until: Date): Promise<string> {
  const [id, at] = [newId(), new Date()];
  await db.transaction().execute(async (tx) => {
    await tx.insertInto('retrieval').values({
      id, lead_id: leadId, reason: 'a dispute', days: 1, asked_by: 'key:one', asked_at: at, approved_by: 'key:other', approved_at: at, until,
    }).execute();
    await tx.updateTable('lead').set({ retrieved_until: until }).where('id', '=', leadId).execute();
  });
  return id;
}
