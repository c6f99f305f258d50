/** Where a person may be: every candidate, none of them certain. */
export interface Place {
  /** Countries, and parts of them in the manner of ISO 3166-2. */
  jurisdictions: string[];
  /** IANA ids; empty when no zone is known. */
  zones: string[];
}
