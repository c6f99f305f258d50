import { z } from 'zod';
import { recordAccess } from '../db/access-log.ts';
import { findLeads } from '../db/lead-views.ts';
import { DomainError } from '../domain/problem.ts';
import { isStorable } from '../intake/accepted-values.ts';
import type { Caller } from './authentication.ts';
import type { ApiContext } from './context.ts';
import { REVEALABLE, type Revealable } from './lead-answers.ts';
import { REVEALERS } from './roles.ts';

/** `phone,email`: the fields to show in clear, each once. */
export const revealQuery = z
  .string()
  .max(60)
  .transform((list) => [...new Set(list.split(','))])
  .refine((fields): fields is Revealable[] => fields.every((field) => REVEALABLE.some((each) => each === field)), {
    error: `must be some of ${REVEALABLE.join(', ')}, with commas between`,
  })
  .meta({ description: `Fields to show in clear, of ${REVEALABLE.join(', ')}, with commas between`, examples: ['phone,email'] });

export const accessHeaders = z.object({
  'access-reason': z
    .string()
    .transform(fromHeader)
    .refine((reason) => isStorable(reason) && reason.length >= 3 && reason.length <= 200, { error: 'must have 3 to 200 characters' })
    .optional()
    .meta({ description: 'Why the fields are needed; required with `reveal`, kept with the access', examples: ['call back requested'] }),
});

/**
 * Puts an access on record, committed, before anything is read for it. Where that fails nothing is shown: whatever made it
 * fail becomes the answer.
 */
export async function recordReveal(
  context: ApiContext, caller: Caller, leadId: string, fields: readonly (Revealable | 'statement')[], reason: string | undefined,
): Promise<void> {
  if (!REVEALERS.includes(caller.role)) throw new DomainError('forbidden', `Showing in clear takes one of the roles: ${REVEALERS.join(', ')}.`);
  const stated = requireReason(reason);
  const { db, vault } = context;
  const [lead] = await findLeads(db, [leadId]);
  if (!lead) return;
  // What was said since the lead was archived is at hand.
  if (lead.archived_at && !fields.includes('statement')) throw inArchive();
  const access = { leadId, actor: `key:${caller.keyId}`, fields, reason: stated, at: context.now() };
  const recorded = await db.transaction().execute((tx) => recordAccess(tx, vault, access));
  if (recorded) return;
  throw new DomainError('invalid_request', 'Nothing of this lead is left to be shown.', [
    { pointer: '?reveal', code: 'nothing_left', detail: 'the personal data of this lead is gone' },
  ]);
}

/** What is in the archive is shown to nobody. */
export function inArchive(): DomainError {
  return new DomainError('lead_archived', 'Ask for a retrieval with POST /v1/leads/{id}/retrievals; once it is approved, try again.');
}

/** Why somebody looks, as stated; refuses to show anything without. */
export function requireReason(reason: string | undefined): string {
  if (reason !== undefined) return reason;
  throw new DomainError('access_reason_missing', 'Say in the header Access-Reason what the fields are needed for.', [
    { pointer: 'header:Access-Reason', code: 'required', detail: 'is missing' },
  ]);
}

/** Header bytes arrive one per character; where they are UTF-8 they are read as such. */
function fromHeader(raw: string): string {
  const bytes = Buffer.from(raw, 'latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim();
  } catch {
    return raw.trim();
  }
}
