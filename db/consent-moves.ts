import { sql } from 'kysely';
import type { Channel } from '../domain/consent.ts';
import type { Confirmation } from '../domain/source.ts';
import type { Db } from './connection.ts';
import { openAll, type SealedRecord } from './person-records.ts';
import type { ConsentEventRow } from './schema.ts';
import type { Vault } from './vault.ts';

/** What consents that come in a file have to be seen with. */
export interface ConsentFacts {
  /** What the source that brought a lead last asks of its consents, by lead. */
  confirmations: ReadonlyMap<string, Confirmation>;
  /** The source that has a text, by lead and version with a blank between. */
  textSources: ReadonlyMap<string, string>;
  /** Suppressions in force. */
  suppressions: readonly { leadId: string; channel: Channel | 'all' }[];
}

/** Reads them for some leads, and for the text versions that each is said to have agreed to. */
export async function consentFactsOf(
  db: Db, leadIds: readonly string[], texts: readonly { leadId: string; version: string }[],
): Promise<ConsentFacts> {
  const { rows: asked } = await sql<{ leadId: string; confirmation: Confirmation }>`
    select asked.id as "leadId", latest.confirmation from unnest(${leadIds}::uuid[]) as asked (id) cross join lateral (
      select source.confirmation from acquisition join source on source.id = source_id
      where lead_id = asked.id order by received_at desc, acquisition.id desc limit 1) latest`.execute(db);
  const { rows: named } = await sql<{ leadId: string; version: string; sourceId: string }>`
    select asked.id as "leadId", asked.version, latest.id as "sourceId"
    from unnest(${texts.map(({ leadId }) => leadId)}::uuid[], ${texts.map(({ version }) => version)}::text[]) as asked (id, version)
    cross join lateral (
      select source.id from acquisition join source on source.id = source_id
      where lead_id = asked.id and source.consent_texts @> jsonb_build_array(jsonb_build_object('version', asked.version))
      order by received_at desc, acquisition.id desc limit 1) latest`.execute(db);
  const { rows: suppressions } = await sql<{ leadId: string; channel: Channel | 'all' }>`
    select lead.id as "leadId", suppression.channel from lead join suppression on suppression.token = lead.token
    where lead.id = any(${leadIds}::uuid[]) and lifted_at is null`.execute(db);
  return {
    confirmations: new Map(asked.map(({ leadId, confirmation }) => [leadId, confirmation])),
    textSources: new Map(named.map(({ leadId, version, sourceId }) => [`${leadId} ${version}`, sourceId])),
    suppressions,
  };
}

/** Leads with consent events, those after a lead (an id); at most `limit`. */
export async function leadsWithConsents(db: Db, after: string, limit: number): Promise<string[]> {
  // One step down the index for each lead, however many events it has.
  const { rows } = await sql<{ id: string }>`
    with recursive next (id, nth) as (
      (select lead_id, 1 from consent_event where lead_id > ${after}::uuid order by lead_id limit 1)
      union all
      select (select lead_id from consent_event where lead_id > next.id order by lead_id limit 1), nth + 1
      from next where next.id is not null and nth < ${limit}
    ) select id from next where id is not null`.execute(db);
  return rows.map(({ id }) => id);
}

/** How many people are in the archive: their consents are on record here, their numbers are not at hand. */
export async function countArchived(db: Db): Promise<number> {
  const { count } = await db.selectFrom('lead').select(sql<bigint>`count(*)`.as('count')).where('stage', '=', 'archived').executeTakeFirstOrThrow();
  return Number(count);
}

/** The events of a lead after one of them, oldest first; at most `limit`. */
export async function consentEventsOf(
  db: Db, leadIds: readonly string[], after: Pick<ConsentEventRow, 'lead_id' | 'happened_at' | 'id'> | null, limit: number,
): Promise<ConsentEventRow[]> {
  const place = sql<boolean>`(lead_id, happened_at, id) > (${after?.lead_id}::uuid, ${after?.happened_at}, ${after?.id}::uuid)`;
  return db
    .selectFrom('consent_event')
    .selectAll()
    .where('lead_id', '=', sql<string>`any(${leadIds}::uuid[])`)
    .$if(after !== null, (query) => query.where(place))
    .orderBy('lead_id')
    .orderBy('happened_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** What some facts of leads tell, opened, by fact id; facts of which nothing is kept are not among them. */
export async function openFacts(
  db: Db, vault: Vault, facts: readonly { leadId: string; factId: string }[],
): Promise<Map<string, object>> {
  const { rows } = await sql<SealedRecord>`
    select key.lead_id as "leadId", key.kek, key.wrapped, data.fact_id as "factId", data.sealed
    from unnest(${facts.map(({ leadId }) => leadId)}::uuid[], ${facts.map(({ factId }) => factId)}::uuid[]) as asked (lead_id, fact_id)
    join keyring.subject_key key on key.lead_id = asked.lead_id
    join personal_data data on data.lead_id = asked.lead_id and data.fact_id = asked.fact_id and data.tier = 2`.execute(db);
  const opened = openAll(vault, rows);
  const nth = new Map<string, number>();
  return new Map(rows.map(({ leadId, factId }) => {
    const index = nth.get(leadId) ?? 0;
    nth.set(leadId, index + 1);
    return [factId, opened.get(leadId)?.[index] ?? {}];
  }));
}
