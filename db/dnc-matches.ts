import { sql } from 'kysely';
import { bigintArray } from './binary-array.ts';
import type { Db } from './connection.ts';

/** Every token that a lead has, for `readFixed`. */
export const LEAD_TOKENS = 'select token from lead';
export const TOKEN_WIDTHS = [8] as const;

/** Bytes that a lead takes, at the least: what the table's size says of how many there are. */
const LEAD_BYTES = 150;

/** A lead behind one of the tokens that were looked up. */
export interface MatchedLead {
  id: string;
  token: bigint;
  collision: number;
}

/**
 * Rules out, until the end of the transaction, all ways of finding leads but that by the index on their tokens: tokens come
 * sorted, and by figures that are out of date PostgreSQL would read the whole table. It plans without looking at the tokens, for
 * each of which it would otherwise make a guess.
 */
export async function pinMatching(db: Db): Promise<void> {
  await sql`select set_config(name, 'off', true) from unnest(array['enable_seqscan', 'enable_bitmapscan']) name`.execute(db);
  await sql`select set_config('plan_cache_mode', 'force_generic_plan', true)`.execute(db);
  await sql`set local max_parallel_workers_per_gather = 0`.execute(db);
}

/** About how many leads there are, rather too many; as cheap with ten million as with ten. */
export async function estimateLeads(db: Db): Promise<number> {
  const { rows: [found] } = await sql<{ bytes: bigint }>`select pg_relation_size('lead') as bytes`.execute(db);
  return Math.ceil(Number(found?.bytes ?? 0n) / LEAD_BYTES);
}

/**
 * How leads are found by token; the tokens are an array in PostgreSQL's binary form. PostgreSQL walks along the index with them,
 * and reads no page of it twice: half the time of looking up one after the other. The offset keeps it from looking for leads
 * that are not disposed of instead, by an index that has no others.
 */
export function matchQuery(tokens: BigInt64Array) {
  return sql<MatchedLead>`
    select id, token, collision
    from (select id, token, collision, disposed_at from lead where token = any(${bigintArray(tokens)}::bigint[]) offset 0) found
    where disposed_at is null`;
}

/** The leads that have some tokens, which are sorted. */
export async function matchLeads(db: Db, tokens: BigInt64Array): Promise<MatchedLead[]> {
  return tokens.length === 0 ? [] : (await matchQuery(tokens).execute(db)).rows;
}
