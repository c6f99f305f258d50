import type { Tx } from './connection.ts';
import type { DisposalGround } from './ending-schema.ts';
import { newId } from './ids.ts';
import { tellLeads } from './outbox.ts';

/** Why a lead is disposed of, and on whose word. */
export interface DisposalOrder {
  leadId: string;
  ground: DisposalGround;
  requestId: string | null;
  reason: string | null;
  by: string;
}

/** Opens the disposal of a lead and wakes its workflow; answers the id of the one that is open already, or complete, where there is one. */
export async function openDisposal(tx: Tx, { leadId, ground, requestId, reason, by }: DisposalOrder, now: Date): Promise<string> {
  const id = newId();
  const row = { id, lead_id: leadId, ground, request_id: requestId, reason, opened_by: by, opened_at: now };
  const added = await tx.insertInto('disposal').values(row).onConflict((conflict) => conflict.column('lead_id').doNothing()).returning('id').executeTakeFirst();
  if (!added) return (await tx.selectFrom('disposal').select('id').where('lead_id', '=', leadId).executeTakeFirstOrThrow()).id;
  await tellLeads(tx, [leadId], { signal: 'lifecycleChanged', factId: id, said: `disposal opened: ${ground}` }, now);
  return id;
}
