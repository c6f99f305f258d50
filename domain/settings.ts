/** A company's own choices, as ISO 8601 durations. They may be stricter than the law, never looser. */
export interface Settings {
  retention: {
    /** Quiet time after the last thing that happened to a lead, before its personal data leaves the hot tables. */
    archiveAfter: string;
    /** How long a lead that was never contacted and has no consent in force is kept after its last acquisition. */
    unusedLead: string;
    /** How long a suppressed lead stays in the hot tables. */
    suppressedLead: string;
  };
}

export const DEFAULT_SETTINGS: Settings = {
  retention: { archiveAfter: 'P12M', unusedLead: 'P6M', suppressedLead: 'P30D' },
};
