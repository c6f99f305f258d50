import { sql, type Insertable } from 'kysely';
import type { ConsentEvent } from '../domain/consent.ts';
import type { Confirmation } from '../domain/source.ts';
import type { SubscriberEvent } from '../domain/subscriber-event.ts';
import type { Db, Tx } from './connection.ts';
import { newId } from './ids.ts';
import type { ConsentEventRow, ConsentEventTable } from './schema.ts';
import { publish } from './subscriber-events.ts';

/** The consent ledgers of some leads, by lead id, oldest event first. A lead without events is not among the keys. */
export async function consentLedgers(db: Db, leadIds: readonly string[]): Promise<Map<string, ConsentEvent[]>> {
  const rows = await db
    .selectFrom('consent_event')
    .select(['id', 'lead_id', 'acquisition_id', 'kind', 'channel', 'purpose', 'grade', 'effect', 'happened_at', 'received_at', 'expires_at'])
    .select(['confirmation', 'origin', 'own_act'])
    .where('lead_id', '=', sql<string>`any(${leadIds}::uuid[])`)
    .orderBy('happened_at')
    .orderBy('id')
    .execute();
  const ledgers = new Map<string, ConsentEvent[]>();
  for (const row of rows) {
    const ledger = ledgers.get(row.lead_id) ?? [];
    ledger.push(ledgerEventOf(row));
    ledgers.set(row.lead_id, ledger);
  }
  return ledgers;
}

type LedgerColumn = 'id' | 'acquisition_id' | 'kind' | 'channel' | 'purpose' | 'grade' | 'effect' | 'happened_at' | 'received_at' | 'expires_at'
  | 'confirmation' | 'origin' | 'own_act';

/** An event as the rules see it. */
export function ledgerEventOf(row: Pick<ConsentEventRow, LedgerColumn>): ConsentEvent {
  const { id, kind, channel, purpose, grade, effect, confirmation, origin } = row;
  return {
    id, kind, channel, purpose, grade, effect, confirmation,
    carried: row.acquisition_id !== null || origin !== null,
    happenedAt: row.happened_at,
    receivedAt: row.received_at,
    expiresAt: row.expires_at,
    file: origin === null ? null : { path: origin, ownAct: row.own_act },
  };
}

export type NewConsentRow = Insertable<ConsentEventTable>;
export type NewConsentEvent = Omit<NewConsentRow, 'id'>;

/** Adds an event to a ledger, and tells who subscribes to that. */
export async function insertConsentEvent(tx: Tx, event: NewConsentEvent): Promise<ConsentEventRow> {
  const row = await tx.insertInto('consent_event').values({ id: newId(), ...event }).returningAll().executeTakeFirstOrThrow();
  await publish(tx, [consentChanged(row)], row.received_at);
  return row;
}

type LedgerEntry = Pick<ConsentEventRow, 'id' | 'lead_id' | 'kind' | 'channel' | 'purpose' | 'received_at'>;

/** What subscribers hear of an event on a ledger. */
export function consentChanged({ id, lead_id: leadId, kind, channel, purpose, received_at: at }: LedgerEntry): SubscriberEvent {
  return { type: 'consent.changed', leadId, factId: id, at, words: { kind, channel, purpose } };
}

/** Adds many events, with their ids, and tells who subscribes to that. */
export async function insertConsentRows(tx: Tx, events: readonly NewConsentRow[], now: Date): Promise<void> {
  if (events.length === 0) return;
  await tx.insertInto('consent_event').values(events).execute();
  await publish(tx, events.map(consentChanged), now);
}

/** One event of any ledger. */
export async function findConsentEvent(db: Db, id: string): Promise<ConsentEventRow | null> {
  return (await db.selectFrom('consent_event').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** A lead's ledger in the order in which things happened, after a place in that order; at most `limit` events. */
export async function consentHistory(
  db: Db, leadId: string, after: { at: Date; id: string } | null, limit: number,
): Promise<ConsentEventRow[]> {
  return db
    .selectFrom('consent_event')
    .selectAll()
    .where('lead_id', '=', leadId)
    .$if(after !== null, (query) => query.where(sql<boolean>`(happened_at, id) > (${after?.at}, ${after?.id}::uuid)`))
    .orderBy('happened_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** The source of a lead that has a consent text of a version, the one that brought the lead last when several have. */
export async function findConsentText(
  db: Db, leadId: string, version: string,
): Promise<{ sourceId: string; confirmation: Confirmation } | null> {
  const row = await db
    .selectFrom('acquisition')
    .innerJoin('source', 'source.id', 'acquisition.source_id')
    .select(['source.id as sourceId', 'source.confirmation'])
    .where('lead_id', '=', leadId)
    .where(sql<boolean>`source.consent_texts @> ${JSON.stringify([{ version }])}::jsonb`)
    .orderBy('received_at', 'desc')
    .orderBy('acquisition.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** What the source that brought a lead last asks of consents. */
export async function lastConfirmation(db: Db, leadId: string): Promise<Confirmation> {
  const row = await db
    .selectFrom('acquisition')
    .innerJoin('source', 'source.id', 'acquisition.source_id')
    .select('source.confirmation')
    .where('lead_id', '=', leadId)
    .orderBy('received_at', 'desc')
    .orderBy('acquisition.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.confirmation ?? 'none';
}

/**
 * Consents that came in with an acquisition or a file while a withdrawal stood, and that the person has not repeated since,
 * after an id; at most `limit`.
 */
export async function waitingConsents(db: Db, after: string | null, limit: number): Promise<ConsentEventRow[]> {
  const { rows } = await sql<ConsentEventRow>`
    select * from consent_event waiting
    where effect = 'waiting' and ${after === null ? sql`true` : sql`id > ${after}::uuid`}
      and not exists (
        select 1 from consent_event own
        where own.lead_id = waiting.lead_id and own.kind = 'granted' and own.acquisition_id is null and own.origin is null and own.id > waiting.id
          and own.channel = waiting.channel and own.purpose = waiting.purpose
      )
    order by id limit ${limit}`.execute(db);
  return rows;
}

/** The language of the text that a person agreed to last, where its source has it; null where none is known. */
export async function languageOfConsents(db: Db, leadId: string): Promise<string | null> {
  const row = await db
    .selectFrom('consent_event')
    .innerJoin('source', 'source.id', 'consent_event.text_source_id')
    .select(['source.consent_texts', 'consent_event.text_version'])
    .where('lead_id', '=', leadId)
    .orderBy('happened_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.consent_texts.find(({ version }) => version === row.text_version)?.language ?? null;
}
