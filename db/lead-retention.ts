import { sql } from 'kysely';
import type { Db } from './connection.ts';
import type { DisposalGround } from './ending-schema.ts';

/** The destruction of a lead, under way or complete. */
export interface LeadDisposal {
  id: string;
  ground: DisposalGround;
  openedAt: Date;
  completedAt: Date | null;
  /** From then on no order can keep anything. */
  keyDestroyedAt: Date | null;
  /** Stores that have not confirmed yet. */
  waitsFor: string[];
}

/** The disposal of a lead, or null where none has been opened. */
export async function disposalOfLead(db: Db, leadId: string): Promise<LeadDisposal | null> {
  const { rows: [row] } = await sql<LeadDisposal>`
    select id, ground, opened_at as "openedAt", completed_at as "completedAt", key_destroyed_at as "keyDestroyedAt",
      array(select store from disposal_step where disposal_id = disposal.id and confirmed_at is null order by store) as "waitsFor"
    from disposal where lead_id = ${leadId}`.execute(db);
  return row ?? null;
}
