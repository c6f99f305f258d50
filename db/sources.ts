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

/** A source, and since when it is out of use. */
export interface ListedSource extends Source {
  suspendedAt: Date | null;
}

/** Sources by id, those after `after` first; at most `limit`. */
export async function listSources(db: Db, after: string | null, limit: number): Promise<ListedSource[]> {
  const query = db.selectFrom('source').selectAll().orderBy('id').limit(limit);
  const rows = await (after === null ? query : query.where('id', '>', after)).execute();
  return rows.map((row) => ({ ...sourceOf(row), suspendedAt: row.suspended_at }));
}

/** Takes a source out of use, unless it is already, or back into use; null when there is no such source. */
export async function suspendSource(
  tx: Tx, id: string, suspension: { at: Date; reason: string } | null,
): Promise<Pick<SourceRow, 'suspended_at' | 'suspended_because'> | null> {
  const known = await tx.selectFrom('source').select(['suspended_at', 'suspended_because']).where('id', '=', id).forUpdate().executeTakeFirst();
  if (!known) return null;
  if (suspension !== null && known.suspended_at !== null) return known;
  const state = { suspended_at: suspension?.at ?? null, suspended_because: suspension?.reason ?? null };
  await tx.updateTable('source').set(state).where('id', '=', id).execute();
  return state;
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
