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

/**
 * What the acquisitions and corrections of some leads told of the person (tier L2), opened, oldest first. Leads without a key are
 * left out, and so are acquisitions beyond many; corrections never.
 */
export async function openPersonRecords(db: Db, vault: Vault, leadIds: readonly string[]): Promise<Map<string, object[]>> {
  const { rows } = await sql<SealedRecord>`
    select key.lead_id as "leadId", key.kek, key.wrapped, data.fact_id as "factId", data.sealed
    from keyring.subject_key key cross join lateral (
      (select fact_id, sealed from personal_data
      where lead_id = key.lead_id and tier = 2
        and (fact_id = key.lead_id or exists (select 1 from acquisition where acquisition.id = fact_id))
      order by fact_id limit ${RECORDS_PER_LEAD})
      union all
      select fact_id, sealed from correction
      join personal_data on personal_data.lead_id = correction.lead_id and fact_id = correction.id and tier = 2
      where correction.lead_id = key.lead_id
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

/** How sensitive a record is, and by which address it can be found. */
interface Placing {
  tier?: 1 | 2;
  emailToken?: bigint | null;
}

/**
 * Seals a text under a lead's own key as the personal data of a fact. False when the lead's key is gone; until the commit it
 * cannot go.
 */
export async function sealForLead(
  tx: Tx, vault: Vault, leadId: string, factId: string, plain: string, { tier = 2, emailToken = null }: Placing = {},
): Promise<boolean> {
  const stored = await tx.selectFrom('keyring.subject_key').select(['kek', 'wrapped']).where('lead_id', '=', leadId).forShare().executeTakeFirst();
  if (!stored) return false;
  const sealed = seal(vault.unwrapKey(leadId, stored), { leadId, factId, tier }, plain);
  await tx.insertInto('personal_data').values({ lead_id: leadId, fact_id: factId, tier, sealed, email_token: emailToken }).execute();
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

/** A record of a lead, opened: the fact that it belongs to, and how sensitive it is. */
export interface OpenedRecord {
  factId: string;
  tier: 1 | 2;
  record: object;
}

const MOST_RECORDS = 10_000;

/** Everything that is sealed of one lead, opened, oldest first; null where its key is gone. */
export async function openEverything(db: Db, vault: Vault, leadId: string): Promise<OpenedRecord[] | null> {
  const stored = await db.selectFrom('keyring.subject_key').select(['kek', 'wrapped']).where('lead_id', '=', leadId).executeTakeFirst();
  if (!stored) return null;
  const key = vault.unwrapKey(leadId, stored);
  const rows = await db
    .selectFrom('personal_data')
    .select(['fact_id', 'tier', 'sealed'])
    .where('lead_id', '=', leadId)
    .orderBy('fact_id')
    .limit(MOST_RECORDS)
    .execute();
  return rows.map(({ fact_id: factId, tier, sealed }) => {
    return { factId, tier, record: JSON.parse(open(key, { leadId, factId, tier }, sealed)) as object };
  });
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
