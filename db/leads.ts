import { sql, type Insertable } from 'kysely';
import type { LineType } from '../domain/clearance.ts';
import type { Db, Tx } from './connection.ts';
import type {
  AcquisitionTable, ConsentEventTable, LeadRow, LeadTable, OutboxTable, PersonalDataTable, SubjectKeyTable,
} from './schema.ts';
import { numberCheck, open, type Vault, type WrappedKey } from './vault.ts';

/** The rows that a batch of acquisitions adds, table by table. */
export interface AcquisitionRows {
  leads: Insertable<LeadTable>[];
  subjectKeys: Insertable<SubjectKeyTable>[];
  personalData: Insertable<PersonalDataTable>[];
  acquisitions: Insertable<AcquisitionTable>[];
  consentEvents: Insertable<ConsentEventTable>[];
  outbox: Insertable<OutboxTable>[];
}

/** A lead that is on the books already, with what is needed to recognise its number and to seal more under its key. */
export interface KnownLead {
  id: string;
  token: bigint;
  collision: number;
  stage: LeadRow['stage'];
  jurisdictions: string[];
  zones: string[];
  lineType: LineType | null;
  isCompany: boolean;
  /** Null for an archived lead that is none of the numbers it was looked for with. */
  phone: string | null;
  key: Buffer;
}

/** Keeps other requests with the same number waiting until this transaction ends. */
export async function lockToken(tx: Tx, token: bigint): Promise<void> {
  await sql`select pg_advisory_xact_lock(${token})`.execute(tx);
}

/** Keeps withdrawals of consent for some leads waiting until this transaction ends. */
export async function lockLeads(db: Db, leadIds: readonly string[]): Promise<void> {
  await sql`select 1 from lead where id = any(${leadIds}::uuid[]) order by id for no key update`.execute(db);
}

/** Keeps some leads from being disposed of until this transaction ends. Answers those that are there still. */
export async function keepLeads(db: Db, leadIds: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from lead where id = any(${leadIds}::uuid[]) and token is not null order by id for key share`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

type SealedLead = Omit<KnownLead, 'phone' | 'key'> & WrappedKey & { sealed: Buffer | null; numberCheck: Buffer | null };

/**
 * The leads behind some tokens, opened. A token without a lead is not among them; one may have several (a collision). Of an
 * archived lead the number is not at hand: it is recognised when it is among `numbers`. The limits keep PostgreSQL from starting
 * at the other end, with all personal data there is, when its figures are out of date.
 */
export async function findLeadsByToken(
  db: Db, vault: Vault, tokens: readonly bigint[], numbers: readonly string[] = [],
): Promise<KnownLead[]> {
  const { rows } = await sql<SealedLead>`
    select lead.id, lead.token, lead.collision, lead.stage, lead.jurisdictions, lead.zones,
      lead.line_type as "lineType", lead.is_company as "isCompany", key.kek, key.wrapped, data.sealed, bundle.number_check as "numberCheck"
    from lead
    cross join lateral (select kek, wrapped from keyring.subject_key where lead_id = lead.id limit 1) key
    left join lateral (
      select sealed from personal_data where lead_id = lead.id and fact_id = lead.id and tier = 2 limit 1
    ) data on true
    left join lateral (select number_check from archive_bundle where lead_id = lead.id limit 1) bundle on data.sealed is null
    where lead.token = any(${tokens.map(String)}::bigint[])`.execute(db);
  const candidates = rows.some(({ sealed }) => sealed === null) ? numbersByToken(vault, numbers) : new Map<bigint, string[]>();
  return rows.flatMap(({ kek, wrapped, sealed, numberCheck: check, ...lead }) => {
    const key = vault.unwrapKey(lead.id, { kek, wrapped });
    if (sealed !== null) {
      const record = JSON.parse(open(key, { leadId: lead.id, factId: lead.id, tier: 2 }, sealed)) as { phone: string };
      return [{ ...lead, key, phone: record.phone }];
    }
    if (check === null) return [];
    const phone = candidates.get(lead.token)?.find((number) => numberCheck(key, number).equals(check)) ?? null;
    return [{ ...lead, key, phone }];
  });
}

function numbersByToken(vault: Vault, numbers: readonly string[]): Map<bigint, string[]> {
  const distinct = [...new Set(numbers)];
  const tokens = vault.phoneTokens(distinct);
  return Map.groupBy(distinct, (_, nth) => tokens[nth] ?? 0n);
}

/** Adds the leads and answers how many of them were really new: fewer when somebody else brought a number just now. */
export async function insertLeads(tx: Tx, leads: readonly Insertable<LeadTable>[]): Promise<number> {
  if (leads.length === 0) return 0;
  const inserted = await tx
    .insertInto('lead')
    .values(leads)
    .onConflict((conflict) => conflict.columns(['token', 'collision']).doNothing())
    .returning('id')
    .execute();
  return inserted.length;
}

/** Adds everything else that a batch of acquisitions brought. */
export async function insertAcquisitionRows(tx: Tx, rows: AcquisitionRows): Promise<void> {
  if (rows.subjectKeys.length > 0) await tx.insertInto('keyring.subject_key').values(rows.subjectKeys).execute();
  if (rows.acquisitions.length > 0) await tx.insertInto('acquisition').values(rows.acquisitions).execute();
  if (rows.personalData.length > 0) await tx.insertInto('personal_data').values(rows.personalData).execute();
  if (rows.consentEvents.length > 0) await tx.insertInto('consent_event').values(rows.consentEvents).execute();
  if (rows.outbox.length > 0) await tx.insertInto('outbox').values(rows.outbox).execute();
}
