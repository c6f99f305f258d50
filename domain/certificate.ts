/** Third parties that keep evidence of consents and can be asked about it. */
export const CERTIFICATE_PROVIDERS = ['trustedform', 'jornaya'] as const;
export type CertificateProvider = (typeof CERTIFICATE_PROVIDERS)[number];

/** `unverified`: nobody who knows has answered. It never becomes one of the others by time alone. */
export const CERTIFICATE_RESULTS = ['verified', 'failed', 'unverified'] as const;
export type CertificateResult = (typeof CERTIFICATE_RESULTS)[number];

export interface Certificate {
  provider: CertificateProvider;
  /** What the provider knows it by. */
  reference: string;
}

const TRUSTEDFORM = /^https:\/\/cert\.trustedform\.com\/([0-9a-f]{40})\/?$/i;
const LEADID = /^[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}$/i;

/**
 * The certificate that the evidence of a consent names: the URL of a TrustedForm certificate, or a LeadiD token of Jornaya.
 * Null for anything else, which is kept as evidence and asked nobody about.
 */
export function recogniseCertificate(text: string | undefined): Certificate | null {
  const written = text?.trim() ?? '';
  const [, id] = TRUSTEDFORM.exec(written) ?? [];
  if (id !== undefined) return { provider: 'trustedform', reference: id.toLowerCase() };
  return LEADID.test(written) ? { provider: 'jornaya', reference: written.toUpperCase() } : null;
}

/** Why a certificate failed, in words of ours; what the provider said is sealed. */
export const CERTIFICATE_REASONS = {
  confirmed: 'The provider confirms it, for this person.',
  declined: 'The provider was asked and does not confirm it.',
  other_person: 'The certificate is of somebody else: phone and e-mail are not those that it was made with.',
  not_found: 'The provider has no such certificate, or no longer.',
} as const;
export type CertificateReason = keyof typeof CERTIFICATE_REASONS;

/** How a check ended or stands, as its workflow shows it. Nothing personal. */
export interface CertificateOutcome {
  provider: CertificateProvider;
  result: CertificateResult;
  reason: CertificateReason | null;
  /** Why there is no answer. */
  problem: string | null;
}

/** What an operator reads on opening a check, in Markdown. */
export function certificateCard(outcome: CertificateOutcome | null): string {
  if (!outcome) return '### asking\n\nAsks who issued the certificate of a consent whether it is theirs. Nothing changes until there is an answer.';
  const { provider, result, reason, problem } = outcome;
  const lines = [`### ${result}`, `Provider **${provider}**`];
  if (reason) lines.push(CERTIFICATE_REASONS[reason]);
  if (problem) lines.push(problem);
  if (result === 'unverified') lines.push('The consent stays as it is. POST /v1/consents/{id}/verification asks again.');
  return lines.join('\n\n');
}
