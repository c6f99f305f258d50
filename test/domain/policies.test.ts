import { describe, expect, test } from '@jest/globals';
import { plus } from '../../domain/civil-time.ts';
import { DEFAULT_POLICY, POLICIES, policiesFor } from '../../domain/policies/book.ts';
import { inForce, type Policy, type RuleKind, type RuleValues } from '../../domain/policy.ts';
import { HOLIDAY_TABLE_FILE, holidayTable } from '../../local/tables/holidays.ts';
import { readFileSync } from 'node:fs';

const page = (jurisdiction: string): Policy => {
  const found = POLICIES.get(jurisdiction);
  if (!found) throw new Error(`no page for ${jurisdiction}`);
  return found;
};
const on = <K extends RuleKind>(jurisdiction: string, kind: K, day = '2026-11-24'): RuleValues[K][] =>
  inForce(page(jurisdiction), kind, day).map(({ value }) => value);
const everyPage = [...POLICIES.values(), DEFAULT_POLICY];
const everyValue = everyPage.flatMap((policy) =>
  Object.entries(policy.values).flatMap(([kind, values]) => values.map((each) => ({ policy, kind, each }))));

describe('calling hours on file', () => {
  const at = (hour: number, minute = 0) => hour * 60 + minute;
  test.each([
    ['US', 'sun', [[at(8), at(21)]]], ['US-FL', 'sat', [[at(8), at(20)]]], ['US-OK', 'mon', [[at(8), at(20)]]],
    ['US-MD', 'mon', [[at(8), at(20)]]], ['US-WA', 'mon', [[at(8), at(20)]]], ['US-TX', 'sat', [[at(9), at(21)]]],
    ['US-TX', 'sun', [[at(12), at(21)]]], ['US-CT', 'mon', [[at(9), at(20)]]], ['US-KY', 'mon', [[at(10), at(21)]]],
    ['US-AL', 'sat', [[at(8), at(20)]]], ['US-AL', 'sun', undefined], ['US-LA', 'sun', undefined], ['US-MS', 'sun', undefined],
    ['US-MA', 'mon', [[at(8), at(20)]]], ['US-MI', 'mon', [[at(9), at(21)]]], ['US-MN', 'mon', [[at(9), at(21)]]],
    ['US-NM', 'mon', [[at(9), at(21)]]], ['US-NV', 'mon', [[at(9), at(20)]]], ['US-ME', 'sat', undefined],
    ['US-ME', 'fri', [[at(9), at(17)]]], ['US-PA', 'sun', undefined], ['US-OR', 'mon', [[at(8), at(19)]]],
    ['FR', 'mon', [[at(10), at(13)], [at(14), at(20)]]], ['FR', 'sat', undefined], ['CA', 'mon', [[at(9), at(21, 30)]]],
    ['CA', 'sun', [[at(10), at(18)]]], ['AU', 'mon', [[at(9), at(20)]]], ['AU', 'sat', [[at(9), at(17)]]], ['AU', 'sun', undefined],
    ['IN', 'sun', [[at(10), at(21)]]], ['CN', 'sun', [[at(8), at(21)]]],
  ] as const)('%s on a %s', (jurisdiction, day, hours) => {
    expect(on(jurisdiction, 'call_window').map((window) => window.hours[day])).toEqual([hours]);
  });
});

describe('other values on file', () => {
  const SITUATIONS: [string, string, RuleKind, object[]][] = [
    ['the national registry is 31 days old at most', 'US', 'list_freshness', [{ list: 'us-federal', maxAge: 'P31D', requiredFor: 'everyone' }]],
    ['a relationship lasts 18 months after a purchase and 3 after an inquiry', 'US', 'relationship_exemption',
      [{ kind: 'purchase', period: 'P18M', instead: 'lists' }, { kind: 'inquiry', period: 'P3M', instead: 'lists' }]],
    ['in Canada an inquiry lasts 6 months', 'CA', 'relationship_exemption', [{ period: 'P18M' }, { kind: 'inquiry', period: 'P6M' }]],
    ['three calls a day for one subject matter in Florida', 'US-FL', 'attempt_cap', [{ count: 3, window: 'PT24H', scope: 'subject_matter' }]],
    ['and in Oklahoma', 'US-OK', 'attempt_cap', [{ count: 3, window: 'PT24H', scope: 'subject_matter' }]],
    ['four in Georgia', 'US-GA', 'attempt_cap', [{ count: 4, window: 'PT24H' }]],
    ['four in thirty days by one seller in France', 'FR', 'attempt_cap', [{ count: 4, window: 'PT720H', scope: 'seller' }]],
    ['three a week in China', 'CN', 'attempt_cap', [{ count: 3, window: 'PT168H', scope: 'number' }]],
    ['sixty days of quiet after a refusal in France', 'FR', 'cooldown', [{ after: 'refused', period: 'P60D' }]],
    ['twelve months in Washington', 'US-WA', 'cooldown', [{ after: 'refused', period: 'P12M' }]],
    ['no end of it in China', 'CN', 'cooldown', [{ after: 'refused', period: null }]],
    ['72 hours after an abandoned call in Britain', 'GB', 'cooldown', [{ after: 'abandoned', period: 'PT72H' }]],
    ['three per cent in thirty days', 'US', 'abandonment', [{ atMost: 0.03, window: 'P30D', messageWithin: 'PT2S' }]],
    ['three per cent in 24 hours in Britain', 'GB', 'abandonment', [{ atMost: 0.03, window: 'PT24H' }]],
    ['British lists are 28 days old at most', 'GB', 'list_freshness', [{ list: 'gb-tps', maxAge: 'P28D' }, { list: 'gb-ctps', requiredFor: 'companies' }]],
    ['a consent has to name the caller to override them', 'GB', 'registry_effect', [{ namesCaller: true, grade: 'express' }, { namesCaller: true }]],
    ['an entry in the Italian register annuls', 'IT', 'registry_effect', [{ list: 'it-rpo', effect: 'annul_consent' }]],
    ['which is asked every 15 days', 'IT', 'list_freshness', [{ maxAge: 'P15D' }]],
    ['an Australian consent lapses for the register after 3 months', 'AU', 'registry_effect', [{ consentLapses: 'P3M' }]],
    ['an entry in Singapore binds after 21 days', 'SG', 'registry_effect', [{ list: 'sg-voice', grace: 'P21D', channels: ['call'] }, { list: 'sg-text', channels: ['sms'] }]],
    ['promotional calls in India come from 140', 'IN', 'caller_id_series', [{ series: '140' }, { series: '1600' }]],
    ['Indian consents come through the registry', 'IN', 'consent_required', [{ method: 'dca' }]],
    ['German evidence of a consent and of each use is kept five years', 'DE', 'evidence_retention', [{ period: 'P5Y', protects: ['consent', 'use'] }]],
    ['American evidence is kept five years', 'US', 'evidence_retention', [{ period: 'P5Y' }]],
    ['recorded and artificial voices take a written consent', 'US', 'consent_required', [{ grade: 'express_written', dialing: ['prerecorded', 'ai_voice'] }]],
    ['so does predictive dialing in Florida', 'US-FL', 'consent_required', [{ grade: 'express_written', dialing: ['predictive'] }]],
    ['an audit every two years above ten million people', 'CN', 'audit_frequency', [{ period: 'P2Y', above: 10_000_000 }]],
    ['mobile lines are barred in Wyoming', 'US-WY', 'dialer_mode', [{ lineType: 'mobile' }]],
    ['and in New Jersey', 'US-NJ', 'dialer_mode', [{ lineType: 'mobile' }]],
    ['and in Texas', 'US-TX', 'dialer_mode', [{ lineType: 'mobile' }]],
    ['and in Louisiana', 'US-LA', 'dialer_mode', [{ lineType: 'mobile' }]],
    ['and in Arizona', 'US-AZ', 'dialer_mode', [{ lineType: 'mobile' }]],
    ['fifteen days of grace after a number became a mobile', 'US', 'porting_grace', [{ lineType: 'mobile', period: 'P15D' }]],
    ['three a day in Maryland', 'US-MD', 'attempt_cap', [{ count: 3, window: 'PT24H', scope: 'number' }]],
    ['three a day in Oregon', 'US-OR', 'attempt_cap', [{ count: 3, window: 'PT24H', scope: 'number' }]],
    ['an American opt-out is honoured within ten business days', 'US', 'optout_latency', [{ period: 'P10D', businessDays: true }]],
    ['a Canadian one within fourteen days', 'CA', 'optout_latency', [{ period: 'P14D', businessDays: false }]],
    ['a Chinese one within 48 hours', 'CN', 'optout_latency', [{ period: 'PT48H' }]],
    ['only the database of reassigned numbers gives a safe harbour', 'US', 'reassigned_check', [{ database: 'Reassigned Numbers Database', reportedOn: 15 }]],
    ['a British phone rings for 15 seconds at least', 'GB', 'abandonment', [{ ringAtLeast: 'PT15S' }]],
    ['every channel takes a consent in Germany', 'DE', 'consent_required', [{ channels: ['call', 'sms', 'email'], grade: 'express' }]],
    ['calls and messages do in China', 'CN', 'consent_required', [{ channels: ['call', 'sms'], grade: 'express' }]],
    ['French hours are lifted by express consent', 'FR', 'call_window', [{ liftedBy: 'express', closedOnHolidays: true }]],
    ['a French contract stands in for the consent until it ends', 'FR', 'relationship_exemption', [{ kind: 'contract', period: null, instead: 'consent' }]],
    ['in Maine the hours bind automated calls', 'US-ME', 'call_window', [{ dialing: 'automated' }]],
    ['Alabama is closed on holidays', 'US-AL', 'call_window', [{ closedOnHolidays: true }]],
    ['Mississippi is not', 'US-MS', 'call_window', [{ closedOnHolidays: false }]],
    ['the Canadian list is 31 days old at most', 'CA', 'list_freshness', [{ list: 'ca-dncl', maxAge: 'P31D', requiredFor: 'everyone' }]],
    ['the Australian register is washed every 30 days', 'AU', 'list_freshness', [{ list: 'au-dncr', maxAge: 'P30D', requiredFor: 'everyone' }]],
    ['Chinese proof of consent is kept 5 months, records of processing 3 years', 'CN', 'evidence_retention', [{ period: 'P5M' }, { period: 'P3Y' }]],
    ['a European request is answered in a month, or two more', 'EU', 'subject_request_deadline', [{ period: 'P1M' }, { kind: 'extension', period: 'P2M' }]],
    ['a Californian one in 45 days, or 45 more', 'US-CA', 'subject_request_deadline', [
      { kind: 'acknowledge', period: 'P10D', businessDays: true }, { kind: 'answer', period: 'P45D' }, { kind: 'extension', period: 'P45D' },
      { kind: 'opt_out', period: 'P15D', businessDays: true },
    ]],
  ];
  test.each(SITUATIONS)('%s', (_, jurisdiction, kind, values) => {
    expect(on(jurisdiction, kind)).toMatchObject(values);
  });

  test.each([
    ['Pennsylvania closes on Sundays from its day on', 'US-PA', 'call_window', '2026-10-17', 0, '2026-10-18', 1],
    ['France asks for a consent to calls from its day on', 'FR', 'consent_required', '2026-08-10', 1, '2026-08-11', 2],
    ['five years of records from their day on', 'US', 'evidence_retention', '2024-10-14', 1, '2024-10-15', 1],
  ] as const)('%s', (_, jurisdiction, kind, before, countBefore, from, countFrom) => {
    expect(on(jurisdiction, kind, before)).toHaveLength(countBefore);
    expect(on(jurisdiction, kind, from)).toHaveLength(countFrom);
  });

  test.each(['us-tx', 'us-pa', 'us-in', 'us-wy', 'us-mo', 'us-ma', 'us-tn', 'us-la', 'us-ok'])('%s is for companies that subscribe to it', (list) => {
    const state = list.toUpperCase();
    expect(on(state, 'list_freshness')).toEqual([{ list, maxAge: 'P31D', channels: ['call', 'sms'], requiredFor: 'subscribers' }]);
    expect(on(state, 'registry_effect')).toMatchObject([{ list, effect: 'block_unless_consent', grade: 'express_written' }]);
  });

  test('anywhere else the strictest common values hold', () => {
    const values = DEFAULT_POLICY.values;
    expect(values.list_freshness).toMatchObject([{ value: { list: '*', maxAge: 'P31D' } }]);
    expect(values.consent_required).toMatchObject([{ value: { channels: ['call', 'sms', 'email'], grade: 'express' } }]);
    expect(values.attempt_cap).toMatchObject([{ value: { count: 3, window: 'PT24H' } }]);
    const week = values.call_window?.[0]?.value.hours;
    expect([week?.fri, week?.sat, week?.sun]).toEqual([[[540, 1200]], undefined, undefined]);
  });

  test('what nobody could confirm is marked so', () => {
    const unconfirmed = (jurisdiction: string, kind: RuleKind) =>
      (page(jurisdiction).values[kind] ?? []).map(({ confidence }) => confidence === 'unconfirmed');
    for (const [jurisdiction, kind] of [
      ['US-MD', 'attempt_cap'], ['US-OR', 'call_window'], ['US-OR', 'attempt_cap'], ['US-GA', 'attempt_cap'], ['IN', 'call_window'],
      ['CA', 'optout_latency'], ['US-FL', 'consent_required'], ['US-OK', 'consent_required'], ['US-NJ', 'dialer_mode'],
    ] as const) expect([jurisdiction, kind, unconfirmed(jurisdiction, kind)]).toEqual([jurisdiction, kind, [true]]);
    expect(unconfirmed('US-MD', 'call_window')).toEqual([false]);
  });

  test('an opt-out from one kind of message becomes one from every kind without anybody deploying', () => {
    expect(on('US', 'optout_scope', '2027-01-30')).toEqual([{ reaches: 'as_said' }]);
    expect(on('US', 'optout_scope', '2027-01-31')).toEqual([{ reaches: 'everything' }]);
  });
});

describe('every value on file', () => {
  test.each(everyValue.map(({ policy, kind, each }) => [`${policy.jurisdiction} ${kind} ${each.from}`, each] as const))('%s says where it is written', (_, each) => {
    expect(each.source.length).toBeGreaterThan(8);
    expect(each.verifiedAt).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(Date.parse(each.from)).not.toBeNaN();
    if (each.to !== undefined) expect(each.to > each.from).toBe(true);
    for (const text of Object.values(each.value)) {
      if (typeof text === 'string' && /^P[\dT]/.test(text)) expect(() => plus(new Date(0), text)).not.toThrow();
    }
  });
});

describe('a page of law', () => {
  test('never says the same twice for the same day', () => {
    for (const { policy, kind, each } of everyValue) {
      const same = everyValue.filter((other) => other.policy === policy && other.kind === kind
        && JSON.stringify(other.each.value) === JSON.stringify(each.value)
        && (other.each.to ?? '9999') > each.from && (each.to ?? '9999') > other.each.from);
      expect([policy.jurisdiction, kind, same.length]).toEqual([policy.jurisdiction, kind, 1]);
    }
  });

  test('has the holidays that its hours ask for', () => {
    for (const policy of everyPage) {
      const asked = policy.values.call_window?.some(({ value }) => value.closedOnHolidays) ?? false;
      expect([policy.jurisdiction, policy.holidays !== undefined]).toEqual([policy.jurisdiction, asked]);
    }
  });
});

describe('the pages that bind a person', () => {
  test.each([
    [['US', 'US-FL'], ['US', 'US-FL']], [['US', 'US-NY'], ['US']], [['DE'], ['EU', 'DE']], [['ES'], ['EU', 'ES']], [['JP'], ['JP']],
    [['CA', 'CA-ON'], ['CA']], [['US', 'US-CT', 'US-KY'], ['US', 'US-CT', 'US-KY']], [[], []], [['DE', 'FR'], ['EU', 'DE', 'FR']],
    [['MX'], ['MX']], [['US', 'MX', 'US-TX'], ['US', 'MX', 'US-TX']], [['JP', 'JP'], ['JP']],
  ])('%j are %j', (jurisdictions, expected) => {
    expect(policiesFor(jurisdictions).map(({ jurisdiction }) => jurisdiction)).toStrictEqual(expected);
  });

  test.each([
    'AT', 'BE', 'BG', 'HR', 'CY', 'CZ', 'DK', 'EE', 'FI', 'FR', 'DE', 'GR', 'HU', 'IE', 'IT', 'LV', 'LT', 'LU', 'MT', 'NL', 'PL', 'PT', 'RO', 'SK', 'SI',
    'ES', 'SE',
  ])('%s is a member of the European Union, in whose law its own begins', (member) => {
    expect(policiesFor([member]).map(({ jurisdiction }) => jurisdiction)).toStrictEqual(['EU', member]);
  });

  test.each(['GB', 'CH', 'NO', 'IS', 'LI', 'TR', 'UA', 'RS', 'AL', 'MC', 'SM', 'VA'])('%s is none', (neighbour) => {
    expect(policiesFor([neighbour]).map(({ jurisdiction }) => jurisdiction)).toStrictEqual([neighbour]);
  });

  test('a country without a page gets the default in its own name, and says so', () => {
    expect(policiesFor(['JP'])[0]).toMatchObject({ jurisdiction: 'JP', isDefault: true });
    expect(policiesFor(['GB'])[0]?.isDefault).toBeUndefined();
  });

  test('the same jurisdictions get the very same array, whoever was asked about in between', () => {
    const border = policiesFor(['US', 'MX', 'US-AZ']);
    expect(policiesFor(['US', 'CA', 'US-WA'])).not.toBe(border);
    expect(policiesFor(['US', 'MX', 'US-AZ'])).toBe(border);
  });
});

describe('public holidays', () => {
  test('are those that the package computes', () => {
    expect(readFileSync(HOLIDAY_TABLE_FILE, 'utf8')).toBe(holidayTable());
  });

  test.each([
    ['AU', '2027-03-26', true], ['AU', '2027-03-27', false], ['AU', '2027-12-27', true], ['AU', '2027-12-28', true], ['AU', '2027-03-29', true], ['AU', '2030-01-28', true],
    ['AU', '2030-01-29', false], ['AU', '2026-04-25', true], ['AU', '2028-01-03', true], ['FR', '2027-05-06', true], ['US-AL', '2027-04-26', true],
    ['US-LA', '2027-03-26', true], ['US-AL', '2027-03-26', false], ['FR', '2027-07-14', true],
    ['FR', '2027-03-29', true], ['FR', '2027-03-26', false], ['US-AL', '2027-07-05', true], ['US-LA', '2027-02-09', true], ['US-LA', '2027-02-10', false],
  ])('%s %s: %p', (jurisdiction, day, expected) => {
    expect(page(jurisdiction).holidays?.days.has(day)).toBe(expected);
  });
});
