import { sql } from 'kysely';
import type { Stage } from '../domain/lead.ts';
import type { Db } from './connection.ts';

/** The areas in which leads wait to be called, each found by one step into the index. */
export async function contactAreas(db: Db): Promise<string[]> {
  const { rows } = await contactAreasQuery.execute(db);
  return rows.map(({ area }) => area);
}

export const contactAreasQuery = sql<{ area: string }>`
  with recursive found (area) as (
    (select contact_area from lead where contactable_from is not null and contact_area is not null order by contact_area limit 1)
    union all
    select (
      select contact_area from lead where contactable_from is not null and contact_area > found.area order by contact_area limit 1
    ) from found where found.area is not null
  )
  select area from found where area is not null`;

/** A place in the hopper: leads stand in it by the moment from which they may be called. */
export interface HopperPlace {
  from: Date;
  id: string;
}

export interface HopperWalk {
  areas: readonly string[];
  /** Only leads that may be called by then. */
  until: Date;
  after: HopperPlace | null;
  stage?: Stage | undefined;
  source?: string | undefined;
  campaign?: string | undefined;
}

/** The next leads that wait in some areas, longest waiting first; `fits` says whether one passes the filters. */
export function walkHopperQuery({ areas, until, after, stage, source, campaign }: HopperWalk, limit: number) {
  const later = after ? sql`and (contactable_from, id) > (${after.from}, ${after.id}::uuid)` : sql``;
  const acquired = source === undefined && campaign === undefined
    ? sql`true`
    : sql`exists (select 1 from acquisition where lead_id = waiting.id
        and source_id = coalesce(${source ?? null}, source_id)
        and campaign is not distinct from coalesce(${campaign ?? null}, campaign))`;
  return sql<HopperPlace & { fits: boolean }>`
    select waiting.id, waiting.contactable_from as "from",
           ${stage === undefined ? sql`true` : sql`waiting.stage = ${stage}`} and ${acquired} as fits
    from unnest(${areas}::text[]) area cross join lateral (
      select id, contactable_from, stage from lead
      where contact_area = area and contactable_from <= ${until} ${later}
      order by contactable_from, id limit ${limit}
    ) waiting
    order by waiting.contactable_from, waiting.id limit ${limit}`;
}

export async function walkHopper(db: Db, walk: HopperWalk, limit: number): Promise<(HopperPlace & { fits: boolean })[]> {
  const { rows } = await walkHopperQuery(walk, limit).execute(db);
  return rows;
}
