import { listAt, objectAt, textAt } from './members.ts';

/** What the signed certificate of a disposal states, line by line. */
export function disposalLines(content: Record<string, unknown>): string[] {
  const actors = objectAt(content, 'actors');
  const key = objectAt(content, 'key');
  const ground = objectAt(content, 'ground');
  const { approvedBy } = actors;
  return [
    `- everything about the person behind the lead ${textAt(content, 'leadId')} was destroyed, complete at ${textAt(content, 'completedAt')};`,
    `- because of ${words(textAt(ground, 'kind'))}, opened by ${textAt(actors, 'openedBy')} at ${textAt(actors, 'openedAt')}${typeof approvedBy === 'string' ? `, agreed to by ${textAt(actors, 'approvedBy')}` : ''};`,
    `- the data key ${textAt(key, 'id')} (${textAt(key, 'algorithm')}, under key-encryption key ${textAt(key, 'keyEncryptionKey')}) was overwritten and deleted at ${textAt(key, 'destroyedAt')};`,
    ...listAt(objectAt(content, 'sanitization'), 'media').map(mediumLine),
    `- key, sealed records and archive object were looked for at ${textAt(content, 'verifiedAt')}, and none was found;`,
    `- from ${textAt(content, 'backupsEndAt')} on no backup has the key; before that a restore replays the disposal before anything is served;`,
  ];
}

export const DISPOSAL_DOES_NOT_PROVE = [
  'It does not prove:',
  '- that nobody outside of these stores had made a copy, on paper or elsewhere;',
  '- that a receiver that has acknowledged did forget; only that it was told and answered;',
  '- that backups end when the company says they do;',
  '- when the file was signed, beyond the word of the signer.',
];

function mediumLine(medium: Record<string, unknown>): string {
  const waived = textAt(objectAt(medium, 'evidence'), 'waivedBy');
  const how = waived === 'nothing' ? 'confirmed' : `waived by ${waived}`;
  return `- ${textAt(medium, 'store')} (${textAt(medium, 'method')}) ${how} at ${textAt(medium, 'confirmedAt')};`;
}

function words(name: string): string {
  return name.replaceAll('_', ' ');
}
