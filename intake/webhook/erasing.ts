import { newId } from '../../db/ids.ts';
import type { WebhookRows } from '../../db/webhook-facts.ts';
import type { TakenEvent } from './taken-event.ts';

/** Whose wish it is to be forgotten, as far as that is known. */
interface Asker {
  leadId: string | null;
  token: bigint | null;
  jurisdictions: string[];
}

/**
 * Plans the request of somebody to be forgotten, with the word that starts the workflow which watches its deadlines, and answers
 * its id. One that was put on record before it was known whose it is becomes theirs.
 */
export function requestErasure(rows: WebhookRows, taken: TakenEvent, { leadId, token, jurisdictions }: Asker): string {
  const { receivedAt, requestId = null, sender: { webhookSourceId: via } } = taken;
  const isTheirs = requestId !== null && !rows.identified.some(({ id }) => id === requestId);
  const id = isTheirs ? requestId : newId();
  const asker = { id, lead_id: leadId, token, jurisdictions };
  const asked = { kind: 'erasure' as const, via, requested_at: atOf(taken), received_at: receivedAt };
  if (isTheirs) rows.identified.push(asker);
  else rows.requests.push({ ...asker, ...asked });
  const signal = isTheirs ? 'requestChanged' : 'received';
  rows.outbox.push({ subject: id, workflow: 'subject_request', signal, fact_id: id, lane: 0, due_at: receivedAt, said: asked.kind });
  return id;
}

function atOf({ event, receivedAt }: TakenEvent): Date {
  return 'at' in event ? event.at : receivedAt;
}
