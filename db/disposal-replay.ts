import { sql } from 'kysely';
import type { Tx } from './connection.ts';
import { holdStands } from './legal-holds.ts';

/** Makes room, until the transaction ends, for what the journal says of disposals. */
export async function prepareDisposals(tx: Tx): Promise<void> {
  await sql`create temp table if not exists noted_disposal (
    id uuid primary key, lead_id uuid not null, at timestamptz not null, destroyed boolean not null, taken_back boolean not null, word jsonb
  ) on commit drop`.execute(tx);
}

/** What the journal says of one disposal: that it is about to happen, or what became of it; `row` where that is known. */
export interface NotedDisposal {
  kind: 'disposal' | 'destroyed' | 'disposed' | 'taken_back';
  id: string;
  leadId: string;
  at: string;
  row: object | null;
}

/** Takes in what the journal says of some disposals, in whatever order. */
export async function noteDisposals(tx: Tx, given: readonly NotedDisposal[]): Promise<void> {
  await sql`
    insert into noted_disposal as known (id, lead_id, at, destroyed, taken_back, word)
    select id, (array_agg("leadId"))[1], min(at), bool_or(kind in ('destroyed', 'disposed')), bool_or(kind = 'taken_back'),
      (array_agg("row" order by kind = 'disposed' desc, "row" is null))[1]
    from jsonb_to_recordset(${JSON.stringify(given)}::jsonb) noted (kind text, id uuid, "leadId" uuid, at timestamptz, "row" jsonb)
    group by id
    on conflict (id) do update set at = least(known.at, excluded.at), destroyed = known.destroyed or excluded.destroyed,
      taken_back = known.taken_back or excluded.taken_back,
      word = case when known.word ->> 'completed_at' is not null or excluded.word is null then coalesce(known.word, excluded.word)
        else excluded.word end`.execute(tx);
}

/** Leads that are to be disposed of again. */
export interface ToRedo {
  disposalId: string;
  leadId: string;
  /** Null where the backup knew it no more. */
  token: bigint | null;
}

/**
 * The next leads that a disposal of the journal had taken and the backup has, after an id. One whose key was still there does not
 * count when the disposal was taken back, or an order not to dispose of the lead stands.
 */
export async function leadsToRedo(tx: Tx, after: string | null, limit: number, now: Date): Promise<ToRedo[]> {
  const { rows } = await sql<ToRedo>`
    select noted.id as "disposalId", lead.id as "leadId", lead.token
    from noted_disposal noted join lead on lead.id = noted.lead_id
    where lead.disposed_at is null and (noted.destroyed or not (noted.taken_back or ${holdStands(now)}))
      and ${after === null ? sql`true` : sql`noted.id > ${after}::uuid`}
    order by noted.id limit ${limit}`.execute(tx);
  return rows;
}

/**
 * Puts the disposals of leads that were erased anew on record: complete, with the certificate, where the journal knows that they
 * were; else open, with the key gone, so that the lead's own workflow brings them to their end. Answers the ids of these.
 */
export async function recordRedone(tx: Tx, redone: readonly ToRedo[], now: Date): Promise<string[]> {
  const ids = redone.map(({ disposalId }) => disposalId);
  await sql`
    delete from disposal_step where disposal_id in (
      select disposal.id from disposal join noted_disposal noted on noted.lead_id = disposal.lead_id where noted.id = any(${ids}::uuid[]))`.execute(tx);
  await sql`
    delete from disposal using noted_disposal noted where noted.lead_id = disposal.lead_id and noted.id = any(${ids}::uuid[])`.execute(tx);
  await sql`
    insert into disposal
    select fact.* from noted_disposal noted, jsonb_populate_record(null::disposal, jsonb_build_object(
        'id', noted.id, 'lead_id', noted.lead_id, 'ground', 'retention', 'opened_by', 'journal', 'opened_at', noted.at, 'attempts', 0,
        'key_destroyed_at', ${now}::timestamptz)
      || coalesce(noted.word, '{}'::jsonb)) fact
    where noted.id = any(${ids}::uuid[])`.execute(tx);
  await sql`
    update lead set stage = 'disposed', stage_since = disposal.completed_at, disposed_at = disposal.completed_at, next_review_at = null
    from disposal where disposal.lead_id = lead.id and disposal.id = any(${ids}::uuid[]) and disposal.completed_at is not null`.execute(tx);
  const { rows } = await sql<{ id: string }>`
    select id from disposal where id = any(${ids}::uuid[]) and completed_at is null order by id`.execute(tx);
  return rows.map(({ id }) => id);
}
