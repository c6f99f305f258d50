import { sql, type Selectable } from 'kysely';
import type { ConsentEvent } from '../domain/consent.ts';
import type { SuppressionKind } from '../domain/lead.ts';
import type { Db } from './connection.ts';
import { named } from './named.ts';
import type { WaitingStatementTable, WebhookEventTable } from './webhook-schema.ts';

export type WebhookEventRow = Selectable<WebhookEventTable>;
export type WaitingStatementRow = Selectable<WaitingStatementTable>;
/** A statement, with the open request that it became when nobody knew whose it was. */
export type TakenStatement = WaitingStatementRow & { request_id: string | null };

/** What became of the events of a source, newest first, those before an id; at most `limit`. */
export async function listWebhookEvents(
  db: Db, sourceId: string, { before, result }: { before: string | null; result: WebhookEventRow['result'] | undefined }, limit: number,
): Promise<WebhookEventRow[]> {
  let query = db.selectFrom('webhook_event').selectAll().where('webhook_source_id', '=', sourceId).orderBy('id', 'desc').limit(limit);
  if (before !== null) query = query.where('id', '<', before);
  if (result !== undefined) query = query.where('result', '=', result);
  return query.execute();
}

/** Which of some events were taken before, by their keys. */
export const knownWebhookEvents: (db: Db, values: { keys: string[] }) => Promise<{ key: string }[]> =
  named('webhook_known', ({ keys }) => sql`select key from webhook_event where key = any(${keys}::uuid[]) and result <> 'duplicate'`);

/** The numbers, as pseudonyms, of contacts that a source calls by some references, the one learned last first. */
export const tokensOfReferences: (db: Db, values: { references: string[] }) => Promise<{ key: bigint; token: bigint }[]> =
  named('webhook_references', ({ references }) => sql`
    select reference as key, token from external_reference where reference = any(${references}::bigint[])
    order by reference, learned_at desc, token`);

const MOST_LEADS_OF_ADDRESS = 100;

/** The numbers, as pseudonyms, of the leads that some e-mail addresses are of. */
export const tokensOfEmails: (db: Db, values: { emails: string[] }) => Promise<{ key: bigint; token: bigint }[]> =
  named('webhook_emails', ({ emails }) => sql`
    select asked.key, found.token from unnest(${emails}::bigint[]) as asked (key) cross join lateral (
      select lead.token from personal_data join lead on lead.id = personal_data.lead_id
      where personal_data.email_token = asked.key order by lead.id limit ${sql.lit(MOST_LEADS_OF_ADDRESS)}) found`);

type LedgerJson = Omit<ConsentEvent, 'happenedAt' | 'receivedAt' | 'expiresAt'> & {
  method: string | null;
  happenedAt: string;
  receivedAt: string;
  expiresAt: string | null;
};

/** A lead that an event may be about, with its ledger and the wrapped key that personal words are sealed under. */
export interface Addressee {
  id: string;
  token: bigint;
  collision: number;
  jurisdictions: string[];
  disposedAt: Date | null;
  kek: number | null;
  wrapped: Buffer | null;
  /** The last acquisition, which what a third party reports of the person stands on. */
  acquisitionId: string | null;
  ledger: LedgerJson[] | null;
}

/** The leads behind some tokens, held against imports that bring consents until this transaction ends. */
export const lockLeadsOfTokens: (db: Db, values: { tokens: string[] }) => Promise<object[]> =
  named('webhook_lock_leads', ({ tokens }) => sql`
    select 1 from lead where token = any(${tokens}::bigint[]) order by id for no key update`);

export const loadAddressees: (db: Db, values: { tokens: string[] }) => Promise<Addressee[]> =
  named('webhook_addressees', ({ tokens }) => sql`
    select lead.id, lead.token, lead.collision, lead.jurisdictions, lead.disposed_at as "disposedAt", key.kek, key.wrapped,
      (select id from acquisition where lead_id = lead.id order by received_at desc, id desc limit 1) as "acquisitionId",
      (select json_agg(json_build_object('id', id, 'kind', kind, 'channel', channel, 'purpose', purpose, 'grade', grade,
          'effect', effect, 'carried', acquisition_id is not null, 'happenedAt', happened_at, 'receivedAt', received_at,
          'expiresAt', expires_at, 'confirmation', confirmation, 'method', method) order by happened_at, id)
        from consent_event where lead_id = lead.id) as ledger
    from unnest(${tokens}::bigint[]) as asked (token) join lead on lead.token = asked.token
    left join keyring.subject_key key on key.lead_id = lead.id
    order by lead.id`);

/** A suppression that a person can end by a message of their own. */
export interface OpenOptOut {
  id: string;
  token: bigint;
  kind: SuppressionKind;
  channel: ConsentEvent['channel'];
  reported_at: Date;
  via: string | null;
}

/** The opt-outs and complaints in force of some numbers. */
export async function openOptOuts(db: Db, tokens: readonly string[]): Promise<OpenOptOut[]> {
  return db
    .selectFrom('suppression')
    .select(['id', 'token', 'kind', 'channel', 'reported_at', 'via'])
    .where('token', '=', sql<bigint>`any(${tokens}::bigint[])`)
    .where('lifted_at', 'is', null)
    .where('kind', 'in', ['opt_out', 'complaint'])
    .orderBy('id')
    .execute();
}

/**
 * Takes what waits for somebody to be known by one of some pseudonyms, oldest first. A statement that waits under several names
 * is taken once.
 */
export async function takeWaitingStatements(tx: Db, keys: readonly string[]): Promise<TakenStatement[]> {
  const { rows } = await sql<TakenStatement>`
    delete from waiting_statement where event_id in (select event_id from waiting_statement where key = any(${keys}::bigint[]))
    returning *, (
      select request.id from webhook_event event join subject_request request on request.id = any(event.fact_ids)
      where event.id = waiting_statement.event_id and act = 'erasure' and request.lead_id is null and request.ended_at is null
      limit 1) as request_id`.execute(tx);
  const asked = new Set(keys);
  return rows.filter(({ key }) => asked.has(String(key))).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Whether anything waits for anybody: as a rule, nothing does. */
export async function anyStatementWaits(db: Db): Promise<boolean> {
  return (await db.selectFrom('waiting_statement').select('id').limit(1).executeTakeFirst()) !== undefined;
}

/** Statements that came in before a moment and were not looked at since, oldest first and at most `limit`. */
export async function statementsNotLookedAt(
  db: Db, before: Date, limit: number,
): Promise<Pick<WaitingStatementRow, 'id' | 'key' | 'event_id'>[]> {
  return db
    .selectFrom('waiting_statement')
    .select(['id', 'key', 'event_id'])
    .where('looked_at', 'is', null)
    .where('received_at', '<', before)
    .orderBy('received_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Puts down that statements were looked at; those that somebody is just taking are passed over. */
export async function markLookedAt(db: Db, ids: readonly string[], now: Date): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update waiting_statement set looked_at = ${now} where id in (
      select id from waiting_statement where id = any(${ids}::uuid[]) for update skip locked)`.execute(db);
}

/** Which of some pseudonyms are of numbers of leads. */
export async function tokensOfNumbers(db: Db, keys: readonly string[]): Promise<{ key: bigint; token: bigint }[]> {
  const { rows } = await sql<{ key: bigint; token: bigint }>`
    select distinct token as key, token from lead where token = any(${keys}::bigint[]) and disposed_at is null`.execute(db);
  return rows;
}

/** Says of events that waited what became of them. */
export async function settleWebhookEvents(
  tx: Db, events: readonly Pick<WebhookEventRow, 'id' | 'result' | 'lead_id' | 'fact_ids'>[],
): Promise<void> {
  if (events.length === 0) return;
  await sql`
    update webhook_event set result = settled.result, lead_id = settled.lead_id, fact_ids = settled.fact_ids, detail = null
    from json_populate_recordset(null::webhook_event, ${JSON.stringify(events)}::json) settled
    where webhook_event.id = settled.id and webhook_event.result in ('acquisition_unknown', 'request_recorded')`.execute(tx);
}
