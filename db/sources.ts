import type { Source } from '../domain/source.ts';
import type { Db, Tx } from './connection.ts';
import type { SourceRow } from './schema.ts';

/** Registers a source; false when one of that id exists already. */
export async function insertSource(tx: Tx, source: Source, createdAt: Date): Promise<boolean> {
  const inserted = await tx
    .insertInto('source')
    .values({
      id: source.id,
      name: source.name,
      kind: source.kind,
      legal_basis: source.legalBasis,
      confirmation: source.confirmation,
      default_region: source.defaultRegion,
      consent_texts: JSON.stringify(source.consentTexts),
      created_at: createdAt,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

export async function findSource(db: Db, id: string): Promise<Source | null> {
  const row = await db.selectFrom('source').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? sourceOf(row) : null;
}

/** Sources by id, those after `after` first; at most `limit`. */
export async function listSources(db: Db, after: string | null, limit: number): Promise<Source[]> {
  const query = db.selectFrom('source').selectAll().orderBy('id').limit(limit);
  const rows = await (after === null ? query : query.where('id', '>', after)).execute();
  return rows.map(sourceOf);
}

function sourceOf(row: SourceRow): Source {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    legalBasis: row.legal_basis,
    confirmation: row.confirmation,
    defaultRegion: row.default_region,
    consentTexts: row.consent_texts,
  };
}
