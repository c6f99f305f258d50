import { sql, type Selectable } from 'kysely';
import type { DisposalStore } from '../domain/disposal.ts';
import type { Db, Tx } from './connection.ts';
import type { DisposalGround, DisposalStepTable, DisposalTable, WithdrawnOrderTable } from './ending-schema.ts';
import { newId } from './ids.ts';
import { holdStands } from './legal-holds.ts';
import { tellLeads } from './outbox.ts';

export type DisposalRow = Omit<Selectable<DisposalTable>, 'certificate'>;
export type DisposalStepRow = Selectable<DisposalStepTable>;

const COLUMNS = [
  'id', 'lead_id', 'ground', 'request_id', 'reason', 'opened_by', 'opened_at', 'approved_by', 'approved_at', 'attempts', 'next_attempt_at',
  'key_destroyed_at', 'kek', 'verified_at', 'completed_at',
] as const;

/** Why a lead is disposed of, and on whose word. */
export interface DisposalOrder {
  leadId: string;
  ground: DisposalGround;
  requestId: string | null;
  /** In clear, and kept: nothing of the person. */
  reason: string | null;
  by: string;
}

/**
 * Opens the disposal of a lead and wakes its workflow; answers the id of the one that is open already, or complete, where there
 * is one. An order waits until a second person has agreed to it; any other ground takes such a one over.
 */
export async function openDisposal(tx: Tx, order: DisposalOrder, now: Date): Promise<string> {
  const { id, isNew } = await putDisposal(tx, order, now);
  if (isNew) await tellLeads(tx, [order.leadId], { signal: 'lifecycleChanged', factId: id, said: `disposal opened: ${order.ground}` }, now);
  return id;
}

/** The same, where the workflow of the lead knows already. */
export async function putDisposal(
  tx: Tx, { leadId, ground, requestId, reason, by }: DisposalOrder, now: Date,
): Promise<{ id: string; isNew: boolean }> {
  const id = newId();
  const row = { id, lead_id: leadId, ground, request_id: requestId, reason, opened_by: by, opened_at: now };
  const added = await tx
    .insertInto('disposal')
    .values(row)
    .onConflict((conflict) => conflict
      .column('lead_id')
      .doUpdateSet({ ground, request_id: requestId, reason, opened_by: by, opened_at: now })
      .where('disposal.ground', '=', 'order')
      .where('disposal.approved_at', 'is', null)
      .where('disposal.completed_at', 'is', null)
      .where(sql<boolean>`${ground} <> 'order'`))
    .returning('id')
    .executeTakeFirst();
  if (added) return { id: added.id, isNew: true };
  const found = await tx.selectFrom('disposal').select('id').where('lead_id', '=', leadId).executeTakeFirstOrThrow();
  return { id: found.id, isNew: false };
}

/** A second person agrees to an order, from which on it is carried out. Null when it does not wait for that. */
export async function approveDisposal(tx: Tx, id: string, by: string, now: Date): Promise<DisposalRow | null> {
  const row = await tx
    .updateTable('disposal')
    .set({ approved_by: by, approved_at: now })
    .where('id', '=', id)
    .where('ground', '=', 'order')
    .where('approved_at', 'is', null)
    .where('completed_at', 'is', null)
    .returning(COLUMNS)
    .executeTakeFirst();
  if (!row) return null;
  await tellLeads(tx, [row.lead_id], { signal: 'lifecycleChanged', factId: id, said: 'disposal approved' }, now);
  return row;
}

export type WithdrawnOrderRow = Selectable<WithdrawnOrderTable>;

/** Takes an order back that nobody has agreed to yet, and puts that on record. Null when it does not wait for that any more. */
export async function withdrawOrder(tx: Tx, id: string, by: string, now: Date): Promise<WithdrawnOrderRow | null> {
  const { rows: [row] } = await sql<WithdrawnOrderRow>`
    with gone as (
      delete from disposal where id = ${id} and ground = 'order' and approved_at is null and completed_at is null
      returning id, lead_id, reason, opened_by, opened_at
    )
    insert into withdrawn_order (id, lead_id, reason, opened_by, opened_at, withdrawn_by, withdrawn_at)
    select gone.*, ${by}, ${now} from gone returning *`.execute(tx);
  if (!row) return null;
  await tellLeads(tx, [row.lead_id], { signal: 'lifecycleChanged', factId: id, said: 'disposal order withdrawn' }, now);
  return row;
}

export async function findWithdrawnOrder(db: Db, id: string): Promise<WithdrawnOrderRow | null> {
  return (await db.selectFrom('withdrawn_order').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

export async function findDisposal(db: Db, id: string): Promise<DisposalRow | null> {
  return (await db.selectFrom('disposal').select(COLUMNS).where('id', '=', id).executeTakeFirst()) ?? null;
}

/** The disposal of a lead; null where nobody wants it gone. */
export async function disposalOfLead(db: Db, leadId: string): Promise<DisposalRow | null> {
  return (await db.selectFrom('disposal').select(COLUMNS).where('lead_id', '=', leadId).executeTakeFirst()) ?? null;
}

/** What the stores did about some disposals, by disposal. */
export async function stepsOfDisposals(db: Db, ids: readonly string[]): Promise<Map<string, DisposalStepRow[]>> {
  const rows = await db.selectFrom('disposal_step').selectAll().where('disposal_id', '=', sql<string>`any(${ids}::uuid[])`).execute();
  return Map.groupBy(rows, (row) => row.disposal_id);
}

/** The signed certificate of a disposal; null while it is open. */
export async function findCertificate(db: Db, id: string): Promise<object | null> {
  return (await db.selectFrom('disposal').select('certificate').where('id', '=', id).executeTakeFirst())?.certificate ?? null;
}

/** Disposals that are not complete, oldest first, after an id; at most `limit`. */
export async function openDisposals(db: Db, after: string | null, limit: number): Promise<DisposalRow[]> {
  const query = db.selectFrom('disposal').select(COLUMNS).where('completed_at', 'is', null).orderBy('id').limit(limit);
  return (after === null ? query : query.where('id', '>', after)).execute();
}

/** A person answers for a store that will not confirm; false when it has, or was not asked. */
export async function waiveStore(
  tx: Tx, disposalId: string, store: DisposalStore, { by, reason }: { by: string; reason: string }, now: Date,
): Promise<boolean> {
  const { rows } = await sql`
    update disposal_step set problem = null, confirmed_at = ${now},
      evidence = coalesce(evidence, '{}'::jsonb) || ${JSON.stringify({ waivedBy: by, waivedAt: now.toISOString(), reason })}::jsonb
    where disposal_id = ${disposalId} and store = ${store} and confirmed_at is null returning store`.execute(tx);
  return rows.length > 0;
}

/** How the disposals stand that are not complete. */
export interface DisposalFigures {
  /** Counted up to `cap`, those included that wait for a second person. */
  open: number;
  /** Of those that are carried out, and that no order stops: opened before a moment. */
  overdue: number;
  /** When the oldest of these was opened. */
  oldestOpenedAt: Date | null;
}

export async function disposalFigures(db: Db, overdueBefore: Date, cap: number): Promise<DisposalFigures> {
  const { rows: [row] } = await sql<{ open: bigint; overdue: bigint; oldest: Date | null }>`
    select count(*) as open, min(opened_at) filter (where carried) as oldest, count(*) filter (where carried and opened_at < ${overdueBefore}) as overdue
    from (
      select coalesce(approved_at, opened_at) as opened_at, (ground <> 'order' or approved_at is not null) and not held as carried
      from disposal join lead on lead.id = lead_id where completed_at is null order by disposal.id limit ${cap}
    ) oldest_first`.execute(db);
  return { open: Number(row?.open ?? 0n), overdue: Number(row?.overdue ?? 0n), oldestOpenedAt: row?.oldest ?? null };
}

/**
 * Wakes the leads whose disposal should have been gone on with by a moment and was not, the longest waiting first; answers how
 * many. A lead that was held when it was last looked at is looked at again once no order stands against it any more.
 */
export async function pokeOverdueDisposals(db: Db, before: Date, now: Date, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at)
    select lead_id, 'lead', 'reviewOverdue', disposal.id, 1, ${now}
    from disposal join lead on lead.id = lead_id
    where completed_at is null and next_attempt_at < ${before} and (not held or not ${holdStands(now)})
      and not exists (select 1 from outbox where outbox.subject = lead_id)
    order by next_attempt_at limit ${limit}`.execute(db);
  return Number(numAffectedRows ?? 0n);
}
