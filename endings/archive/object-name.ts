import { randomBytes } from 'node:crypto';

/**
 * Leads that came in within the same hours lie in one folder: leads that are archived together, share the cost of making it last.
 */
const FOLDER_DIGITS = 6;

/**
 * A new name for a bundle of a lead. Made of the lead's id and chance, so that it tells nothing of the person, and no name is
 * ever used twice: what is late in writing or removing one object does no harm to another.
 */
export function newObjectName(leadId: string): string {
  const hours = leadId.replaceAll('-', '').slice(0, FOLDER_DIGITS);
  return `leads/${hours}/${leadId}.${randomBytes(8).toString('hex')}.bundle`;
}
