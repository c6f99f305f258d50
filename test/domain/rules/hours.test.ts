import { describe, expect, test } from '@jest/globals';
import type { Day, Hours, Policy, RuleValues } from '../../../domain/policy.ts';
import { NEW_YORK, ask, codes, dated, grant, instant, page, type Asked } from '../gate-facts.ts';

const CHICAGO = 'America/Chicago';

function week(start: number, end: number, days: readonly Day[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']): Partial<Record<Day, Hours>> {
  return Object.fromEntries(days.map((day) => [day, [[start * 60, end * 60]]]));
}

function open(changes: Partial<RuleValues['call_window']> = {}): RuleValues['call_window'] {
  return { hours: week(8, 21), closedOnHolidays: false, dialing: 'any', ...changes };
}

const WEEKDAYS: readonly Day[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const federal = page('US', { call_window: [dated(open())] });
const florida = page('US-FL', { call_window: [dated(open({ hours: week(8, 20) }), { source: 'Fla. Stat. 501.616(6)' })] });
const texas = page('US-TX', { call_window: [dated(open({ hours: { ...week(9, 21), ...week(12, 21, ['sun']) } }))] });
const maine = page('US-ME', { call_window: [dated(open({ hours: week(9, 17, WEEKDAYS), dialing: 'automated' }))] });
const pennsylvania = page('US-PA', { call_window: [dated(open({ hours: week(0, 24, ['mon', 'tue', 'wed', 'thu', 'fri', 'sat']) }), { from: '2026-10-18' })] });
const holidays = { source: 'Code du travail L3133-1', firstYear: 2026, lastYear: 2028, days: new Set(['2027-03-29', '2027-07-14']) };
const twice = Object.fromEntries(WEEKDAYS.map((day) => [day, [[600, 780], [840, 1200]]])) as Partial<Record<Day, Hours>>;
const france = page('FR', { call_window: [dated(open({ hours: twice, closedOnHolidays: true, liftedBy: 'express' }))] }, { holidays });
const PARIS: Asked = { lead: { zones: ['Europe/Paris'] }, policies: [france] };

/** When it is open again, or `open`. */
function opening(at: string, policies: readonly Policy[], zones: readonly string[], changes: Asked = {}): string {
  const { reasons } = ask({ ...changes, at, policies, lead: { zones } });
  const closed = reasons.filter(({ code }) => code === 'call_window').map(({ notBefore }) => notBefore?.toISOString() ?? 'never');
  return closed.length === 0 ? 'open' : closed.join(' ');
}

describe('the hours of one zone', () => {
  test.each<[string, string, Policy, string, string]>([
    ['eight sharp is inside', '2027-01-13T13:00:00.000Z', federal, NEW_YORK, 'open'],
    ['a millisecond before eight is outside, until eight', '2027-01-13T12:59:59.999Z', federal, NEW_YORK, '2027-01-13T13:00:00.000Z'],
    ['a second before nine in the evening is inside', '2027-01-14T01:59:59Z', federal, NEW_YORK, 'open'],
    ['the last millisecond is inside', '2027-01-14T01:59:59.999Z', federal, NEW_YORK, 'open'],
    ['nine sharp in the evening is outside, until the next morning', '2027-01-14T02:00:00Z', federal, NEW_YORK, '2027-01-14T13:00:00.000Z'],
    ['midnight is outside, until the same morning', '2027-01-13T05:00:00Z', federal, NEW_YORK, '2027-01-13T13:00:00.000Z'],
    ['on the day clocks go forward it opens at eight on the wall', '2027-03-14T06:00:00Z', federal, NEW_YORK, '2027-03-14T12:00:00.000Z'],
    ['on the day clocks go forward nine in the evening is outside', '2027-03-15T01:00:00Z', federal, NEW_YORK, '2027-03-15T12:00:00.000Z'],
    ['on the day clocks go back it opens at eight on the wall', '2027-11-07T05:30:00Z', federal, NEW_YORK, '2027-11-07T13:00:00.000Z'],
    ['on the day clocks go back 20:59:59 is inside', '2027-11-08T01:59:59Z', federal, NEW_YORK, 'open'],
    ['the evening of the leap day is outside until the first of March', '2028-03-01T02:00:00Z', federal, NEW_YORK, '2028-03-01T13:00:00.000Z'],
    ['New Year\'s Eve leads into another year', '2027-01-01T02:30:00Z', federal, NEW_YORK, '2027-01-01T13:00:00.000Z'],
    ['Phoenix does not know summer time', '2027-06-17T04:00:00Z', federal, 'America/Phoenix', '2027-06-17T15:00:00.000Z'],
    ['half hour zones open at the half hour of UTC', '2027-01-13T02:29:59Z', federal, 'Asia/Kolkata', '2027-01-13T02:30:00.000Z'],
    ['three quarters of an hour count too', '2027-01-13T02:14:59Z', federal, 'Asia/Kathmandu', '2027-01-13T02:15:00.000Z'],
    ['beyond the date line it is tomorrow already', '2027-01-12T19:00:00Z', federal, 'Pacific/Apia', 'open'],
    ['Texas opens at nine on a Saturday', '2027-01-16T14:59:59Z', texas, CHICAGO, '2027-01-16T15:00:00.000Z'],
    ['Texas opens at noon on a Sunday', '2027-01-17T17:59:59Z', texas, CHICAGO, '2027-01-17T18:00:00.000Z'],
    ['noon sharp on a Texan Sunday is inside', '2027-01-17T18:00:00Z', texas, CHICAGO, 'open'],
    ['Saturday night in Texas leads to Sunday noon', '2027-01-17T03:00:00Z', texas, CHICAGO, '2027-01-17T18:00:00.000Z'],
    ['the Sunday before the rule began is open', '2026-10-11T16:00:00Z', pennsylvania, NEW_YORK, 'open'],
    ['the last second before the rule began is open', '2026-10-18T03:59:59Z', pennsylvania, NEW_YORK, 'open'],
    ['the first second of its first Sunday is closed', '2026-10-18T04:00:00Z', pennsylvania, NEW_YORK, '2026-10-19T04:00:00.000Z'],
    ['a Sunday noon after the rule began leads to Monday', '2027-01-17T17:00:00Z', pennsylvania, NEW_YORK, '2027-01-18T05:00:00.000Z'],
  ])('%s', (_, at, policy, zone, wanted) => {
    expect(opening(at, [policy], [zone])).toBe(wanted);
  });

  test('a page that closes for good names no moment', () => {
    expect(opening('2027-01-13T17:00:00Z', [page('XX', { call_window: [dated(open({ hours: {} }))] })], [NEW_YORK])).toBe('never');
  });

  test('hours that close on holidays are never known to be open without a table of them', () => {
    expect(opening('2027-01-13T17:00:00Z', [page('XX', { call_window: [dated(open({ closedOnHolidays: true }))] })], [NEW_YORK])).toBe('never');
  });

  test('a closing that ends on a known day opens at its midnight', () => {
    const closed = page('XX', { call_window: [dated(open({ hours: {} }), { to: '2027-01-20' })] });
    expect(opening('2027-01-13T17:00:00Z', [closed], [NEW_YORK])).toBe('2027-01-20T05:00:00.000Z');
  });

  test.each([
    ['sixty days from now is still looked for', '2027-03-14', '2027-03-14T05:00:00.000Z'],
    ['a day later nobody can say', '2027-03-15', 'never'],
  ])('the end of a closing %s', (_, to, wanted) => {
    const closed = page('XX', { call_window: [dated(open({ hours: {} }), { to })] });
    expect(opening('2027-01-13T17:00:00Z', [closed], [NEW_YORK])).toBe(wanted);
  });

  test.each<[string, Partial<Record<Day, Hours>>]>([
    ['first', { sun: [[720, 1260]], mon: [[540, 1260]], tue: [[600, 1260]] }],
    ['last', { tue: [[600, 1260]], mon: [[540, 1260]], sun: [[720, 1260]] }],
  ])('a Monday opens at its own hour where the Sunday is written %s', (_, hours) => {
    const uneven = page('XX', { call_window: [dated(open({ hours }))] });
    expect(opening('2027-01-18T11:00:00Z', [uneven], [NEW_YORK])).toBe('2027-01-18T14:00:00.000Z');
    expect(opening('2027-01-18T03:00:00Z', [uneven], [NEW_YORK])).toBe('2027-01-18T14:00:00.000Z');
  });

  test('an afternoon that is written before the morning opens after it', () => {
    const split = page('XX', { call_window: [dated(open({ hours: { wed: [[840, 1200], [600, 780]] } }))] });
    expect(opening('2027-01-13T14:00:00Z', [split], [NEW_YORK])).toBe('2027-01-13T15:00:00.000Z');
    expect(opening('2027-01-13T18:00:00Z', [split], [NEW_YORK])).toBe('2027-01-13T19:00:00.000Z');
  });

  test('two windows of a page bind together', () => {
    const both = page('XX', { call_window: [dated(open({ hours: week(8, 20) })), dated(open({ hours: week(10, 21) }))] });
    expect(opening('2027-01-13T14:00:00Z', [both], [NEW_YORK])).toBe('2027-01-13T15:00:00.000Z');
    expect(opening('2027-01-14T01:00:00Z', [both], [NEW_YORK])).toBe('2027-01-14T15:00:00.000Z');
  });
});

describe('the hours of several zones and jurisdictions', () => {
  test.each<[string, string, readonly Policy[], readonly string[], string]>([
    ['both zones have to be open', '2027-01-13T13:30:00Z', [federal], [NEW_YORK, CHICAGO], '2027-01-13T14:00:00.000Z'],
    ['the eastern evening closes the central one', '2027-01-14T02:30:00Z', [federal], [CHICAGO, NEW_YORK], '2027-01-14T14:00:00.000Z'],
    ['the whole of Australia at once', '2027-01-13T21:30:00Z', [federal], ['Australia/Perth', 'Australia/Sydney'], '2027-01-14T00:00:00.000Z'],
    ['zones that are never open together name no moment', '2027-01-13T17:00:00Z', [page('XX', { call_window: [dated(open({ hours: week(9, 12) }))] })],
      [NEW_YORK, 'Asia/Tokyo'], 'never'],
    ['every jurisdiction that is closed says so, with its own moment', '2027-01-14T02:00:00Z', [federal, texas], [NEW_YORK],
      '2027-01-14T13:00:00.000Z 2027-01-14T14:00:00.000Z'],
    ['only the stricter one is closed at half past eight in the evening', '2027-01-14T01:30:00Z', [federal, florida], [NEW_YORK], '2027-01-14T13:00:00.000Z'],
  ])('%s', (_, at, policies, zones, wanted) => {
    expect(opening(at, policies, zones)).toBe(wanted);
  });

  test('one reason of a jurisdiction names all its closed zones, and its source', () => {
    const { reasons } = ask({ at: '2027-01-14T03:00:00Z', policies: [florida], lead: { zones: [NEW_YORK, CHICAGO, 'America/Los_Angeles'] } });
    expect(reasons).toEqual([{
      code: 'call_window', effect: 'deny', jurisdiction: 'US-FL', rule: 'call_window', source: 'Fla. Stat. 501.616(6)', confidence: 'primary',
      notBefore: instant('2027-01-14T16:00:00Z'), facts: [`zone:${NEW_YORK}`, `zone:${CHICAGO}`],
    }]);
  });

  test('the answer waits for the last of several jurisdictions', () => {
    const { notBefore } = ask({ at: '2027-01-14T02:00:00Z', policies: [federal, texas] });
    expect(notBefore).toEqual(instant('2027-01-14T14:00:00Z'));
  });
});

describe('whom and what hours bind', () => {
  const night = '2027-01-14T03:00:00Z';
  test.each<[string, Asked, string[]]>([
    ['calls', { at: night, policies: [federal] }, ['call_window']],
    ['text messages as well', { at: night, policies: [federal], question: { channel: 'sms' } }, ['call_window']],
    ['not e-mail', { at: night, policies: [federal], question: { channel: 'email' } }, []],
    ['Maine in the evening by hand is no automated call', { at: '2027-01-14T00:00:00Z', policies: [maine] }, []],
    ['nor one that an agent previewed', { at: '2027-01-14T00:00:00Z', policies: [maine], question: { dialerMode: 'preview' } }, []],
    ['a recording is', { at: '2027-01-14T00:00:00Z', policies: [maine], question: { dialerMode: 'prerecorded' } }, ['call_window']],
    ['an artificial voice is', { at: '2027-01-14T00:00:00Z', policies: [maine], question: { dialerMode: 'ai_voice' } }, ['call_window']],
    ['a predictive dialer is', { at: '2027-01-16T17:00:00Z', policies: [maine], question: { dialerMode: 'predictive' } }, ['call_window']],
    ['a text message is none, however the campaign dials', {
      at: '2027-01-14T00:00:00Z', policies: [maine], question: { channel: 'sms', dialerMode: 'predictive' },
    }, []],
    ['Maine at noon on a weekday is open to it', { policies: [maine], question: { dialerMode: 'predictive' } }, []],
    ['a page without hours binds nobody', { at: night, policies: [page('US-WY', {})] }, []],
  ])('%s', (_, asked, wanted) => {
    expect(codes(asked)).toStrictEqual(wanted);
  });
});

describe('hours with a lunch break, holidays, and a consent that lifts them', () => {
  const bastille = '2027-07-14T09:00:00Z';
  test.each<[string, string, string, Asked]>([
    ['ten sharp is inside', '2027-01-13T09:00:00Z', 'open', {}],
    ['a second before one is inside', '2027-01-13T11:59:59Z', 'open', {}],
    ['one sharp is lunch, until two', '2027-01-13T12:00:00Z', '2027-01-13T13:00:00.000Z', {}],
    ['eight in the evening leads to the next morning', '2027-01-13T19:00:00Z', '2027-01-14T09:00:00.000Z', {}],
    ['Friday evening leads to Monday', '2027-01-15T19:00:00Z', '2027-01-18T09:00:00.000Z', {}],
    ['the Saturday before Easter leads past Monday to Tuesday, in summer time', '2027-03-27T10:00:00Z', '2027-03-30T08:00:00.000Z', {}],
    ['a holiday on a Wednesday is closed', bastille, '2027-07-15T08:00:00.000Z', {}],
    ['a year beyond the table cannot be known to be open', '2029-01-10T09:00:00Z', 'never', {}],
    ['nor can one before it', '2025-12-10T09:00:00Z', '2026-01-01T09:00:00.000Z', {}],
    ['the last workday before the table cannot, the first of it is open', '2025-12-31T09:00:00Z', '2026-01-01T09:00:00.000Z', {}],
    ['a workday of the first year of the table is open', '2026-06-10T09:00:00Z', 'open', {}],
    ['so is the last one of the last year', '2028-12-29T18:59:59Z', 'open', {}],
    ['which leads beyond the table', '2028-12-29T19:00:00Z', 'never', {}],
    ['an express consent lifts the holiday', bastille, 'open', { facts: { consents: [grant()] } }],
    ['an implied one does not', bastille, '2027-07-15T08:00:00.000Z', { facts: { consents: [grant({ grade: 'implied' })] } }],
    ['a consent to text messages does not', bastille, '2027-07-15T08:00:00.000Z', { facts: { consents: [grant({ channel: 'sms' })] } }],
    ['one that lapses at this very moment does not', bastille, '2027-07-15T08:00:00.000Z', { facts: { consents: [grant({ expiresAt: instant(bastille) })] } }],
  ])('%s', (_, at, wanted, asked) => {
    expect(opening(at, [france], PARIS.lead?.zones ?? [], { ...asked, settings: { sources: { other: { usableFor: 'P10Y' } } } })).toBe(wanted);
  });
});
