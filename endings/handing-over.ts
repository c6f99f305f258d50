import type { Tx } from '../db/connection.ts';
import { recordAccess } from '../db/access-log.ts';
import { changeSubjectRequest, type SubjectRequestRow } from '../db/subject-requests.ts';
import { addStep } from '../db/subject-steps.ts';
import { currentSettings } from '../db/settings.ts';
import type { Vault } from '../db/vault.ts';
import type { KeptData } from '../domain/subject-request.ts';
import { everythingAbout, type HeldAboutPerson } from '../intake/subject-answers.ts';
import { endRequest } from '../intake/subject-requests.ts';
import { keptByLaw } from './kept-by-law.ts';

/** Everything that is held, and what the law has kept of it, until when. */
export type HandedOver = HeldAboutPerson & { duties: KeptData[] };

/** Who is handed the answer, and why. */
interface Receiver {
  actor: string;
  reason: string;
  format: string;
}

/**
 * Puts the answer to a request together, and on record that it was handed over, in one transaction: commit it before it is sent.
 * Null while what is held cannot be opened. Handed to the person, it fulfils the request.
 */
export async function handOver(
  tx: Tx, vault: Vault, request: SubjectRequestRow, { actor, reason, format }: Receiver, now: Date,
): Promise<HandedOver | null> {
  const { settings } = await currentSettings(tx);
  const leadId = request.lead_id ?? '';
  const held = await everythingAbout(tx, vault, leadId, settings.company.name, now);
  if (!held || !(await recordAccess(tx, vault, { leadId, actor, fields: [request.kind], reason, at: now }))) return null;
  await addStep(tx, request.id, { kind: 'handed_over', by: actor, word: format }, now);
  const duties = await keptByLaw(tx, { id: leadId, jurisdictions: held.jurisdictions }, now);
  if (request.ended_at !== null) return { ...held, duties };
  if (actor === 'person') await endRequest(tx, request, 'fulfilled', { by: actor, word: 'own_page' }, now);
  else await changeSubjectRequest(tx, request.id, { acknowledged_at: request.acknowledged_at ?? now });
  return { ...held, duties };
}
