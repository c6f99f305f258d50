import { sql } from 'kysely';
import { binaryArray } from './binary-array.ts';
import { asBytes, asUuid } from './binary.ts';
import type { Db, Tx } from './connection.ts';
import type { Vault } from './vault.ts';

/** Before every id. */
const START = '00000000-0000-0000-0000-000000000000';

/** Keys wrapped anew and not written yet: how many were looked at, how many do not open; and the last lead, null at the end. */
export interface Rewrapped {
  seen: number;
  leads: string[];
  wrapped: Buffer[];
  unreadable: number;
  last: string | null;
}

/**
 * Wraps the data keys of up to `limit` leads after one anew, those that are wrapped under an older key than the one in use. Keys
 * that somebody else holds, who may be destroying them, are passed over; those that it takes are held. Sorted by lead.
 */
export async function rewrapBatch(tx: Tx, vault: Vault, after: string | null, limit: number): Promise<Rewrapped> {
  const { rows } = await sql<{ leadId: string; kek: number; wrapped: Buffer }>`
    select lead_id as "leadId", kek, wrapped from keyring.subject_key where lead_id > ${after ?? START}
    order by lead_id limit ${limit} for no key update skip locked`.execute(tx);
  const last = rows.length < limit ? null : (rows.at(-1)?.leadId ?? null);
  const batch: Rewrapped = { seen: rows.length, leads: [], wrapped: [], unreadable: 0, last };
  for (const { leadId, kek, wrapped } of rows) {
    if (kek >= vault.wrapsWith) continue;
    const again = rewrapOrNull(vault, leadId, { kek, wrapped });
    if (again === null) {
      batch.unreadable += 1;
      continue;
    }
    batch.leads.push(leadId);
    batch.wrapped.push(again);
  }
  return batch;
}

/** Writes down keys that were wrapped anew, in the transaction that holds them. */
export async function writeRewrapped(tx: Tx, vault: Vault, { leads, wrapped }: Rewrapped): Promise<void> {
  if (leads.length === 0) return;
  // What a crash takes away of it is wrapped once more.
  await sql`set local synchronous_commit = off`.execute(tx);
  await sql`
    update keyring.subject_key as key set kek = ${vault.wrapsWith}, wrapped = fresh.wrapped
    from unnest(${binaryArray('uuid', asUuid, leads)}::uuid[], ${binaryArray('bytea', asBytes, wrapped)}::bytea[]) as fresh (lead_id, wrapped)
    where key.lead_id = fresh.lead_id`.execute(tx);
}

function rewrapOrNull(vault: Vault, leadId: string, stored: { kek: number; wrapped: Buffer }): Buffer | null {
  try {
    return vault.rewrapKey(leadId, stored).wrapped;
  } catch {
    return null;
  }
}

/** Numbers of key-encryption keys, both ends included. */
interface Range {
  least: number;
  most: number;
}

/** How many keys of up to `limit` leads after one are wrapped under these, and the last lead looked at; null at the end. */
export async function countKeysUnder(
  db: Db, { least, most }: Range, after: string | null, limit: number,
): Promise<{ seen: number; found: number; last: string | null }> {
  const { rows: [row] } = await sql<{ seen: number; found: number; last: string | null }>`
    select count(*)::int as seen, (count(*) filter (where kek between ${least} and ${most}))::int as found,
      (array_agg(lead_id order by lead_id desc))[1] as last
    from (select lead_id, kek from keyring.subject_key where lead_id > ${after ?? START} order by lead_id limit ${limit}) page`.execute(db);
  const { seen = 0, found = 0, last = null } = row ?? {};
  return { seen, found, last: seen < limit ? null : last };
}

/** Whether the data key of any lead is wrapped under this key; looks through all of them, `limit` at a time. */
export async function isKekInUse(db: Db, kek: number, limit = 50_000): Promise<boolean> {
  for (let after: string | null = null; ;) {
    const page: Awaited<ReturnType<typeof countKeysUnder>> = await countKeysUnder(db, { least: kek, most: kek }, after, limit);
    if (page.found > 0) return true;
    if (page.last === null) return false;
    after = page.last;
  }
}

/** About how many leads have a data key, by what PostgreSQL reckons with. */
export async function reckonKeys(db: Db): Promise<number> {
  const { rows: [row] } = await sql<{ about: number }>`
    select greatest(reltuples, 0)::float8 as about from pg_class where oid = 'keyring.subject_key'::regclass`.execute(db);
  return Math.round(row?.about ?? 0);
}
