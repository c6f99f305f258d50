import type { Channel, Grade, Purpose } from './consent.ts';
import type { DialerMode } from './clearance.ts';
import type { Outcome } from './contact.ts';
import type { RelationshipKind } from './relationship.ts';

export const CONFIDENCES = ['primary', 'secondary', 'unconfirmed'] as const;
/** How well a value was checked: read in a primary source, in a secondary one, or not confirmed yet. */
export type Confidence = (typeof CONFIDENCES)[number];

/** One value of law: from when (and until when) it holds, where it is written, and how well that was checked. */
export interface Dated<T> {
  /** First and, exclusively, last local day: `YYYY-MM-DD`. */
  from: string;
  to?: string;
  value: T;
  source: string;
  verifiedAt: string;
  confidence: Confidence;
}

/** What is kept as evidence: a consent from its grant, anew from each use, a contact from its end, the rest from its making. */
export const EVIDENCE = ['consent', 'use', 'clearance', 'contact', 'subject_request'] as const;
export type Evidence = (typeof EVIDENCE)[number];

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Day = (typeof DAYS)[number];

/** Half-open stretches of a local day, as minutes since midnight. */
export type Hours = readonly (readonly [start: number, end: number])[];

/** What a caller may or may not do, kind by kind. Durations are ISO 8601. */
export interface RuleValues {
  /** How old a list may be, and on which channels it has to be asked. */
  list_freshness: {
    list: string;
    maxAge: string;
    channels: readonly Channel[];
    /** `companies`: only for leads with a company. `subscribers`: off unless the settings require the list. */
    requiredFor: 'everyone' | 'companies' | 'subscribers';
  };
  /** Hours in which people may be called or texted. A day that is left out is closed. */
  call_window: {
    hours: Partial<Record<Day, Hours>>;
    /** Public holidays are closed, whatever their weekday. */
    closedOnHolidays: boolean;
    dialing: 'any' | 'automated';
    /** A consent of at least this grade opens hours, weekends and holidays. */
    liftedBy?: Grade;
  };
  attempt_cap: {
    count: number;
    /** Exact hours: `PT24H`. */
    window: string;
    /** What is counted together. Subject matter is purpose and seller. */
    scope: 'number' | 'seller' | 'subject_matter';
  };
  /** Quiet time after an outcome; `null` has no end but a later consent. */
  cooldown: { after: Outcome; period: string | null };
  consent_required: {
    channels: readonly Channel[];
    purposes: readonly Purpose[];
    grade: Grade;
    /** Only for these ways of dialing; left out: for all. */
    dialing?: readonly DialerMode[];
    /** Only consents recorded through this method count. */
    method?: string;
  };
  /** What a listed number means, and what overrides it. */
  registry_effect: {
    list: string;
    effect: 'block' | 'block_unless_consent' | 'annul_consent';
    channels: readonly Channel[];
    /** The grade of consent that overrides the list. */
    grade?: Grade;
    /** The overriding consent has to name the caller. */
    namesCaller?: boolean;
    /** How long a registration takes to bind, from the `asOf` that first showed it. */
    grace?: string;
    /** A consent without a stated end overrides the list for so long. */
    consentLapses?: string;
  };
  /** A business relationship that replaces a consent, or overrides lists, for so long after it (or until it ends: null). */
  relationship_exemption: {
    kind: RelationshipKind;
    period: string | null;
    instead: 'consent' | 'lists';
  };
  /** How soon an opt-out has to be honoured, and how far it reaches. Business days are counted in `businessDays`. */
  optout_latency: { period: string; businessDays: boolean };
  /** Whether an opt-out from one kind of message reaches every kind. */
  optout_scope: { reaches: 'as_said' | 'everything' };
  /**
   * Only answers of such a database give a safe harbour, as long as they rest on the latest reports to it: those are due on
   * this day of each month.
   */
  reassigned_check: { database: string; reportedOn?: number };
  dialer_mode: { barred: readonly DialerMode[]; lineType: 'mobile' };
  /** How long calls to a ported line are excused of who does not know. Whoever has it on record knows: no answer rests on it. */
  porting_grace: { lineType: 'mobile'; period: string };
  abandonment: { atMost: number; window: string; messageWithin: string; ringAtLeast?: string };
  /** Numbers with which such calls have to be made: national digits that they start with. */
  caller_id_series: { purposes: readonly Purpose[]; series: string; callingCode: string };
  /** How long evidence is kept, from when it came to be. What it protects; left out: all of it. */
  evidence_retention: { period: string; protects?: readonly Evidence[] };
  subject_request_deadline: { kind: 'acknowledge' | 'answer' | 'extension' | 'opt_out'; period: string; businessDays?: boolean };
  audit_frequency: { period: string; above: number };
}

export type RuleKind = keyof RuleValues;

/** The law of one jurisdiction (ISO 3166-1 alpha-2, or ISO 3166-2 for a part of a country) as dated values. */
export interface Policy {
  jurisdiction: string;
  name: string;
  values: { readonly [K in RuleKind]?: readonly Dated<RuleValues[K]>[] };
  /** Public holidays, as `YYYY-MM-DD` local days, where a rule asks for them. */
  holidays?: Holidays;
  /** Stands in for a jurisdiction without a page of its own. */
  isDefault?: true;
}

/** Days off, with where they come from and the years that the table reaches over. */
export interface Holidays {
  source: string;
  firstYear: number;
  lastYear: number;
  days: ReadonlySet<string>;
}

/** The values of one kind in force on a local day (`YYYY-MM-DD`). */
export function inForce<K extends RuleKind>(policy: Policy, kind: K, day: string): Dated<RuleValues[K]>[] {
  const values: readonly Dated<RuleValues[K]>[] = policy.values[kind] ?? [];
  return values.filter(({ from, to }) => from <= day && (to === undefined || day < to));
}
