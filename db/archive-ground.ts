import { sql } from 'kysely';
import type { AcquisitionFacts, LeadFacts } from '../domain/lead.ts';
import type { Tx } from './connection.ts';

/** What tells whether a lead is to be archived still, all but its consents. */
export type ArchiveGround = Pick<LeadFacts, 'id' | 'retrievedUntil' | 'archivedWith' | 'lastContactAt'> & {
  acquisitions: { count: number; last: AcquisitionFacts };
  isBeingDisposed: boolean;
};

type Row = Omit<ArchiveGround, 'acquisitions'> & AcquisitionFacts & { leadId: string; count: number };

/** Reads it of some leads. */
export async function archiveGrounds(tx: Tx, leadIds: readonly string[]): Promise<ArchiveGround[]> {
  const { rows } = await sql<Row>`
    select lead.id as "leadId", retrieved_until as "retrievedUntil",
      (select json_build_object('acquisitions', acquisitions, 'grants', grants) from archive_bundle where lead_id = lead.id) as "archivedWith",
      (select max(greatest(ended_at, received_at)) from contact where lead_id = lead.id) as "lastContactAt",
      exists (select 1 from disposal where lead_id = lead.id and completed_at is null
        and (ground <> 'order' or approved_at is not null)) as "isBeingDisposed",
      (select count(*)::int from acquisition where lead_id = lead.id) as count,
      last.id, last.source_id as source, last.acquired_at as "acquiredAt", last.received_at as "receivedAt"
    from unnest(${leadIds}::uuid[]) as asked (id) join lead on lead.id = asked.id
    cross join lateral (select * from acquisition where lead_id = lead.id order by received_at desc, id desc limit 1) last`.execute(tx);
  return rows.map(({ leadId, count, id, source, acquiredAt, receivedAt, ...facts }) => {
    return { ...facts, id: leadId, acquisitions: { count, last: { id, source, acquiredAt, receivedAt } } };
  });
}
