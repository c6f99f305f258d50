import { sql, type CompiledQuery } from 'kysely';
import type { Db } from './connection.ts';
import { newId } from './ids.ts';

export const REPORT_GROUPS = ['decision', 'reason', 'jurisdiction', 'hour'] as const;
export type ReportGroup = (typeof REPORT_GROUPS)[number];

/** How many clearances had this in common. `key` is a word, a code, or the hour (RFC 3339) that it was in. */
export interface ReportRow {
  group: ReportGroup;
  key: string;
  count: number;
}

export interface ReportSpan {
  from: Date;
  to: Date;
  /** Now, on the clock that the clearances were judged by. */
  now: Date;
}

/** Ids are made a moment before or after the moment that is judged; within this, even where clocks differ. */
const SLACK_MS = 60 * 60_000;

/** Counts the clearances of a span, in one pass over them. */
export async function countClearances(db: Db, span: ReportSpan): Promise<ReportRow[]> {
  const { rows } = await db.executeQuery(reportQuery(db, span));
  return rows;
}

/** The statement behind a report: ids are UUIDv7, so that a span of time is a range of ids, and of partitions. */
export function reportQuery(db: Db, { from, to, now }: ReportSpan): CompiledQuery<ReportRow> {
  const shift = now.getTime() - idTime(newId());
  const [first, last] = [idAt(from.getTime() - shift - SLACK_MS), idAt(to.getTime() - shift + SLACK_MS)];
  return sql<ReportRow>`
    with kinds as materialized (
      select decision, date_trunc('hour', at, 'UTC') as hour, reason_codes, reason_jurisdictions, count(*)::int as count
      from clearance where id >= ${first} and id < ${last} and at >= ${from} and at < ${to}
      group by 1, 2, 3, 4
    ), counted as (
      select 'decision' as "group", decision as key, count from kinds
      union all select 'reason', code, count from kinds, lateral (select distinct unnest(reason_codes) as code) each
      union all select 'jurisdiction', place, count from kinds, lateral (select distinct unnest(reason_jurisdictions) as place) each
      union all select 'hour', to_char(hour at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), count from kinds
    )
    select "group", key, sum(count)::float8 as count from counted group by "group", key order by "group", key`.compile(db);
}

function idAt(time: number): string {
  const hex = Math.max(0, time).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

function idTime(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}
