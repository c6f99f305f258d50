import { covers, type Channel, type Purpose } from './consent.ts';
import type { Outcome } from './contact.ts';
import type { SourceKind } from './source.ts';

/** A company's own choices; durations are ISO 8601. They may be stricter than the law, never looser. */
export interface Settings {
  company: {
    /** What the company calls itself when it calls: the seller where a question names none. */
    name: string;
  };
  /** Quiet time by outcome, on every channel. */
  cooldown: Partial<Record<Outcome, string>>;
  /** Attempts per person over all campaigns; windows in exact hours. */
  caps: readonly { count: number; window: string }[];
  clearance: {
    /** How long an allowed contact keeps the person reserved. */
    validFor: string;
  };
  retention: {
    /** Quiet time after the last thing that happened to a lead, before its personal data leaves the hot tables. */
    archiveAfter: string;
    /** How long a lead that was never contacted and has no consent in force is kept after its last acquisition. */
    unusedLead: string;
    /** How long a lead is kept after it was last contacted. */
    contactedLead: string;
    /** How long a suppressed lead stays in the hot tables. */
    suppressedLead: string;
  };
  /** How long after its acquisition a lead of a kind of source may first be contacted. */
  sources: Partial<Record<SourceKind, { usableFor: string }>> & { other: { usableFor: string } };
  confirmation: {
    /** Consents that need a double opt-in, on top of what their source asks for; what is left out matches all. */
    required: readonly { jurisdiction?: string | undefined; channel?: Channel | undefined; purpose?: Purpose | undefined }[];
    /** When the person is reminded, from the first request on; in order. */
    remindAfter: readonly string[];
    /** When a consent that nobody confirmed lapses, from the first request on. */
    lapseAfter: string;
    /** How long the link of a request can be used. */
    linkValidFor: string;
  };
  renewal: {
    /** How long before a consent lapses the person is asked to give it anew; left out: never. */
    before?: string | undefined;
  };
  /** Ids of lists that have to be asked beyond those that the law requires. */
  lists: {
    required: readonly string[];
    /** The largest share of a list that a full release may drop before a person has to approve it. */
    maxDrop: number;
  };
  approvals: {
    /** What waits for a person is approved by another one than brought it. */
    fourEyes: boolean;
  };
  reassigned: {
    /** No contact without an answer of a reassigned-number database. */
    required: boolean;
    /** How many leads a day are asked about before anybody wants to call them; left out: none. */
    askAhead?: number | undefined;
  };
}

export const DEFAULT_SETTINGS: Settings = {
  company: { name: 'acme' },
  cooldown: {
    no_answer: 'PT4H', busy: 'PT30M', voicemail: 'P1D', failed: 'PT1H', answered: 'P7D', refused: 'P12M', converted: 'P30D', abandoned: 'PT72H',
  },
  caps: [{ count: 3, window: 'PT24H' }, { count: 8, window: 'PT720H' }],
  clearance: { validFor: 'PT10M' },
  retention: { archiveAfter: 'P12M', unusedLead: 'P6M', contactedLead: 'P24M', suppressedLead: 'P30D' },
  sources: { purchase: { usableFor: 'P90D' }, event: { usableFor: 'P6M' }, web_form: { usableFor: 'P12M' }, other: { usableFor: 'P12M' } },
  confirmation: { required: [], remindAfter: ['P1D', 'P3D'], lapseAfter: 'P7D', linkValidFor: 'P7D' },
  renewal: {},
  lists: { required: [], maxDrop: 0.05 },
  approvals: { fourEyes: false },
  reassigned: { required: false },
};

/** Whether the settings want a consent to be confirmed, whatever its source asks for. */
export function needsConfirmation(
  { confirmation }: Settings, consent: { jurisdictions: readonly string[]; channel: Channel; purpose: Purpose },
): boolean {
  return confirmation.required.some(({ jurisdiction, channel, purpose }) =>
    (jurisdiction === undefined || consent.jurisdictions.includes(jurisdiction))
    && (channel === undefined || channel === consent.channel)
    && (purpose === undefined || covers(purpose, consent.purpose)));
}
