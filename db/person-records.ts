import { sql, type Insertable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import type { PersonalDataTable } from './schema.ts';
import { open, seal, type Vault, type WrappedKey } from './vault.ts';

/** A first and many later records can tell of one person; more than this many say nothing new. */
const RECORDS_PER_LEAD = 200;

/** A record as it is stored, with the key of its lead. */
export interface SealedRecord extends WrappedKey {
  leadId: string;
  factId: string;
  sealed: Buffer;
}

/** What the acquisitions of some leads told of the person (tier L2), opened, oldest first. Leads without a key are left out. */
export async function openPersonRecords(db: Db, vault: Vault, leadIds: readonly string[]): Promise<Map<string, object[]>> {
  const { rows } = await sql<SealedRecord>`
    select key.lead_id as "leadId", key.kek, key.wrapped, data.fact_id as "factId", data.sealed
    from keyring.subject_key key cross join lateral (
      select fact_id, sealed from personal_data
      where lead_id = key.lead_id and tier = 2
        and (fact_id = key.lead_id or exists (select 1 from acquisition where acquisition.id = fact_id))
      order by fact_id limit ${RECORDS_PER_LEAD}
    ) data
    where key.lead_id = any(${leadIds}::uuid[])
    order by key.lead_id, data.fact_id`.execute(db);
  return openAll(vault, rows);
}

/** As `openPersonRecords`, but only the record that made each lead: the one that holds its number. */
export async function openFirstRecords(db: Db, vault: Vault, leadIds: readonly string[]): Promise<Map<string, object[]>> {
  const { rows } = await sql<SealedRecord>`
    select key.lead_id as "leadId", key.kek, key.wrapped, data.fact_id as "factId", data.sealed
    from keyring.subject_key key
    join personal_data data on data.lead_id = key.lead_id and data.fact_id = key.lead_id and data.tier = 2
    where key.lead_id = any(${leadIds}::uuid[])`.execute(db);
  return openAll(vault, rows);
}

/** Seals a text under a lead's own key as the personal data of a fact. False when the lead's key is gone; until the commit it cannot go. */
export async function sealForLead(tx: Tx, vault: Vault, leadId: string, factId: string, plain: string): Promise<boolean> {
  const stored = await tx.selectFrom('keyring.subject_key').select(['kek', 'wrapped']).where('lead_id', '=', leadId).forShare().executeTakeFirst();
  if (!stored) return false;
  const sealed = seal(vault.unwrapKey(leadId, stored), { leadId, factId, tier: 2 }, plain);
  await tx.insertInto('personal_data').values({ lead_id: leadId, fact_id: factId, tier: 2, sealed }).execute();
  return true;
}

/** Adds records that have been sealed. */
export async function insertPersonalData(tx: Tx, records: readonly Insertable<PersonalDataTable>[]): Promise<void> {
  if (records.length > 0) await tx.insertInto('personal_data').values(records).execute();
}

/** What a fact tells of a person, opened; null where nothing is kept of it. */
export async function openFact(db: Db, vault: Vault, leadId: string, factId: string): Promise<object | null> {
  const { rows } = await sql<SealedRecord>`
    select key.lead_id as "leadId", key.kek, key.wrapped, data.fact_id as "factId", data.sealed
    from keyring.subject_key key
    join personal_data data on data.lead_id = key.lead_id and data.fact_id = ${factId} and data.tier = 2
    where key.lead_id = ${leadId}`.execute(db);
  return openAll(vault, rows).get(leadId)?.[0] ?? null;
}

/** Opens records, in their order, by lead. */
export function openAll(vault: Vault, rows: readonly SealedRecord[]): Map<string, object[]> {
  const keys = new Map<string, Buffer>();
  const records = new Map<string, object[]>();
  for (const { leadId, factId, sealed, ...stored } of rows) {
    const key = keys.get(leadId) ?? vault.unwrapKey(leadId, stored);
    keys.set(leadId, key);
    const record = JSON.parse(open(key, { leadId, factId, tier: 2 }, sealed)) as object;
    records.set(leadId, [...(records.get(leadId) ?? []), record]);
  }
  return records;
}
