import { sql, type Selectable } from 'kysely';
import type { ApiKeyTable } from './api-schema.ts';
import type { Db, Tx } from './connection.ts';
import { named } from './named.ts';
import { sharedLookUp } from './shared-look-up.ts';

/** An API key without its secret, of which only a digest is kept. */
export interface ApiKey {
  id: string;
  name: string;
  role: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** The key that made it, and the one that revoked it; null for one that a machine made for itself. */
  createdBy: string | null;
  revokedBy: string | null;
}

export type NewApiKey = Omit<ApiKey, 'revokedAt' | 'revokedBy' | 'createdBy'> & { digest: Buffer; createdBy?: string };

export async function insertApiKey(tx: Tx, key: NewApiKey): Promise<void> {
  await tx.insertInto('api_key').values(rowOf(key)).execute();
}

/** Makes sure that a key is known; one that is keeps everything as it is, a revocation included. */
export async function registerApiKey(db: Db, key: NewApiKey): Promise<void> {
  await db
    .insertInto('api_key')
    .values(rowOf(key))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

type KnownKey = ApiKey & { digest: Buffer };

const findKeys: (db: Db, values: { ids: string[] }) => Promise<Selectable<ApiKeyTable>[]> =
  named('api_keys', ({ ids }) => sql`select * from api_key where id = any(${ids}::text[])`);

/** Finds the key of an id with its digest, revoked and expired ones included, as it is now. */
export function apiKeyFinder(db: Db): (id: string) => Promise<KnownKey | null> {
  const find = sharedLookUp(async (ids) => {
    const rows = await findKeys(db, { ids });
    return new Map(rows.map((row) => [row.id, { ...keyOf(row), digest: row.digest }]));
  });
  return async (id) => (await find(id)) ?? null;
}

/** Keys, newest first, those after a cursor; at most `limit`. */
export async function listApiKeys(db: Db, after: { createdAt: Date; id: string } | null, limit: number): Promise<ApiKey[]> {
  const query = db.selectFrom('api_key').selectAll().orderBy('created_at', 'desc').orderBy('id', 'desc').limit(limit);
  const rows = await (after ? query.where(sql<boolean>`(created_at, id) < (${after.createdAt}, ${after.id})`) : query).execute();
  return rows.map(keyOf);
}

/** Revokes a key at once. False when there is none; revoking again keeps the first moment, and by whom. */
export async function revokeApiKey(db: Db, id: string, by: string, at: Date): Promise<boolean> {
  const updated = await db
    .updateTable('api_key')
    .set({
      revoked_at: sql<Date>`coalesce(revoked_at, ${at})`,
      revoked_by: sql<string>`case when revoked_at is null then ${by} else revoked_by end`,
    })
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return updated !== undefined;
}

function rowOf({ id, name, role, digest, createdAt, expiresAt, createdBy }: NewApiKey) {
  return { id, name, role, digest, created_at: createdAt, expires_at: expiresAt, created_by: createdBy ?? null };
}

function keyOf(row: Selectable<ApiKeyTable>): ApiKey {
  const { id, name, role, created_at: createdAt, expires_at: expiresAt, revoked_at: revokedAt } = row;
  return { id, name, role, createdAt, expiresAt, revokedAt, createdBy: row.created_by, revokedBy: row.revoked_by };
}
