import { listAt, objectAt, textAt } from './members.ts';

/** What the signed record or receipt of a consent states, line by line. */
export function consentLines(content: Record<string, unknown>): string[] {
  const part = objectAt(content, content.kind === 'consent' ? 'record' : 'receipt');
  const events = listAt(part, content.kind === 'consent' ? 'consent_events' : 'events');
  const state = objectAt(part, 'state');
  return [
    `- the ${content.kind === 'consent' ? 'record' : 'receipt'} of consent ${textAt(content, 'consentId')}, as it stood when the file was signed;`,
    whatFor(content, part),
    ...events.map((event) => `- ${textAt(event, 'event_state', 'state')} at ${textAt(event, 'event_time', 'at')}, on record since ${textAt(event, 'recorded_time', 'receivedAt')};`),
    `- at ${textAt(state, 'at')} it was ${textAt(state, 'state').toUpperCase()};`,
    '- the words that were shown are in the file, with their digests;',
  ];
}

/** Who may do what by it. */
function whatFor(content: Record<string, unknown>, part: Record<string, unknown>): string {
  const isRecord = content.kind === 'consent';
  const [first = {}] = listAt(part, 'consent_events');
  const [controller = {}] = listAt(part, 'party_identification');
  const scope = isRecord ? objectAt(first, 'scope') : part;
  const who = isRecord ? textAt(controller, 'party_name') : textAt(part, 'pii_controller');
  return `- that ${who} may be in touch by ${textAt(scope, 'channel')} for ${textAt(scope, 'purpose')};`;
}

export const CONSENT_DOES_NOT_PROVE = [
  'It does not prove:',
  '- that the person agreed, or said what is on record; only that it is on record like this, and since when;',
  '- that the consent is enough for a contact: law and lists decide that at the moment of each;',
  '- what became of it after the file was signed;',
  '- when the file was signed, beyond the word of the signer.',
];
