import { sql, type RawBuilder } from 'kysely';
import type { Db } from './connection.ts';
import { holdStands } from './legal-holds.ts';

/** A place in the order of what is due: by moment, then by lead. */
export interface DuePlace {
  at: Date;
  id: string;
}

/** The place before everything. */
export const BEFORE_ALL: DuePlace = { at: new Date(0), id: '00000000-0000-0000-0000-000000000000' };

/** A lead that is due; whether an order holds it, where that is looked at. */
type Due = DuePlace & { isHeld: boolean };

/** Some of what is due. */
export interface DuePage {
  /** How many leads were found, those included that are held. */
  found: number;
  /** The others, in the order they were due. */
  free: string[];
  /** The place of the last that was found; null where there was none. */
  last: DuePlace | null;
}

/** What is due, as one of the queries below describes it; as one row, since taking rows apart costs more than finding them. */
export async function findDue(db: Db, query: RawBuilder<Due>): Promise<DuePage> {
  const { rows: [page] } = await sql<{ found: number; free: string | null; at: Date; id: string }>`
    select count(*)::int as found, string_agg(id::text, ' ') filter (where not "isHeld") as free,
      (array_agg(at))[count(*)::int] as at, (array_agg(id))[count(*)::int] as id
    from (${query}) due`.execute(db);
  if (!page || page.found === 0) return { found: 0, free: [], last: null };
  return { found: page.found, free: page.free?.split(' ') ?? [], last: { at: page.at, id: page.id } };
}

/** Leads not known to be held whose time was over before a moment, after a place; at most `limit`. From an index alone. */
export function disposalDue(after: DuePlace, before: Date, limit: number): RawBuilder<Due> {
  return sql<Due>`
    select retain_until as at, id, false as "isHeld" from lead
    where disposed_at is null and not held and retain_until < ${before} and (retain_until, id) > (${after.at}, ${after.id}::uuid)
    order by retain_until, id limit ${limit}`;
}

/** Leads that should have left the hot tables before a moment, after a place; at most `limit`. From an index alone. */
export function archivesDue(after: DuePlace, before: Date, limit: number): RawBuilder<Due> {
  return sql<Due>`
    select archive_due_at as at, id, false as "isHeld" from lead
    where archived_at is null and disposed_at is null and archive_due_at < ${before}
      and (archive_due_at, id) > (${after.at}, ${after.id}::uuid)
    order by archive_due_at, id limit ${limit}`;
}

/** Since when the lead that is due longest waits for the archive, and for its disposal; held ones do not. From indexes alone. */
export async function oldestDue(db: Db, at: Date): Promise<{ archive: Date | null; disposal: Date | null }> {
  const [archive, disposal] = await Promise.all([archivesDue, disposalDue].map((due) => findDue(db, due(BEFORE_ALL, at, 1))));
  return { archive: archive?.last?.at ?? null, disposal: disposal?.last?.at ?? null };
}

/** Leads whose time is over and that an order was known to hold, after a place, and whether one still does; at most `limit`. */
export function heldDue(after: DuePlace, at: Date, limit: number): RawBuilder<Due> {
  return sql<Due>`
    select retain_until as at, id, ${holdStands(at)} as "isHeld" from lead
    where held and disposed_at is null and retain_until <= ${at} and (retain_until, id) > (${after.at}, ${after.id}::uuid)
    order by retain_until, id limit ${limit}`;
}

/**
 * Leaves word for some leads, to be delivered with the bulk, that they are to be reviewed; not for those for whom word waits
 * already, nor for those whose disposal is open and tries again by itself. Answers how many.
 */
export async function pokeDue(db: Db, leadIds: readonly string[], now: Date): Promise<number> {
  const { numAffectedRows } = await sql`
    insert into outbox (subject, workflow, signal, fact_id, lane, due_at)
    select due.id, 'lead', 'reviewOverdue', due.id, 1, ${now}
    from unnest(${leadIds}::uuid[]) with ordinality as due (id, nth)
    where not exists (select 1 from outbox where outbox.subject = due.id)
      and not exists (select 1 from disposal where disposal.lead_id = due.id and completed_at is null
        and (ground <> 'order' or approved_at is not null))
    order by nth`.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** Orders that have ended and whose leads have not been looked at since. */
export async function endedHolds(db: Db, at: Date): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from legal_hold where settled_at is null and (released_at is not null or until <= ${at})`.execute(db);
  return rows.map(({ id }) => id);
}

/** Puts down that the leads of some orders have been looked at since they ended. */
export async function settleHolds(db: Db, ids: readonly string[], at: Date): Promise<void> {
  await db.updateTable('legal_hold').set({ settled_at: at }).where('id', '=', sql<string>`any(${ids}::uuid[])`).execute();
}
