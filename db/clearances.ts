import { sql, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import { binaryArray, type OIDS } from './binary-array.ts';
import { asBytes, asInteger, asText, asTimestamp, asUuid, type Encode } from './binary.ts';
import type { ClearanceTable, ContactTable } from './gate-schema.ts';
import { named } from './named.ts';

/** A clearance as it is put on record. */
export type NewClearance = Selectable<ClearanceTable>;

type Column = (rows: readonly NewClearance[]) => Buffer;

const column = <T>(type: keyof typeof OIDS, encode: Encode<T>, valueOf: (row: NewClearance) => T | null): Column => {
  return (rows) => binaryArray(type, encode, rows.map(valueOf));
};

/** Words of the code and codes of jurisdictions, which need no quotes. */
const arrayText = (words: readonly string[]) => `{${words.join()}}`;

/** The columns of a clearance in the order of the statement below, each as one parameter. */
const COLUMNS = {
  id: column('uuid', asUuid, ({ id }) => id),
  lead_id: column('uuid', asUuid, ({ lead_id }) => lead_id),
  at: column('timestamptz', asTimestamp, ({ at }) => at),
  decision: column('text', asText, ({ decision }) => decision),
  channel: column('text', asText, ({ channel }) => channel),
  purpose: column('text', asText, ({ purpose }) => purpose),
  campaign: column('text', asText, ({ campaign }) => campaign),
  seller: column('text', asText, ({ seller }) => seller),
  agent: column('text', asText, ({ agent }) => agent),
  dialer_mode: column('text', asText, ({ dialer_mode }) => dialer_mode),
  caller_id: column('text', asText, ({ caller_id }) => caller_id),
  valid_until: column('timestamptz', asTimestamp, ({ valid_until }) => valid_until),
  not_before: column('timestamptz', asTimestamp, ({ not_before }) => not_before),
  policy_version: column('text', asText, ({ policy_version }) => policy_version),
  settings_version: column('int4', asInteger, ({ settings_version }) => settings_version),
  reason_codes: column('text', asText, ({ reason_codes }) => arrayText(reason_codes)),
  reason_jurisdictions: column('text', asText, ({ reason_jurisdictions }) => arrayText(reason_jurisdictions)),
  answer: column('text', asText, ({ answer }) => answer),
  facts: column('text', asText, ({ facts }) => facts),
  person: column('bytea', asBytes, ({ person }) => person),
  asked_by: column('text', asText, ({ asked_by }) => asked_by),
} satisfies Record<keyof NewClearance, Column>;

type Columns = Record<keyof NewClearance, Buffer>;

/** A reservation that still holds cannot be taken over: `until` would be null, which its column refuses. */
const insertRecords: (db: Db, values: Columns) => Promise<object[]> = named('gate_record', (of) => sql`
  with asked as materialized (
    select * from unnest(${of.id}::uuid[], ${of.lead_id}::uuid[], ${of.at}::timestamptz[], ${of.decision}::text[], ${of.channel}::text[],
      ${of.purpose}::text[], ${of.campaign}::text[], ${of.seller}::text[], ${of.agent}::text[], ${of.dialer_mode}::text[],
      ${of.caller_id}::text[], ${of.valid_until}::timestamptz[], ${of.not_before}::timestamptz[], ${of.policy_version}::text[],
      ${of.settings_version}::integer[], ${of.reason_codes}::text[], ${of.reason_jurisdictions}::text[], ${of.answer}::text[],
      ${of.facts}::text[], ${of.person}::bytea[], ${of.asked_by}::text[]) as asked (id, lead_id, at, decision, channel, purpose,
      campaign, seller, agent, dialer_mode, caller_id, valid_until, not_before, policy_version, settings_version, reason_codes,
      reason_jurisdictions, answer, facts, person, asked_by)
  ), recorded as (
    insert into clearance (id, lead_id, at, decision, channel, purpose, campaign, seller, agent, dialer_mode, caller_id, valid_until,
      not_before, policy_version, settings_version, reason_codes, reason_jurisdictions, answer, facts, person, asked_by)
    select id, lead_id, at, decision, channel, purpose, campaign, seller, agent, dialer_mode, caller_id, valid_until, not_before,
      policy_version, settings_version, reason_codes::text[], reason_jurisdictions::text[], answer, facts, person, asked_by from asked
  )
  insert into reservation as held (lead_id, clearance_id, until)
  select lead_id, id, valid_until from asked where decision = 'allow' order by lead_id
  on conflict (lead_id) do update set clearance_id = excluded.clearance_id,
    until = case when held.until <= (select at from asked limit 1) then excluded.until end`);

/**
 * Puts clearances on record and reserves the persons of those that allow. The caller holds the locks of the persons, so that
 * nobody else can have reserved one since the facts were read; should it be so all the same, nothing is kept.
 */
export async function insertClearances(tx: Tx, clearances: readonly NewClearance[]): Promise<void> {
  const columns = Object.entries(COLUMNS).map(([name, encode]) => [name, encode(clearances)]);
  await insertRecords(tx, Object.fromEntries(columns) as Columns);
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

/** The id of the latest clearance, where there are any after a given one; null otherwise. */
export async function latestClearance(db: Db, after: string): Promise<string | null> {
  const row = await db.selectFrom('clearance').select('id').where('id', '>', after).orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row?.id ?? null;
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
