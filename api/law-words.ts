import { DIALER_MODES } from '../domain/clearance.ts';
import { PURPOSES } from '../domain/consent.ts';
import { DAYS, EVIDENCE, type Day, type Dated, type Evidence, type Policy, type RuleKind, type RuleValues } from '../domain/policy.ts';

/** A value of law as a sentence that counsel can read. */
export function wordsOf(kind: RuleKind, dated: Dated<RuleValues[RuleKind]>): string {
  const say = SENTENCES[kind] as (value: RuleValues[RuleKind]) => string;
  const sentence = say(dated.value);
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** Every value of a page with the kind of rule it belongs to. */
export function valuesOf(policy: Policy): [kind: RuleKind, dated: Dated<RuleValues[RuleKind]>][] {
  const kinds = Object.keys(policy.values) as RuleKind[];
  return kinds.flatMap((kind) => (policy.values[kind] ?? []).map((each): [RuleKind, typeof each] => [kind, each]));
}

type Sentences = { readonly [K in RuleKind]: (value: RuleValues[K]) => string };

const SENTENCES: Sentences = {
  list_freshness: ({ list, maxAge, channels, requiredFor }) => {
    const who = { everyone: 'everyone', companies: 'numbers of companies', subscribers: 'companies that subscribe to it' }[requiredFor];
    const before = `has to be at most ${span(maxAge)} old before any ${listed(channels, 'or')}`;
    return list === '*' ? `A list registered for the country ${before}; none is required.` : `List ${list} ${before}; required for ${who}.`;
  },
  registry_effect: ({ list, effect, channels, grade, namesCaller, grace, consentLapses }) => [
    `A number on ${list} gets no ${listed(channels, 'or')}`,
    effect === 'block' ? '' : `, unless a consent${grade ? ` (${words(grade)} or better)` : ''}${namesCaller ? ' that names the caller' : ''} overrides it`,
    effect === 'annul_consent' ? '; the entry annuls consents given before it' : '',
    grace ? `; it binds ${span(grace)} after the entry` : '',
    consentLapses ? `; a consent without a stated end overrides it for ${span(consentLapses)}` : '',
    '.',
  ].join(''),
  call_window: ({ hours, closedOnHolidays, dialing, liftedBy }) => [
    dialing === 'automated' ? 'Automated calls only: ' : '',
    hoursInWords(hours),
    closedOnHolidays ? '; not on public holidays' : '',
    liftedBy ? `; ${words(liftedBy)} consent lifts it` : '',
    '.',
  ].join(''),
  attempt_cap: ({ count, window, scope }) => {
    const whose = { number: 'to one number', seller: 'by one seller', subject_matter: 'for one purpose of one seller' }[scope];
    return `At most ${count} attempts ${whose} in any ${span(window)}.`;
  },
  cooldown: ({ after, period }) => `After "${words(after)}": no contact ${period === null ? 'until a later consent' : `for ${span(period)}`}.`,
  consent_required: ({ channels, purposes, grade, dialing, method }) => [
    `A consent (${words(grade)} or better) is required for ${listed(channels)}, for ${purposesInWords(purposes)}`,
    dialing ? `, when dialing is ${listed(dialing.map(words), 'or')}` : '',
    method ? `; only when recorded through ${method.toUpperCase()}` : '',
    '.',
  ].join(''),
  relationship_exemption: ({ kind, period, instead }) => {
    const until = period === null ? 'while it runs' : `for ${span(period)}`;
    return `${kind === 'inquiry' ? 'An' : 'A'} ${kind} ${instead === 'lists' ? 'overrides the lists' : 'stands in for a consent'} ${until}.`;
  },
  optout_latency: ({ period, businessDays }) => `An opt-out has to be honoured within ${span(period, businessDays)}.`,
  optout_scope: ({ reaches }) => reaches === 'everything'
    ? 'An opt-out from one kind of message is one from every kind.' : 'An opt-out reaches what it names.',
  reassigned_check: ({ database, reportedOn }) => [
    `Only a "no" of the ${database} gives a safe harbour`,
    reportedOn === undefined ? '' : `, until the next reports to it, on day ${reportedOn} of each month`,
    '.',
  ].join(''),
  dialer_mode: ({ barred, lineType }) => {
    const how = DIALER_MODES.every((mode) => barred.includes(mode)) ? ', not even one dialed by hand,' : ` by ${listed(barred.map(words), 'or')} dialing`;
    return `No call${how} to a ${lineType} line, where a carrier look-up says it is one.`;
  },
  porting_grace: ({ lineType, period }) => {
    return `A call to a line that became ${lineType} less than ${span(period)} before is excused of a caller who does not know; no clearance rests on it.`;
  },
  abandonment: ({ atMost, window, messageWithin, ringAtLeast }) => [
    `At most ${atMost * 100} % of answered calls abandoned, per campaign in any ${span(window)}; a message within ${span(messageWithin)}`,
    ringAtLeast ? `; ringing for at least ${span(ringAtLeast)}` : '',
    '.',
  ].join(''),
  caller_id_series: ({ purposes, series, callingCode }) => `Calls for ${purposesInWords(purposes)} come from numbers +${callingCode} ${series}….`,
  evidence_retention: ({ period, protects = EVIDENCE }) => `Evidence is kept for ${span(period)} from ${listed(protects.map((kind) => EVIDENCE_BEGINS[kind]))}.`,
  subject_request_deadline: ({ kind, period, businessDays }) => `${DEADLINES[kind]} within ${span(period, businessDays)}.`,
  audit_frequency: ({ period, above }) => `A compliance audit every ${span(period)} above ${above.toLocaleString('en-US')} people.`,
};

const DEADLINES: Record<RuleValues['subject_request_deadline']['kind'], string> = {
  acknowledge: 'A request of a person is acknowledged',
  answer: 'A request of a person is answered',
  extension: 'With notice and reasons, an answer may come later: after the first period,',
  opt_out: 'An opt-out from sale or sharing is carried out',
};

const EVIDENCE_BEGINS: Record<Evidence, string> = {
  consent: 'each consent or withdrawal',
  use: 'each use of a consent',
  clearance: 'each clearance',
  contact: 'the end of each contact',
  subject_request: 'each request of a person',
};

const UNITS: Record<string, string> = { Y: 'year', M: 'month', W: 'week', D: 'day', TH: 'hour', TM: 'minute', TS: 'second' };

/** An ISO 8601 duration of one unit in words. */
function span(duration: string, isBusiness = false): string {
  const [, time = '', count = '', unit = ''] = /^P(T?)(\d+)([YMWDHS])$/.exec(duration) ?? [];
  const name = UNITS[time + unit];
  if (name === 'hour' && Number(count) > 72) return `${count} hours (${Number(count) / 24} days)`;
  return name === undefined ? duration : `${count} ${isBusiness ? 'business ' : ''}${name}${count === '1' ? '' : 's'}`;
}

function words(name: string): string {
  return name.replaceAll('_', ' ');
}

function purposesInWords(purposes: readonly string[]): string {
  return PURPOSES.every((purpose) => purposes.includes(purpose)) ? 'any purpose' : listed(purposes);
}

function listed(names: readonly string[], last: 'and' | 'or' = 'and'): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} ${last} ${names.at(-1)}`;
}

/** Days with the same hours together: `mon-fri 09:00-20:00, sat 09:00-17:00; closed on sun`. */
function hoursInWords(hours: RuleValues['call_window']['hours']): string {
  const week = [...DAYS.slice(1), DAYS[0]];
  const byHours = Map.groupBy(week, (day) => (hours[day] ?? []).map(([start, end]) => `${clock(start)}-${clock(end)}`).join(' and '));
  const open = [...byHours].filter(([stretches]) => stretches !== '').map(([stretches, days]) => `${daysInWords(days)} ${stretches}`);
  const closed = byHours.get('');
  return open.join(', ') + (closed ? `; closed on ${daysInWords(closed)}` : '');
}

function daysInWords(days: readonly Day[]): string {
  if (days.length === DAYS.length) return 'every day';
  const week = [...DAYS.slice(1), DAYS[0]];
  const start = week.indexOf(days[0] as Day);
  const isRun = days.length > 2 && days.every((day, index) => week[start + index] === day);
  return isRun ? `${days[0]}-${days.at(-1)}` : days.join(', ');
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
