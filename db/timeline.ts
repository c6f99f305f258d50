import { sql } from 'kysely';
import type { Db } from './connection.ts';

/** One thing that happened to a lead, with the words of its summary that vary. Nothing personal. */
export interface TimelineEntry {
  at: Date;
  type:
    | 'acquired' | 'consent' | 'stage_changed' | 'accessed' | 'contact' | 'suppressed' | 'suppression_lifted' | 'relationship'
    | 'ported' | 'unclear_opt_out' | 'dnc_listed' | 'dnc_freed' | 'subject_request' | 'asked' | 'asking_sent' | 'asking_failed'
    | 'retrieval_asked' | 'retrieval_approved' | 'retrieval_back' | 'retrieval_returned' | 'retrieval_withdrawn' | 'held' | 'hold_released'
    | 'reassigned_answer' | 'disposal_opened' | 'disposal_approved' | 'order_withdrawn' | 'key_destroyed' | 'disposal_completed';
  id: string;
  /**
   * acquired: source, method. consent: kind, channel, purpose, effect. stage_changed: from, to. accessed: actor, fields.
   * contact: outcome, channel, campaign or nothing. suppressed, suppression_lifted: kind, channel. relationship: kind.
   * ported: line type. reassigned_answer: the answer, asked or reported.
   * unclear_opt_out: channel, what it was taken for or nothing. dnc_listed, dnc_freed: list, release.
   * subject_request: kind, via. asked: confirmation or renewal, how many consents. asking_sent: the same kind, adapter.
   * asking_failed: the same kind, why. retrieval_asked: actor, days. retrieval_approved: actor. disposal_opened: ground, actor.
   * disposal_approved, order_withdrawn, retrieval_withdrawn: actor. held: until when or nothing. The others say it all.
   */
  words: string[];
}

/** Where an entry stands: the same fact can have begun and ended something in one moment. */
type TimelinePlace = Pick<TimelineEntry, 'at' | 'id'> & { type: string };

/** What happened to a lead, in the order in which it happened, after a place in that order; at most `limit` entries. */
export async function leadTimeline(
  db: Db,
  leadId: string,
  after: TimelinePlace | null,
  limit: number,
): Promise<TimelineEntry[]> {
  const ofPerson = sql`token = (select token from lead where id = ${leadId})`;
  const { rows } = await sql<TimelineEntry>`
    select * from (
      select acquired_at as at, 'acquired' as type, id, array[source_id, method] as words from acquisition where lead_id = ${leadId}
      union all
      select happened_at, 'consent', id, array[kind, channel, purpose, effect] from consent_event where lead_id = ${leadId}
      union all
      select at, 'stage_changed', id, array[from_stage, to_stage] from stage_change where lead_id = ${leadId}
      union all
      select at, 'accessed', id, array[actor] || fields from access_log where lead_id = ${leadId}
      union all
      select started_at, 'contact', id, array_remove(array[outcome, channel, campaign], null) from contact where lead_id = ${leadId}
      union all
      select reported_at, 'suppressed', id, array[kind, channel] from suppression where ${ofPerson}
      union all
      select lifted_at, 'suppression_lifted', id, array[kind, channel]
      from suppression where ${ofPerson} and lifted_because is not null
      union all
      select at, 'relationship', id, array[kind] from relationship where lead_id = ${leadId}
      union all
      select asked_at, 'reassigned_answer', id, array[answer, case when check_id is null then 'reported' else 'asked' end]
      from reassigned_answer where lead_id = ${leadId}
      union all
      select at, 'ported', id, array[line_type] from porting where lead_id = ${leadId}
      union all
      select stated_at, 'unclear_opt_out', id, array_remove(array[channel, resolved_as], null) from unclear_opt_out where lead_id = ${leadId}
      union all
      select requested_at, 'subject_request', id, array[kind, via] from subject_request where lead_id = ${leadId}
      union all
      select requested_at, 'asked', id, array[kind, cardinality(consent_ids)::text] from confirmation_request where lead_id = ${leadId}
      union all
      select sent_at, 'asking_sent', id, array[kind, adapter] from confirmation_request where lead_id = ${leadId} and sent_at is not null
      union all
      select failed_at, 'asking_failed', id, array[kind, failure] from confirmation_request where lead_id = ${leadId} and failed_at is not null
      union all
      ${endingEntries(leadId)}
      union all
      select since, 'dnc_listed', release_id, array[list_id, release_id::text] from dnc_hit where lead_id = ${leadId}
      union all
      select freed_as_of, 'dnc_freed', freed_by, array[list_id, freed_by::text]
      from dnc_hit where lead_id = ${leadId} and freed_by is not null
    ) entry
    where ${after === null ? sql`true` : sql`(at, id, type) > (${after.at}, ${after.id}::uuid, ${after.type})`}
    order by at, id, type limit ${limit}`.execute(db);
  return rows;
}

/** What became of a lead's record: back from the archive for a while, held, disposed of. Rows as those of `leadTimeline`. */
function endingEntries(leadId: string) {
  return sql`
    select asked_at, 'retrieval_asked', id, array[asked_by, days::text] from retrieval where lead_id = ${leadId}
    union all
    select approved_at, 'retrieval_approved', id, array[approved_by] from retrieval where lead_id = ${leadId} and approved_at is not null
    union all
    select back_at, 'retrieval_back', id, array[]::text[] from retrieval where lead_id = ${leadId} and back_at is not null
    union all
    select returned_at, 'retrieval_returned', id, array[]::text[] from retrieval where lead_id = ${leadId} and returned_at is not null
    union all
    select withdrawn_at, 'retrieval_withdrawn', id, array[withdrawn_by] from retrieval where lead_id = ${leadId} and withdrawn_at is not null
    union all
    select placed_at, 'held', id, array_remove(array[to_char(until at time zone 'UTC', 'YYYY-MM-DD')], null)
    from legal_hold where lead_id = ${leadId}
    union all
    select released_at, 'hold_released', id, array[]::text[] from legal_hold where lead_id = ${leadId} and released_at is not null
    union all
    select opened_at, 'disposal_opened', id, array[ground, opened_by] from disposal where lead_id = ${leadId}
    union all
    select opened_at, 'disposal_opened', id, array['order', opened_by] from withdrawn_order where lead_id = ${leadId}
    union all
    select withdrawn_at, 'order_withdrawn', id, array[withdrawn_by] from withdrawn_order where lead_id = ${leadId}
    union all
    select approved_at, 'disposal_approved', id, array[approved_by] from disposal where lead_id = ${leadId} and approved_at is not null
    union all
    select key_destroyed_at, 'key_destroyed', id, array[]::text[] from disposal where lead_id = ${leadId} and key_destroyed_at is not null
    union all
    select completed_at, 'disposal_completed', id, array[]::text[] from disposal where lead_id = ${leadId} and completed_at is not null`;
}
