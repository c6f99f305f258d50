import type { Channel, ConsentEvent, Purpose } from './consent.ts';
import type { Contact } from './contact.ts';
import type { Suppression } from './lead.ts';
import type { Confidence, RuleKind } from './policy.ts';
import type { Porting } from './porting.ts';
import type { Relationship } from './relationship.ts';
import type { SourceKind } from './source.ts';

export const DIALER_MODES = ['manual', 'preview', 'predictive', 'prerecorded', 'ai_voice'] as const;
export type DialerMode = (typeof DIALER_MODES)[number];

export const LINE_TYPES = ['fixed', 'mobile', 'voip'] as const;
/** What a carrier look-up said about a number. */
export type LineType = (typeof LINE_TYPES)[number];

/** Every reason a clearance can give, and what it does to the answer. A closed set: added to, never renamed. */
export const REASON_EFFECTS = {
  suppressed: 'deny',
  dnc_listed: 'deny',
  list_missing: 'hold',
  list_stale: 'hold',
  consent_missing: 'deny',
  consent_unconfirmed: 'deny',
  consent_expired: 'deny',
  consent_revoked: 'deny',
  consent_grade: 'deny',
  call_window: 'deny',
  attempt_cap: 'deny',
  cooldown: 'deny',
  open_clearance: 'deny',
  zone_unknown: 'hold',
  jurisdiction_unknown: 'hold',
  reassigned_unknown: 'hold',
  reassigned: 'deny',
  dialer_mode: 'deny',
  caller_id_series: 'deny',
  abandonment: 'deny',
  opt_out_unclear: 'hold',
  lead_archived: 'deny',
  lead_disposed: 'deny',
  source_suspended: 'deny',
  acquisition_stale: 'deny',
  lead_unknown: 'deny',
} as const satisfies Record<string, 'deny' | 'hold'>;

export type ReasonCode = keyof typeof REASON_EFFECTS;
export const REASON_CODES = Object.keys(REASON_EFFECTS) as readonly ReasonCode[];

export const DECISIONS = ['allow', 'deny', 'hold'] as const;
export type DecisionWord = (typeof DECISIONS)[number];

/** What somebody wants to do. */
export interface Question {
  channel: Channel;
  purpose: Purpose;
  campaign: string | null;
  seller: string;
  dialerMode: DialerMode;
  /** Digits, with or without a leading +; null where it was not said. */
  callerId: string | null;
}

/** An arrival of the number, as far as it decides whether the lead may be used. */
export interface GateAcquisition {
  id: string;
  sourceKind: SourceKind;
  acquiredAt: Date;
  /** Since when the source is not in use, or null. */
  suspendedAt: Date | null;
}

/** A consent event, and whether the text that was agreed to names the seller of the question. */
export interface GateConsent extends ConsentEvent {
  /** How it was recorded, or null. */
  method: string | null;
  namesSeller: boolean;
}

/** A do-not-call list as it stands for one number. */
export interface ListState {
  list: string;
  jurisdiction: string;
  effect: 'block' | 'block_unless_consent' | 'annul_consent';
  /** The release in force, or null when none was loaded. */
  release: { id: string; asOf: Date } | null;
  /** The `asOf` of the first release that shows the number, or null when it is not listed. */
  listedSince: Date | null;
}

export interface ReassignedAnswer {
  id: string;
  answer: 'yes' | 'no' | 'no_data';
  askedAt: Date;
  /** Since when the database was asked about; null, or left out in older records, where nobody said. */
  knownGoodAt?: Date | null;
}

/** What became of the calls of the question's campaign in one window before now. */
export interface CampaignCalls {
  /** As the rule that asks for it names it. */
  window: string;
  /** Calls that a person answered, the abandoned ones among them. */
  live: number;
  abandoned: number;
}

/** Everything that a decision may look at: what is on the books about one person, without a word of personal data. */
export interface GateFacts {
  /** Null when the number belongs to no lead. */
  lead: {
    id: string;
    jurisdictions: readonly string[];
    /** Candidate IANA zones; empty when none is known, or too many are. */
    zones: readonly string[];
    /** What a carrier look-up said last; portings say what became of it. */
    lineType: LineType | null;
    isCompany: boolean;
    archivedAt: Date | null;
    disposedAt: Date | null;
  } | null;
  acquisitions: readonly GateAcquisition[];
  consents: readonly GateConsent[];
  suppressions: readonly Suppression[];
  relationships: readonly Relationship[];
  /** The latest attempts, newest first; enough of them to count by. */
  contacts: readonly Contact[];
  openClearance: { id: string; until: Date } | null;
  lists: readonly ListState[];
  campaign: readonly CampaignCalls[];
  reassigned: ReassignedAnswer | null;
  portings: readonly Porting[];
  /** A statement that may be an opt-out and that nobody has looked at yet. */
  unclearOptOuts: readonly { id: string; channel: Channel | 'all'; statedAt: Date }[];
}

/** Facts as they are on record with an answer: the first answers were given before portings were a fact. */
export type FactsOnRecord = Omit<GateFacts, 'portings'> & Partial<Pick<GateFacts, 'portings'>>;

/** One reason: the rule, whose law, where it is written, what it looked at, and when time cures it. */
export interface Reason {
  code: ReasonCode;
  effect: 'deny' | 'hold';
  /** `company` for rules of the company's own. */
  jurisdiction: string;
  rule: RuleKind | 'company';
  source: string;
  confidence?: Confidence;
  /** The value comes from the page that stands in for jurisdictions without one. */
  default?: true;
  /** When this rule alone is satisfied by time; null when time does not cure it. */
  notBefore: Date | null;
  /** Ids and words, none of them personal: `zone:America/New_York`, `consent:<id>`. */
  facts: readonly string[];
}

/** How many attempts counted against a cap. */
export interface AttemptCount {
  jurisdiction: string;
  window: string;
  count: number;
  cap: number;
}

/** The answer to a question, with everything that it stands on. */
export interface Decision {
  decision: DecisionWord;
  /** The first moment at which no reason that time cures is left; null while one remains that it does not, and on allow. */
  notBefore: Date | null;
  reasons: Reason[];
  checked: {
    lists: { list: string; releaseId: string; asOf: Date }[];
    consents: string[];
    zones: readonly string[];
    attempts: AttemptCount[];
  };
}
