import { CONSENT_DOES_NOT_PROVE, consentLines } from './consent-explanation.ts';
import { DISPOSAL_DOES_NOT_PROVE, disposalLines } from './disposal-explanation.ts';
import { listAt, objectAt, textAt } from './members.ts';
import type { Check } from './verify.ts';

/** What a file proves and what it does not, in plain words. `content` is null where nothing in it can be relied on. */
export function explain(content: Record<string, unknown> | null, checks: readonly Check[]): string {
  const failed = checks.filter(({ ok }) => ok === false);
  if (!content) return ['NOT VALID. Nothing in this file can be relied on.', ...failed.map(({ detail }) => `- ${detail}`)].join('\n');
  return [...proves(content, checks), '', ...limitsOf(content)].join('\n');
}

function limitsOf(content: Record<string, unknown>): readonly string[] {
  if (content.kind === 'disposal') return DISPOSAL_DOES_NOT_PROVE;
  return speaksOfConsent(content) ? CONSENT_DOES_NOT_PROVE : DOES_NOT_PROVE;
}

const DOES_NOT_PROVE = [
  'It does not prove:',
  '- that the facts on record were true, or complete; only what they were, by their digests;',
  '- that the law was read correctly: the values, their sources and how well each was checked are stated;',
  '- what was said in a call, or whether there was one;',
  '- when the file was signed, beyond the word of the signer;',
  '- that a release of a list is the one that its registry gave out, beyond the digest of the file.',
];

function proves(content: Record<string, unknown>, checks: readonly Check[]): string[] {
  const signer = checks.find(({ name }) => name === 'signer');
  const holder = checks.some(({ name, ok }) => name === 'person' && ok === true);
  const who = signer?.ok === true ? 'The holder of the trusted key' : 'Whoever holds the key in this file (NOT CHECKED against a trusted key)';
  return [
    `VALID. ${who} stated, and cannot deny:`,
    ...linesOf(content),
    ...checks.filter(({ name, ok }) => ok === true && (name === 'release' || name === 'listing')).map(({ detail }) => `- ${lowerFirst(detail)}`),
    personLine(content, holder),
  ];
}

function personLine({ kind }: Record<string, unknown>, isHolder: boolean): string {
  if (kind === 'disposal') return '- who it was cannot be shown by anything any more.';
  if (isHolder) return '- the person it is about is the holder of the number that was given.';
  return '- the person is named by a digest only: the number and its opening show whose it is.';
}

function speaksOfConsent({ kind }: Record<string, unknown>): boolean {
  return kind === 'consent' || kind === 'consent_receipt';
}

function linesOf(content: Record<string, unknown>): string[] {
  if (speaksOfConsent(content)) return consentLines(content);
  if (content.kind === 'disposal') return disposalLines(content);
  return content.kind === 'listing' ? [listingLine(content)] : clearanceLines(content);
}

function listingLine(content: Record<string, unknown>): string {
  return `- when it answered the clearance ${textAt(content, 'clearanceId')} at ${textAt(content, 'at')}, this release of a do-not-call list was in force:`;
}

function lowerFirst(detail: string): string {
  return `${detail.charAt(0).toLowerCase()}${detail.slice(1).replace(/\.$/, ';')}`;
}

function clearanceLines(content: Record<string, unknown>): string[] {
  const question = objectAt(content, 'question');
  const law = objectAt(content, 'law');
  const reasons = listAt(content, 'reasons');
  return [
    `- asked at ${textAt(content, 'at')} whether one person may be contacted (${textAt(question, 'channel')}, ${textAt(question, 'purpose')}, ` +
      `${textAt(question, 'dialerMode')}, for ${textAt(question, 'seller')}), the answer on record was ${textAt(content, 'decision').toUpperCase()};`,
    ...(reasons.length === 0 ? ['- no reason stood against it;'] : reasons.map(reasonLine)),
    `- it rests on the law as named ${textAt(law, 'policyVersion')}, settings ${textAt(content, 'settingsVersion')} and the facts with the digests listed;`,
  ];
}

function reasonLine(reason: Record<string, unknown>): string {
  return `- because of ${textAt(reason, 'code')} (${textAt(reason, 'effect')}; ${textAt(reason, 'jurisdiction')}, ${textAt(reason, 'source')});`;
}
