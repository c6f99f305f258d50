import type { Db } from '../../db/connection.ts';
import { newId } from '../../db/ids.ts';

/** Puts a fresh release of the national list in force, so that calls in the United States can be allowed. */
export async function openForBusiness(db: Db, at: Date): Promise<void> {
  await db.insertInto('dnc_list').values({
    id: 'us-federal', jurisdiction: 'US', name: 'National Do Not Call Registry', effect: 'block_unless_consent', created_at: at,
    release_id: newId(), release_as_of: new Date(at.getTime() - 86_400_000),
  }).onConflict((conflict) => conflict.column('id').doUpdateSet({ release_as_of: new Date(at.getTime() - 86_400_000) })).execute();
}
