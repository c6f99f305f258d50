import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Tx } from './connection.ts';

/** A request by a digest of the key that its caller gave it. */
export interface RequestKey {
  apiKeyId: string;
  key: string;
}

/** What is remembered of a request that was carried out: a keyed digest, and its sealed answer. */
export interface RememberedRequest {
  digest: Buffer;
  status: number;
  sealedAnswer: Buffer;
}

/** Claims a key until the transaction ends; false when another request holds it. */
export async function claimRequestKey(tx: Tx, { apiKeyId, key }: RequestKey): Promise<boolean> {
  const lock = createHash('sha256').update(`idempotency\0${apiKeyId}\0${key}`).digest().readBigInt64BE();
  const { rows } = await sql<{ claimed: boolean }>`select pg_try_advisory_xact_lock(${lock}) as claimed`.execute(tx);
  return rows[0]?.claimed === true;
}

export async function findRememberedRequest(tx: Tx, { apiKeyId, key }: RequestKey): Promise<RememberedRequest | null> {
  const row = await tx
    .selectFrom('idempotency')
    .select(['request_digest', 'status', 'body'])
    .where('api_key_id', '=', apiKeyId)
    .where('key', '=', key)
    .executeTakeFirst();
  if (!row) return null;
  return { digest: row.request_digest, status: row.status, sealedAnswer: Buffer.from(String(row.body), 'base64') };
}

export async function rememberRequest(tx: Tx, of: RequestKey, request: RememberedRequest, at: Date): Promise<void> {
  const { apiKeyId, key } = of;
  const body = JSON.stringify(request.sealedAnswer.toString('base64'));
  await tx
    .insertInto('idempotency')
    .values({ api_key_id: apiKeyId, key, request_digest: request.digest, status: request.status, body, created_at: at })
    .execute();
}
