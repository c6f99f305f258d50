import type { Generated, Selectable } from 'kysely';
import type { Db } from './connection.ts';

/** Something that leaves in bulk, for one partner: asked for by one person, agreed to by another, and to whom it was handed. */
export interface ExportTable {
  id: string;
  partner: string;
  requested_by: string;
  requested_at: Date;
  approved_by: Generated<string | null>;
  approved_at: Generated<Date | null>;
  handed_out_by: Generated<string | null>;
  handed_out_at: Generated<Date | null>;
}

export type Export = Selectable<ExportTable>;

/** The kinds of exports, which have a table each. */
export type ExportKind = 'consent_export' | 'suppression_export';

export async function insertExport(
  db: Db, kind: ExportKind, asked: Pick<Export, 'id' | 'partner' | 'requested_by' | 'requested_at'>,
): Promise<Export> {
  return db.insertInto(kind).values(asked).returningAll().executeTakeFirstOrThrow();
}

export async function findExport(db: Db, kind: ExportKind, id: string): Promise<Export | null> {
  return (await db.selectFrom(kind).selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Exports of a kind, newest first, those older than `before` (an id); at most `limit`. */
export async function listExports(db: Db, kind: ExportKind, before: string | null, limit: number): Promise<Export[]> {
  const query = db.selectFrom(kind).selectAll().orderBy('id', 'desc').limit(limit);
  return (before === null ? query : query.where('id', '<', before)).execute();
}

/** Agrees to an export; null when somebody has done so already. The caller is not the one who asked for it. */
export async function approveExport(db: Db, kind: ExportKind, id: string, by: string, at: Date): Promise<Export | null> {
  const row = await db
    .updateTable(kind)
    .set({ approved_by: by, approved_at: at })
    .where('id', '=', id)
    .where('approved_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Puts down who was last handed an export. */
export async function recordHandOut(db: Db, kind: ExportKind, id: string, by: string, at: Date): Promise<void> {
  await db.updateTable(kind).set({ handed_out_by: by, handed_out_at: at }).where('id', '=', id).execute();
}
