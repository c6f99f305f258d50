import type { CertificateReason } from '../../domain/certificate.ts';

/** Whose consent a certificate is said to prove, and what goes along with the question. */
export interface CertifiedPerson {
  /** E.164. */
  phone: string;
  email: string | undefined;
  /** Our own name for the person; says nothing about them. */
  leadId: string;
  /** What the company calls itself. */
  company: string;
}

/** What a provider said: `answer` as it came. */
export interface CertificateVerdict {
  result: 'verified' | 'failed';
  reason: CertificateReason;
  answer: string;
}

/** A third party that can be asked about the certificates that it issued. */
export interface CertificateAdapter {
  /** Asks about one certificate by its reference. Throws a ProviderFailure where there is no answer to rely on. */
  verify(reference: string, person: CertifiedPerson, signal: AbortSignal): Promise<CertificateVerdict>;
}
