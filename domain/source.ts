export const SOURCE_KINDS = [
  'web_form', 'landing_page', 'event', 'partner', 'purchase', 'operator_feed', 'referral', 'inbound_call', 'app', 'crm', 'other',
] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** The grounds of GDPR art. 6(1) on which a source's leads are held. */
export const LEGAL_BASES = ['consent', 'contract', 'legitimate_interest', 'legal_obligation', 'public_source'] as const;
export type LegalBasis = (typeof LEGAL_BASES)[number];

export const CONFIRMATIONS = ['none', 'double_opt_in'] as const;
export type Confirmation = (typeof CONFIRMATIONS)[number];

/** The exact words a person agreed to, one version in one language, and the callers they name. */
export interface ConsentText {
  version: string;
  language: string;
  text: string;
  names: string[];
}

/** A registered origin of leads. Acquisitions from anywhere else are refused. */
export interface Source {
  id: string;
  name: string;
  kind: SourceKind;
  legalBasis: LegalBasis;
  confirmation: Confirmation;
  /** ISO 3166-1 alpha-2 region in which national numbers of this source are read, or null. */
  defaultRegion: string | null;
  consentTexts: ConsentText[];
}
