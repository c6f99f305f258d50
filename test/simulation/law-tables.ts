/** The law as a person would copy it from the statute books on one page. Independent of domain/policies on purpose. */
const h = (hours: number, minutes = 0) => hours * 60 + minutes;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'];
const MON_TO_SAT = [...WEEKDAYS, 'Sat'];
const EVERY_DAY = [...MON_TO_SAT, 'Sun'];

export interface Window {
  jurisdiction: string;
  days: string[];
  start: number;
  end: number;
  from?: string;
  automatedOnly?: true;
}

const window = (jurisdiction: string, days: string[], start: number, end: number): Window => ({ jurisdiction, days, start, end });

/** A contact is lawful inside any row of each jurisdiction that has rows. */
export const WINDOWS: Window[] = [
  window('US', EVERY_DAY, h(8), h(21)),
  ...['FL', 'OK', 'MD', 'WA', 'MA'].map((state) => window(`US-${state}`, EVERY_DAY, h(8), h(20))),
  window('US-TX', MON_TO_SAT, h(9), h(21)),
  window('US-TX', ['Sun'], h(12), h(21)),
  ...['CT', 'NV'].map((state) => window(`US-${state}`, EVERY_DAY, h(9), h(20))),
  window('US-KY', EVERY_DAY, h(10), h(21)),
  ...['AL', 'LA', 'MS'].map((state) => window(`US-${state}`, MON_TO_SAT, h(8), h(20))),
  ...['MI', 'MN', 'NM'].map((state) => window(`US-${state}`, EVERY_DAY, h(9), h(21))),
  { ...window('US-ME', WEEKDAYS, h(9), h(17)), automatedOnly: true },
  { ...window('US-PA', MON_TO_SAT, 0, h(24)), from: '2026-10-18' },
  window('US-OR', EVERY_DAY, h(8), h(19)),
  window('FR', WEEKDAYS, h(10), h(13)),
  window('FR', WEEKDAYS, h(14), h(20)),
  window('CA', WEEKDAYS, h(9), h(21, 30)),
  window('CA', ['Sat', 'Sun'], h(10), h(18)),
  window('AU', WEEKDAYS, h(9), h(20)),
  window('AU', ['Sat'], h(9), h(17)),
  window('IN', EVERY_DAY, h(10), h(21)),
  window('CN', EVERY_DAY, h(8), h(21)),
  window('JP', WEEKDAYS, h(9), h(20)),
];

/** Where no call is made on a public holiday, and the holidays of the simulated year. */
export const HOLIDAYS: Record<string, string[]> = {
  FR: [
    '2026-08-15', '2026-11-01', '2026-11-11', '2026-12-25', '2027-01-01', '2027-03-29', '2027-05-01', '2027-05-06', '2027-05-08',
    '2027-05-17', '2027-07-14', '2027-08-15',
  ],
  AU: ['2026-12-25', '2026-12-26', '2026-12-28', '2027-01-01', '2027-01-26', '2027-03-26', '2027-03-28', '2027-03-29', '2027-04-25'],
  'US-AL': [
    '2026-09-07', '2026-10-12', '2026-11-11', '2026-11-26', '2026-12-25', '2027-01-01', '2027-01-18', '2027-02-15', '2027-04-26',
    '2027-05-31', '2027-06-07', '2027-06-18', '2027-06-19', '2027-07-04', '2027-07-05',
  ],
  'US-LA': [
    '2026-09-07', '2026-10-12', '2026-11-03', '2026-11-11', '2026-11-26', '2026-12-25', '2027-01-01', '2027-01-18', '2027-02-09',
    '2027-02-15', '2027-03-26', '2027-05-31', '2027-06-18', '2027-06-19', '2027-07-04', '2027-07-05',
  ],
};

export interface Cap {
  jurisdiction: string;
  count: number;
  hours: number;
  scope: 'number' | 'seller' | 'subject_matter';
}

export const CAPS: Cap[] = [
  { jurisdiction: 'company', count: 3, hours: 24, scope: 'number' },
  { jurisdiction: 'company', count: 8, hours: 720, scope: 'number' },
  { jurisdiction: 'US-FL', count: 3, hours: 24, scope: 'subject_matter' },
  { jurisdiction: 'US-OK', count: 3, hours: 24, scope: 'subject_matter' },
  { jurisdiction: 'US-MD', count: 3, hours: 24, scope: 'number' },
  { jurisdiction: 'US-OR', count: 3, hours: 24, scope: 'number' },
  { jurisdiction: 'US-GA', count: 4, hours: 24, scope: 'number' },
  { jurisdiction: 'FR', count: 4, hours: 720, scope: 'seller' },
  { jurisdiction: 'CN', count: 3, hours: 168, scope: 'number' },
  { jurisdiction: 'JP', count: 3, hours: 24, scope: 'number' },
];

export interface Quiet {
  jurisdiction: string;
  after: string;
  hours?: number;
  days?: number;
  months?: number;
  /** Nothing but a later consent ends it. */
  endless?: true;
}

export const QUIET: Quiet[] = [
  { jurisdiction: 'company', after: 'no_answer', hours: 4 },
  { jurisdiction: 'company', after: 'busy', hours: 0.5 },
  { jurisdiction: 'company', after: 'voicemail', days: 1 },
  { jurisdiction: 'company', after: 'failed', hours: 1 },
  { jurisdiction: 'company', after: 'answered', days: 7 },
  { jurisdiction: 'company', after: 'refused', months: 12 },
  { jurisdiction: 'company', after: 'converted', days: 30 },
  { jurisdiction: 'company', after: 'abandoned', hours: 72 },
  { jurisdiction: 'US-WA', after: 'refused', months: 12 },
  { jurisdiction: 'FR', after: 'refused', days: 60 },
  { jurisdiction: 'GB', after: 'abandoned', hours: 72 },
  { jurisdiction: 'CN', after: 'refused', endless: true },
];

export interface ListRow {
  list: string;
  jurisdiction: string;
  maxDays: number;
  channels: string[];
  companiesOnly?: true;
  /** The consent that overrides the list; left out: only one that is younger than the registration. */
  overriddenBy?: string;
  mustNameCaller?: true;
  graceDays?: number;
  consentMonths?: number;
}

const CALLS = ['call'];
const CALLS_AND_TEXTS = ['call', 'sms'];

export const LISTS: ListRow[] = [
  { list: 'us-federal', jurisdiction: 'US', maxDays: 31, channels: CALLS_AND_TEXTS, overriddenBy: 'express_written' },
  { list: 'gb-tps', jurisdiction: 'GB', maxDays: 28, channels: CALLS, overriddenBy: 'express', mustNameCaller: true },
  {
    list: 'gb-ctps', jurisdiction: 'GB', maxDays: 28, channels: CALLS, overriddenBy: 'express', mustNameCaller: true, companiesOnly: true,
  },
  { list: 'ca-dncl', jurisdiction: 'CA', maxDays: 31, channels: CALLS, overriddenBy: 'express' },
  { list: 'au-dncr', jurisdiction: 'AU', maxDays: 30, channels: CALLS, overriddenBy: 'express', consentMonths: 3 },
  { list: 'it-rpo', jurisdiction: 'IT', maxDays: 15, channels: CALLS },
  { list: 'sg-voice', jurisdiction: 'SG', maxDays: 30, channels: CALLS, overriddenBy: 'express', graceDays: 21 },
  { list: 'sg-text', jurisdiction: 'SG', maxDays: 30, channels: ['sms'], overriddenBy: 'express', graceDays: 21 },
];

/** How many months after such a dealing a listed person may still be called. */
export const DEALINGS: Record<string, Record<string, number>> = {
  US: { purchase: 18, inquiry: 3 },
  CA: { purchase: 18, inquiry: 6 },
};

/** Wireless numbers may not be called there, even by hand. */
export const NO_WIRELESS = ['US-WY', 'US-NJ', 'US-TX', 'US-LA', 'US-AZ'];

/** At most 3 % of live answers in the window may be abandoned. */
export const ABANDONMENT: Record<string, string> = { US: 'P30D', GB: 'PT24H' };
