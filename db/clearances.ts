import { sql, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { named } from './named.ts';
import type { ClearanceTable, ContactTable } from './gate-schema.ts';

/** A clearance as it is put on record; answer and facts are kept as they are. */
export interface NewClearance {
  id: string;
  lead_id: string | null;
  at: Date;
  decision: ClearanceTable['decision'];
  channel: ClearanceTable['channel'];
  purpose: ClearanceTable['purpose'];
  campaign: string | null;
  seller: string;
  agent: string | null;
  dialer_mode: ClearanceTable['dialer_mode'];
  caller_id: string | null;
  valid_until: Date | null;
  not_before: Date | null;
  policy_version: string;
  settings_version: number;
  reason_codes: readonly string[];
  reason_jurisdictions: readonly string[];
  answer: unknown;
  facts: unknown;
  /** `\x` and hexadecimal digits. */
  person: string;
  asked_by: string;
}

const insertRecords: (db: Db, values: { clearances: string; at: Date }) => Promise<{ clearance_id: string }[]> =
  named('gate_record', ({ clearances, at }) => sql`
  with asked as materialized (
    select * from json_to_recordset(${clearances}::json) as asked (
      id uuid, lead_id uuid, at timestamptz, decision text, channel text, purpose text, campaign text, seller text, agent text,
      dialer_mode text, caller_id text, valid_until timestamptz, not_before timestamptz, policy_version text,
      settings_version integer, reason_codes text[], reason_jurisdictions text[], answer json, facts json, person bytea, asked_by text)
  ), recorded as (
    insert into clearance (id, lead_id, at, decision, channel, purpose, campaign, seller, agent, dialer_mode, caller_id, valid_until,
      not_before, policy_version, settings_version, reason_codes, reason_jurisdictions, answer, facts, person, asked_by)
    select * from asked
  )
  insert into reservation (lead_id, clearance_id, until)
  select lead_id, id, valid_until from asked where decision = 'allow' order by lead_id
  on conflict (lead_id) do update set clearance_id = excluded.clearance_id, until = excluded.until where reservation.until <= ${at}
  returning clearance_id`);

/**
 * Puts clearances on record and reserves the persons of those that allow. The caller holds the locks of the persons, so that
 * nobody else can have reserved one since the facts were read; should it be so all the same, nothing is kept.
 */
export async function insertClearances(tx: Tx, clearances: readonly NewClearance[], at: Date): Promise<void> {
  const allowed = clearances.filter(({ decision }) => decision === 'allow').length;
  const reserved = await insertRecords(tx, { clearances: JSON.stringify(clearances), at });
  if (reserved.length !== allowed) throw new Error('a person was reserved without the lock');
}

/** Keeps the values of law behind some policy versions; known ones stay as they are. */
export async function keepLaws(tx: Tx, laws: readonly { version: string; document: string }[], at: Date): Promise<void> {
  const rows = [...laws].sort((a, b) => (a.version < b.version ? -1 : 1)).map((law) => ({ ...law, first_used_at: at }));
  if (rows.length > 0) await tx.insertInto('law').values(rows).onConflict((conflict) => conflict.doNothing()).execute();
}

/** The values of law behind a policy version, or null when no answer rests on it. */
export async function findLaw(db: Db, version: string): Promise<unknown> {
  const row = await db.selectFrom('law').select('document').where('version', '=', version).executeTakeFirst();
  return row?.document ?? null;
}

export type ClearanceRow = Selectable<ClearanceTable>;

export async function findClearance(db: Db, id: string): Promise<ClearanceRow | null> {
  return (await db.selectFrom('clearance').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** What came of a cleared contact. */
export type RecordedOutcome = Pick<Selectable<ContactTable>, 'id' | 'outcome' | 'started_at' | 'ended_at'>;

/** The outcome of a clearance, or null when nobody said yet. */
export async function findOutcome(db: Db, clearanceId: string): Promise<RecordedOutcome | null> {
  const row = await db
    .selectFrom('contact')
    .select(['id', 'outcome', 'started_at', 'ended_at'])
    .where('clearance_id', '=', clearanceId)
    .executeTakeFirst();
  return row ?? null;
}

/** Ends the reservation that a clearance made, where it is still its own. */
export async function endReservation(tx: Tx, clearanceId: string, leadId: string): Promise<void> {
  await tx.deleteFrom('reservation').where('lead_id', '=', leadId).where('clearance_id', '=', clearanceId).execute();
}

/** Removes reservations that have ended by themselves. Answers how many. */
export async function forgetReservations(db: Db, now: Date): Promise<number> {
  const { numDeletedRows } = await db.deleteFrom('reservation').where('until', '<=', now).executeTakeFirst();
  return Number(numDeletedRows);
}
