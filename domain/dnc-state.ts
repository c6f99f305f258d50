import type { GateFacts, Reason } from './clearance.ts';
import type { DncState } from './lead.ts';
import { isForeign } from './rules/lists.ts';

/**
 * What do-not-call lists say of a lead, given all that stands against contacting it. Looked up in nothing is not clear, and
 * neither is a lead for which a list is missing that has to be there. A list that nothing asks for counts from its first
 * release on; one of another country says nothing.
 */
export function dncStateOf(facts: GateFacts, reasons: readonly Reason[]): DncState {
  const lists = facts.lists.filter((list) => !isForeign(facts, list));
  if (lists.some(({ listedSince }) => listedSince !== null)) return 'listed';
  const isMissing = reasons.some(({ code }) => code === 'list_missing');
  return isMissing || lists.every(({ release }) => release === null) ? 'unchecked' : 'clear';
}
