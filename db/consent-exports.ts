import type { Selectable } from 'kysely';
import type { Db } from './connection.ts';
import type { ConsentExportTable } from './consent-move-schema.ts';

export type ConsentExport = Selectable<ConsentExportTable>;

export async function insertConsentExport(
  db: Db, asked: Pick<ConsentExport, 'id' | 'partner' | 'requested_by' | 'requested_at'>,
): Promise<ConsentExport> {
  return db.insertInto('consent_export').values(asked).returningAll().executeTakeFirstOrThrow();
}

export async function findConsentExport(db: Db, id: string): Promise<ConsentExport | null> {
  return (await db.selectFrom('consent_export').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Exports, newest first, those older than `before` (an id); at most `limit`. */
export async function listConsentExports(db: Db, before: string | null, limit: number): Promise<ConsentExport[]> {
  const query = db.selectFrom('consent_export').selectAll().orderBy('id', 'desc').limit(limit);
  return (before === null ? query : query.where('id', '<', before)).execute();
}

/** Agrees to an export; null when somebody has done so already. The caller is not the one who asked for it. */
export async function approveConsentExport(db: Db, id: string, by: string, at: Date): Promise<ConsentExport | null> {
  const row = await db
    .updateTable('consent_export')
    .set({ approved_by: by, approved_at: at })
    .where('id', '=', id)
    .where('approved_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Puts down who was last handed an export. */
export async function recordConsentHandOut(db: Db, id: string, by: string, at: Date): Promise<void> {
  await db.updateTable('consent_export').set({ handed_out_by: by, handed_out_at: at }).where('id', '=', id).execute();
}
