import type { Db } from './connection.ts';

/** A source by its name, and when it first brought somebody. */
export interface HeldSource {
  name: string;
  acquiredAt: Date;
}

const SHOWN = 50;

/** Where a lead came from: each source once, the first first. */
export async function heldSources(db: Db, leadId: string): Promise<HeldSource[]> {
  return db
    .selectFrom('acquisition')
    .innerJoin('source', 'source.id', 'acquisition.source_id')
    .select(({ fn }) => ['source.name', fn.min('acquired_at').as('acquiredAt')])
    .where('lead_id', '=', leadId)
    .groupBy('source.id')
    .orderBy('acquiredAt')
    .limit(SHOWN)
    .execute();
}
