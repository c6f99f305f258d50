import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** One thing that happened to a lead, with the words of its summary that vary. Nothing personal. */
export interface TimelineEntry {
  at: Date;
  type: 'acquired' | 'consent' | 'stage_changed' | 'accessed';
  id: string;
  /** acquired: source, method. consent: kind, channel, purpose, effect. stage_changed: from, to. accessed: actor, fields. */
  words: string[];
}

/** What happened to a lead, in the order in which it happened, after a place in that order; at most `limit` entries. */
export async function leadTimeline(
  db: Db,
  leadId: string,
  after: { at: Date; id: string } | null,
  limit: number,
): Promise<TimelineEntry[]> {
  const { rows } = await sql<TimelineEntry>`
    select * from (
      select acquired_at as at, 'acquired' as type, id, array[source_id, method] as words from acquisition where lead_id = ${leadId}
      union all
      select happened_at, 'consent', id, array[kind, channel, purpose, effect] from consent_event where lead_id = ${leadId}
      union all
      select at, 'stage_changed', id, array[from_stage, to_stage] from stage_change where lead_id = ${leadId}
      union all
      select at, 'accessed', id, array[actor] || fields from access_log where lead_id = ${leadId}
    ) entry
    where ${after === null ? sql`true` : sql`(at, id) > (${after.at}, ${after.id}::uuid)`}
    order by at, id limit ${limit}`.execute(db);
  return rows;
}
