import { sql } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { tellRequestsOf } from './subject-requests.ts';
import type { WrappedKey } from './vault.ts';

/** One row of personal data, as it is stored: sealed. */
export interface SealedRow {
  factId: string;
  tier: 1 | 2;
  sealed: Buffer;
  emailToken: bigint | null;
}

/** A lead on its way into the archive or out of it. */
export interface EndingLead {
  id: string;
  /** Null once it has been disposed of. */
  token: bigint | null;
  archivedAt: Date | null;
  disposedAt: Date | null;
  /** Null once it has been destroyed. */
  key: WrappedKey | null;
  bundle: StoredBundle | null;
}

/** The bundle of a lead on record. */
export interface StoredBundle {
  object: string;
  sha256: Buffer;
  /** Whether it is where the personal data of the lead is; else the lead is back for a while. */
  isInUse: boolean;
}

interface EndingRow extends Omit<EndingLead, 'key' | 'bundle'>, StoredBundle {
  kek: number | null;
  wrapped: Buffer;
}

/** Reads leads with their keys and bundles; an id without a lead is not among them. */
export async function readEndingLeads(db: Db, ids: readonly string[]): Promise<EndingLead[]> {
  const { rows } = await sql<Omit<EndingRow, 'object'> & { object: string | null }>`
    select lead.id, lead.token, lead.archived_at as "archivedAt", lead.disposed_at as "disposedAt", key.kek, key.wrapped,
      bundle.object, bundle.sha256, bundle.hot_removed_at is not null as "isInUse"
    from unnest(${ids}::uuid[]) as asked (id) join lead on lead.id = asked.id
    left join keyring.subject_key key on key.lead_id = lead.id
    left join archive_bundle bundle on bundle.lead_id = lead.id`.execute(db);
  return rows.map(({ kek, wrapped, object, sha256, isInUse, ...lead }) => {
    return { ...lead, key: kek === null ? null : { kek, wrapped }, bundle: object === null ? null : { object, sha256, isInUse } };
  });
}

/** All personal data of some leads, by lead, in the order of facts and tiers. */
export async function sealedRowsOf(db: Db, leadIds: readonly string[]): Promise<Map<string, SealedRow[]>> {
  const { rows } = await sql<SealedRow & { leadId: string }>`
    select lead_id as "leadId", fact_id as "factId", tier, sealed, email_token as "emailToken" from personal_data
    where lead_id = any(${leadIds}::uuid[]) order by lead_id, fact_id, tier`.execute(db);
  return Map.groupBy(rows, ({ leadId }) => leadId);
}

/** A digest of all personal data of each of some leads, as it is stored: of the digests of its rows, in their order. */
export async function digestsOfRows(tx: Tx, leadIds: readonly string[]): Promise<Map<string, Buffer>> {
  const { rows } = await sql<{ leadId: string; digest: Buffer }>`
    select lead_id as "leadId", sha256(string_agg(sha256(sealed), ''::bytea order by fact_id, tier)) as digest from personal_data
    where lead_id = any(${leadIds}::uuid[]) group by lead_id`.execute(tx);
  return new Map(rows.map(({ leadId, digest }) => [leadId, digest]));
}

/**
 * Takes some leads for the end of this transaction, with everybody who changes or judges what is known of the person: the ids of
 * those that nobody else has at this moment. It never waits, so it never stands in anybody's way.
 */
export async function takeLeads(tx: Tx, leads: readonly { id: string; token: bigint }[]): Promise<Set<string>> {
  const { rows: free } = await sql<{ id: string }>`
    select id from unnest(${leads.map(({ id }) => id)}::uuid[], ${leads.map(({ token }) => String(token))}::bigint[]) as asked (id, token)
    where pg_try_advisory_xact_lock(token)`.execute(tx);
  const { rows } = await sql<{ id: string }>`
    select id from lead where id = any(${free.map(({ id }) => id)}::uuid[]) order by id for update skip locked`.execute(tx);
  return new Set(rows.map(({ id }) => id));
}

/** What lies in the archive store, and how it is recognised. */
export interface NewBundle {
  leadId: string;
  object: string;
  sha256: Buffer;
  size: number;
  records: number;
  numberCheck: Buffer;
  storedAt: Date;
  verifiedAt: Date;
  acquisitions: number;
  grants: number;
}

/**
 * Puts leads into the archive whose bundles have been found whole: their personal data leaves the hot tables, and a retrieval
 * that was under way is over. The leads are locked. Answers the objects that they replace, which have become strays.
 */
export async function moveToArchive(tx: Tx, bundles: readonly NewBundle[], at: Date): Promise<string[]> {
  const ids = bundles.map(({ leadId }) => leadId);
  await sql`delete from personal_data where lead_id = any(${ids}::uuid[])`.execute(tx);
  const replaced = await giveUpBundles(tx, ids, at);
  await sql`delete from archive_stray where object = any(${bundles.map(({ object }) => object)}::text[])`.execute(tx);
  const rows = bundles.map(({ leadId, size, numberCheck, storedAt, verifiedAt, ...bundle }) => {
    const times = { stored_at: storedAt, verified_at: verifiedAt, hot_removed_at: at };
    return { ...bundle, lead_id: leadId, size_bytes: size, number_check: numberCheck, ...times };
  });
  await tx.insertInto('archive_bundle').values(rows).execute();
  await sql`update lead set archived_at = coalesce(archived_at, ${at}), retrieved_until = null where id = any(${ids}::uuid[])`.execute(tx);
  await sql`
    update retrieval set returned_at = ${at}
    where lead_id = any(${ids}::uuid[]) and back_at is not null and returned_at is null`.execute(tx);
  return replaced;
}

/** Makes strays of the bundles of some leads, and answers their objects. */
async function giveUpBundles(tx: Tx, leadIds: readonly string[], at: Date): Promise<string[]> {
  const { rows } = await sql<{ object: string }>`
    with given_up as (delete from archive_bundle where lead_id = any(${leadIds}::uuid[]) returning object, lead_id)
    insert into archive_stray (object, lead_id, since) select object, lead_id, ${at} from given_up returning object`.execute(tx);
  return rows.map(({ object }) => object);
}

/** A lead whose personal data goes back into the hot tables. */
export interface Return {
  leadId: string;
  rows: readonly SealedRow[];
  /** Whether it stays, because it was acquired again; else a retrieval brings it back for a while. */
  isForGood: boolean;
}

/**
 * Brings leads back, which are locked. What came in of them meanwhile stays beside what was archived; requests that wait for them
 * are told. Answers the objects that are not needed any more, which have become strays.
 */
export async function bringBack(tx: Tx, returns: readonly Return[], at: Date): Promise<string[]> {
  const rows = returns.flatMap(({ leadId, rows: sealed }) => sealed.map((row) => {
    return { lead_id: leadId, fact_id: row.factId, tier: row.tier, sealed: row.sealed, email_token: row.emailToken };
  }));
  if (rows.length > 0) await tx.insertInto('personal_data').values(rows).onConflict((conflict) => conflict.doNothing()).execute();
  const staying = returns.filter(({ isForGood }) => isForGood).map(({ leadId }) => leadId);
  const ids = returns.map(({ leadId }) => leadId);
  const givenUp = await giveUpBundles(tx, staying, at);
  await sql`update archive_bundle set hot_removed_at = null where lead_id = any(${ids}::uuid[])`.execute(tx);
  await sql`
    update lead set archived_at = null, retrieved_until = case when id = any(${staying}::uuid[]) then null else retrieved_until end
    where id = any(${ids}::uuid[])`.execute(tx);
  await sql`
    update retrieval set back_at = ${at}
    where lead_id = any(${ids}::uuid[]) and approved_at is not null and back_at is null and until > ${at}`.execute(tx);
  await tellRequestsOf(tx, ids.map((leadId) => ({ leadId, factId: leadId })), 'back from the archive', at);
  return givenUp;
}

/** How much is on record of some leads, as `archivedWith` counts it. */
export async function countFacts(
  db: Db, leadIds: readonly string[],
): Promise<Map<string, { acquisitions: number; grants: number }>> {
  const { rows } = await sql<{ id: string; acquisitions: number; grants: number }>`
    select asked.id, (select count(*)::int from acquisition where lead_id = asked.id) as acquisitions,
      (select count(*)::int from consent_event where lead_id = asked.id and kind in ('granted', 'confirmed')) as grants
    from unnest(${leadIds}::uuid[]) as asked (id)`.execute(db);
  return new Map(rows.map(({ id, ...counts }) => [id, counts]));
}

/**
 * Which of some archived leads have had an acquisition or a consent since, and nobody has back for a while: of those the bundle
 * is kept, which also tells what has come in since.
 */
export async function wantedAgain(db: Db, leadIds: readonly string[], at: Date): Promise<Set<string>> {
  const { rows } = await sql<{ id: string; acquisitions: number; grants: number }>`
    select lead_id as id, acquisitions, grants from archive_bundle join lead on lead.id = lead_id
    where lead_id = any(${leadIds}::uuid[]) and (retrieved_until is null or retrieved_until <= ${at})`.execute(db);
  const counts = await countFacts(db, leadIds);
  return new Set(rows.flatMap(({ id, ...then }) => {
    const now = counts.get(id);
    return now && (now.acquisitions > then.acquisitions || now.grants > then.grants) ? [id] : [];
  }));
}
