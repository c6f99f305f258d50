import { sql, type RawBuilder, type Selectable } from 'kysely';
import type { Db, Tx } from './connection.ts';
import type { HoldSearch, LegalHoldTable } from './ending-schema.ts';
import { newId } from './ids.ts';

export type LegalHold = Selectable<LegalHoldTable>;

/** Which leads an order is about. */
export type HoldScope =
  | { kind: 'lead'; leadId: string }
  | { kind: 'source'; sourceId: string }
  | { kind: 'campaign'; campaign: string }
  | { kind: 'search'; search: HoldSearch };

/** Which advisory lock keeps orders and destruction apart; a pair, so that it can never be a phone token's. */
const HOLD_LOCK = sql`7392, 1`;

/**
 * Keeps orders and destruction apart until the transaction ends: what destroys takes it `shared`, looks whether an order
 * stands, and destroys; placing an order takes it `exclusive`. Once an order is committed, nothing that it covers is destroyed.
 */
export async function lockHolds(tx: Tx, mode: 'shared' | 'exclusive'): Promise<void> {
  const take = mode === 'shared' ? sql`pg_advisory_xact_lock_shared` : sql`pg_advisory_xact_lock`;
  await sql`select ${take}(${HOLD_LOCK})`.execute(tx);
}

/** Whether an order not to dispose of it stands at a moment, or the place of one: SQL over a row of `lead`. */
export function holdStands(at: Date | RawBuilder<Date>): RawBuilder<boolean> {
  return sql<boolean>`(exists (
      select 1 from legal_hold where kind = 'lead' and legal_hold.lead_id = lead.id and ${standsAt(at)}
    ) or exists (
      select 1 from legal_hold where kind <> 'lead' and ${standsAt(at)} and ${covers()}))`;
}

/** The orders that keep a lead at a moment, oldest first. */
export async function holdsOfLead(db: Db, leadId: string, at: Date): Promise<LegalHold[]> {
  const { rows } = await sql<LegalHold>`
    select legal_hold.* from legal_hold, lead
    where lead.id = ${leadId} and ${standsAt(at)} and ${covers()}
    order by legal_hold.id`.execute(db);
  return rows;
}

/** Of some leads, those that an order keeps at a moment. */
export async function heldAmong(db: Db, leadIds: readonly string[], at: Date): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`select id from lead where id = any(${leadIds}::uuid[]) and ${holdStands(at)}`.execute(db);
  return new Set(rows.map(({ id }) => id));
}

function standsAt(at: Date | RawBuilder<Date>): RawBuilder<boolean> {
  return sql<boolean>`released_at is null and (until is null or until > ${at})`;
}

/** Whether an order is about a lead: SQL over rows of `legal_hold` and `lead`. */
function covers(): RawBuilder<boolean> {
  const acquiredBy = (condition: RawBuilder<unknown>) => sql`exists (
    select 1 from acquisition where acquisition.lead_id = lead.id and ${condition})`;
  return sql<boolean>`case legal_hold.kind
    when 'lead' then legal_hold.lead_id = lead.id
    when 'source' then ${acquiredBy(sql`acquisition.source_id = legal_hold.source_id`)}
    when 'campaign' then ${acquiredBy(sql`acquisition.campaign = legal_hold.campaign`)}
    else (search->>'jurisdiction' is null or search->>'jurisdiction' = any(lead.jurisdictions))
      and (search->>'source' is null or ${acquiredBy(sql`acquisition.source_id = search->>'source'`)})
      and (search->>'campaign' is null or ${acquiredBy(sql`acquisition.campaign = search->>'campaign'`)})
      and (search->>'acquiredFrom' is null or lead.created_at >= (search->>'acquiredFrom')::timestamptz)
      and (search->>'acquiredTo' is null or lead.created_at < (search->>'acquiredTo')::timestamptz)
      and (search->>'stage' is null or search->>'stage' = lead.stage or exists (
        select 1 from stage_change
        where stage_change.lead_id = lead.id and stage_change.at >= placed_at and search->>'stage' in (from_stage, to_stage)))
    end`;
}

/** Puts an order on record. The caller has the lock. */
export async function insertHold(
  tx: Tx, scope: HoldScope, order: { reason: string; until: Date | null; by: string }, at: Date,
): Promise<LegalHold> {
  const about = {
    kind: scope.kind,
    lead_id: scope.kind === 'lead' ? scope.leadId : null,
    source_id: scope.kind === 'source' ? scope.sourceId : null,
    campaign: scope.kind === 'campaign' ? scope.campaign : null,
    search: scope.kind === 'search' ? JSON.stringify(scope.search) : null,
  };
  return tx
    .insertInto('legal_hold')
    .values({ id: newId(), ...about, reason: order.reason, until: order.until, placed_by: order.by, placed_at: at })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export async function findHold(db: Db, id: string): Promise<LegalHold | null> {
  return (await db.selectFrom('legal_hold').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Orders, newest first, those before an id; at most `limit`. */
export async function listHolds(db: Db, before: string | null, limit: number): Promise<LegalHold[]> {
  const query = db.selectFrom('legal_hold').selectAll().orderBy('id', 'desc').limit(limit);
  return (before === null ? query : query.where('id', '<', before)).execute();
}

/** Asks for the release of an order; null when that was done already. */
export async function askRelease(tx: Tx, id: string, asked: { reason: string; by: string }, at: Date): Promise<LegalHold | null> {
  const row = await tx
    .updateTable('legal_hold')
    .set({ release_reason: asked.reason, release_asked_by: asked.by, release_asked_at: at })
    .where('id', '=', id)
    .where('release_asked_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Releases an order; null when that was done already. The caller is not the one who asked for it. */
export async function releaseHold(tx: Tx, id: string, by: string, at: Date): Promise<LegalHold | null> {
  const row = await tx
    .updateTable('legal_hold')
    .set({ released_by: by, released_at: at })
    .where('id', '=', id)
    .where('released_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

const MOST_TOLD = 10_000;

/**
 * Leaves word for those whom one of some orders that have ended stood against: leads whose disposal is under way, and persons who
 * wait to be forgotten. Of more than ten thousand, other disposals are found by the reconciliation, and other requests find out
 * by themselves, within hours.
 */
export async function tellFreed(db: Db, holdIds: readonly string[], now: Date): Promise<void> {
  if (holdIds.length === 0) return;
  const stoodAgainst = sql`exists (select 1 from legal_hold where legal_hold.id = any(${holdIds}::uuid[]) and ${covers()})`;
  await sql`
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
    select lead.id, 'lead', 'lifecycleChanged', disposal.id, 1, ${now}, 'a hold has ended'
    from disposal join lead on lead.id = disposal.lead_id
    where completed_at is null and (ground <> 'order' or approved_at is not null) and ${stoodAgainst}
      and not exists (select 1 from outbox where outbox.subject = lead.id)
    order by disposal.id limit ${MOST_TOLD}`.execute(db);
  await sql`
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at, said)
    select subject_request.id, 'subject_request', 'requestChanged', lead.id, 1, ${now}, 'erasure: a hold has ended'
    from subject_request join lead on lead.id = subject_request.lead_id
    where ended_at is null and subject_request.kind = 'erasure' and identified_at is not null and ${stoodAgainst}
      and not exists (select 1 from outbox where outbox.subject = subject_request.id)
    order by subject_request.id limit ${MOST_TOLD}`.execute(db);
}

const MOST_COUNTED = 10_000;
/** Leads that are looked through for what a search describes. */
const MOST_LOOKED_AT = 100_000;

/** How many leads that still exist a scope is about now: exactly, or so many at least. */
export async function countHeld(db: Db, scope: HoldScope): Promise<{ leads: number; isExact: boolean }> {
  if (scope.kind === 'search') return countFound(db, scope.search);
  const { rows: [row] } = await sql<{ leads: bigint }>`
    select count(*) as leads from (${leadsOf(scope)} limit ${MOST_COUNTED + 1}) found`.execute(db);
  const leads = Number(row?.leads ?? 0);
  return { leads: Math.min(leads, MOST_COUNTED), isExact: leads <= MOST_COUNTED };
}

function leadsOf(scope: Exclude<HoldScope, { kind: 'search' }>): RawBuilder<unknown> {
  if (scope.kind === 'lead') return sql`select 1 from lead where id = ${scope.leadId} and disposed_at is null`;
  const from = scope.kind === 'source' ? sql`acquisition.source_id = ${scope.sourceId}` : sql`campaign = ${scope.campaign}`;
  return sql`select distinct lead_id from acquisition join lead on lead.id = lead_id where ${from} and disposed_at is null`;
}

async function countFound(db: Db, search: HoldSearch): Promise<{ leads: number; isExact: boolean }> {
  const { rows: [row] } = await sql<{ leads: bigint; looked: bigint }>`
    select count(*) filter (where disposed_at is null and ${covers()}) as leads, count(*) as looked
    from (select * from lead order by id desc limit ${MOST_LOOKED_AT + 1}) lead,
      (select 'search' as kind, ${JSON.stringify(search)}::jsonb as search, 'infinity'::timestamptz as placed_at,
        null::uuid as lead_id, null as source_id, null as campaign) legal_hold`.execute(db);
  return { leads: Number(row?.leads ?? 0), isExact: Number(row?.looked ?? 0) <= MOST_LOOKED_AT };
}
