import type { Generated } from 'kysely';
import type { CertificateProvider, CertificateResult } from '../domain/certificate.ts';

/** One time that a third party was asked about the certificate of a consent. Its answer is sealed under this id. */
export interface CertificateCheckTable {
  id: string;
  consent_id: string;
  lead_id: string;
  provider: CertificateProvider;
  requested_at: Date;
  requested_by: string;
  result: Generated<CertificateResult>;
  /** What the answer says, in a word of ours. */
  reason: Generated<string | null>;
  /** Why there is no answer, in a word of ours: that of the last attempt. */
  problem: Generated<string | null>;
  attempts: Generated<number>;
  tried_at: Generated<Date | null>;
  answered_at: Generated<Date | null>;
  /** SHA-256 of the answer as it came. */
  answer_digest: Generated<string | null>;
  /** When it was answered or given up; null while it is under way. */
  ended_at: Generated<Date | null>;
}

/** Third parties that are asked: those who issue certificates, and the database of reassigned numbers. */
export type Provider = CertificateProvider | 'reassigned';

/** How a third party behaves. */
export interface CertificateProviderTable {
  provider: Provider;
  /** Requests without an answer since the last one that had one. */
  failures: number;
  /** Until when it is left alone. */
  open_until: Date | null;
}
