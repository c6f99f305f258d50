import { describe, expect, test } from '@jest/globals';
import type { Contact } from '../../domain/contact.ts';
import { policiesFor } from '../../domain/policies/book.ts';
import { DEFAULT_SETTINGS } from '../../domain/settings.ts';
import { acquisition, ask, contact, grant, instant, listState, relationship, withdrawal, type Asked } from './gate-facts.ts';

/** One place: its jurisdictions and the clocks of a number there. */
type Place = readonly [jurisdictions: readonly string[], ...zones: string[]];

const EASTERN = 'America/New_York';
const CENTRAL = 'America/Chicago';
const NEW_YORK: Place = [['US'], EASTERN];
const FLORIDA: Place = [['US', 'US-FL'], EASTERN];
const stateOf = (code: string, ...zones: string[]): Place => [['US', `US-${code}`], ...zones];

const LISTS = {
  US: 'us-federal', GB: 'gb-tps', CA: 'ca-dncl', AU: 'au-dncr', IT: 'it-rpo', SG: 'sg-voice',
} as const;

/** Every reason against a lead there that came in lately, with fresh lists, as `code jurisdiction`. */
function there([jurisdictions, ...zones]: Place, at: string, changes: Asked = {}): string[] {
  return answer([jurisdictions, ...zones], at, changes).reasons.map(({ code, jurisdiction }) => `${code} ${jurisdiction}`);
}

function answer([jurisdictions, ...zones]: Place, at: string, { lead, facts, settings, ...asked }: Asked) {
  const release = { id: 'release', asOf: new Date(instant(at).getTime() - 3_600_000) };
  const lists = Object.entries(LISTS).map(([jurisdiction, list]) => listState({ list, jurisdiction, release }));
  return ask({
    ...asked,
    at,
    policies: policiesFor(jurisdictions),
    lead: { jurisdictions, zones, ...lead },
    facts: { acquisitions: [acquisition({ acquiredAt: new Date(instant(at).getTime() - 86_400_000 * 5) })], lists, ...facts },
    settings: { caps: [], cooldown: {}, ...settings },
  });
}

const listedOn = (list: string, jurisdiction: string, at: string, since: string): Asked['facts'] => {
  return { lists: [listState({ list, jurisdiction, release: { id: 'release', asOf: instant(at) }, listedSince: instant(since) })] };
};
const called = (...times: string[]): Contact[] => times.map((startedAt, n) => contact({ id: `call-${n}`, startedAt: instant(startedAt) }));

describe('the hours of the law, at their edges', () => {
  // Wednesday 13 January, Saturday 16, Sunday 17; Eastern is five hours behind UTC, Central six.
  const us = (code: string) => `call_window US-${code}`;
  test.each<[string, Place, string, string[]]>([
    ['New York opens at eight', NEW_YORK, '2027-01-13T13:00:00Z', []],
    ['and is closed the second before', NEW_YORK, '2027-01-13T12:59:59Z', ['call_window US']],
    ['and closes at nine sharp', NEW_YORK, '2027-01-14T02:00:00Z', ['call_window US']],
    ['Florida closes at eight sharp', FLORIDA, '2027-01-14T01:00:00Z', [us('FL')]],
    ['a second before it is open', FLORIDA, '2027-01-14T00:59:59Z', []],
    ['at nine both laws are broken, and both say so', FLORIDA, '2027-01-14T02:00:00Z', ['call_window US', us('FL')]],
    ['area codes on both sides of a zone: eight sharp central is open', stateOf('FL', EASTERN, CENTRAL), '2027-01-13T14:00:00Z', []],
    ['and the second before is not', stateOf('FL', EASTERN, CENTRAL), '2027-01-13T13:59:59Z', ['call_window US', us('FL')]],
    ['Oklahoma closes at eight', stateOf('OK', CENTRAL), '2027-01-14T02:00:00Z', [us('OK')]],
    ['Maryland closes at eight', stateOf('MD', EASTERN), '2027-01-14T01:00:00Z', [us('MD')]],
    ['Washington closes at eight', stateOf('WA', 'America/Los_Angeles'), '2027-01-14T04:00:00Z', [us('WA')]],
    ['Texas opens at nine on a weekday', stateOf('TX', CENTRAL), '2027-01-13T15:00:00Z', []],
    ['and not before', stateOf('TX', CENTRAL), '2027-01-13T14:59:59Z', [us('TX')]],
    ['Texas opens at noon on a Sunday', stateOf('TX', CENTRAL), '2027-01-17T18:00:00Z', []],
    ['and not before', stateOf('TX', CENTRAL), '2027-01-17T17:59:59Z', [us('TX')]],
    ['on the Sunday clocks go forward as well', stateOf('TX', CENTRAL), '2027-03-14T17:00:00Z', []],
    ['Connecticut opens at nine', stateOf('CT', EASTERN), '2027-01-13T13:59:59Z', [us('CT')]],
    ['Connecticut closes at eight', stateOf('CT', EASTERN), '2027-01-14T01:00:00Z', [us('CT')]],
    ['Kentucky opens at ten', stateOf('KY', EASTERN), '2027-01-13T14:59:59Z', [us('KY')]],
    ['Kentucky is open until nine', stateOf('KY', EASTERN), '2027-01-14T01:59:59Z', []],
    ['Alabama is closed on Sundays', stateOf('AL', CENTRAL), '2027-01-17T18:00:00Z', [us('AL')]],
    ['Alabama is closed on the King holiday', stateOf('AL', CENTRAL), '2027-01-18T18:00:00Z', [us('AL')]],
    ['Alabama keeps Confederate Memorial Day', stateOf('AL', CENTRAL), '2027-04-26T18:00:00Z', [us('AL')]],
    ['Alabama has its fourth of July a day later when that is a Sunday', stateOf('AL', CENTRAL), '2027-07-05T18:00:00Z', [us('AL')]],
    ['Louisiana is closed on Mardi Gras', stateOf('LA', CENTRAL), '2027-02-09T18:00:00Z', [us('LA')]],
    ['Louisiana is closed on Good Friday', stateOf('LA', CENTRAL), '2027-03-26T18:00:00Z', [us('LA')]],
    ['Mississippi is closed on Sundays', stateOf('MS', CENTRAL), '2027-01-17T18:00:00Z', [us('MS')]],
    ['Mississippi keeps no holidays', stateOf('MS', CENTRAL), '2027-12-24T18:00:00Z', []],
    ['Massachusetts closes at eight', stateOf('MA', EASTERN), '2027-01-14T01:00:00Z', [us('MA')]],
    ['Michigan opens at nine', stateOf('MI', EASTERN), '2027-01-13T13:59:59Z', [us('MI')]],
    ['Minnesota opens at nine', stateOf('MN', CENTRAL), '2027-01-13T14:59:59Z', [us('MN')]],
    ['New Mexico opens at nine', stateOf('NM', 'America/Denver'), '2027-01-13T15:59:59Z', [us('NM')]],
    ['Nevada closes at eight', stateOf('NV', 'America/Los_Angeles'), '2027-01-14T04:00:00Z', [us('NV')]],
    ['Oregon closes at seven', stateOf('OR', 'America/Los_Angeles'), '2027-01-14T03:00:00Z', [us('OR')]],
    ['Pennsylvania was open the Sunday before its rule', stateOf('PA', EASTERN), '2026-10-11T16:00:00Z', []],
    ['and closed the first Sunday of it', stateOf('PA', EASTERN), '2026-10-18T16:00:00Z', [us('PA')]],
    ['Pennsylvania opens at eight, as everywhere', stateOf('PA', EASTERN), '2027-01-13T12:59:59Z', ['call_window US']],
    ['Canada closes at half past nine on weekdays', [['CA'], 'America/Toronto'], '2027-01-14T02:30:00Z', ['call_window CA']],
    ['a second before it is open', [['CA'], 'America/Toronto'], '2027-01-14T02:29:59Z', []],
    ['Canada opens at ten on Saturdays', [['CA'], 'America/Toronto'], '2027-01-16T14:59:59Z', ['call_window CA']],
    ['Canada closes at six on Sundays', [['CA'], 'America/Toronto'], '2027-01-17T23:00:00Z', ['call_window CA']],
    ['Newfoundland is half an hour ahead of Labrador', [['CA'], 'America/Halifax', 'America/St_Johns'], '2027-01-14T01:15:00Z', ['call_window CA']],
    ['Australia closes at eight on weekdays', [['AU'], 'Australia/Sydney'], '2027-01-13T09:00:00Z', ['call_window AU']],
    ['Australia closes at five on Saturdays', [['AU'], 'Australia/Sydney'], '2027-01-16T06:00:00Z', ['call_window AU']],
    ['Australia is closed on Sundays', [['AU'], 'Australia/Sydney'], '2027-01-17T01:00:00Z', ['call_window AU']],
    ['Australia is closed on Good Friday', [['AU'], 'Australia/Sydney'], '2027-03-26T01:00:00Z', ['call_window AU']],
    ['Australia is closed on Anzac Day', [['AU'], 'Australia/Sydney'], '2028-04-25T01:00:00Z', ['call_window AU']],
    ['an Australian mobile has to be open from Perth to Sydney', [['AU'], 'Australia/Perth', 'Australia/Sydney'], '2027-01-16T06:30:00Z', ['call_window AU']],
    ['India opens at ten', [['IN'], 'Asia/Kolkata'], '2027-01-13T04:29:59Z', ['call_window IN']],
    ['China opens at eight', [['CN'], 'Asia/Shanghai'], '2027-01-12T23:59:59Z', ['call_window CN']],
    ['China closes at nine', [['CN'], 'Asia/Shanghai'], '2027-01-13T13:00:00Z', ['call_window CN']],
    ['Japan has no page: nine to eight on weekdays', [['JP'], 'Asia/Tokyo'], '2027-01-13T11:00:00Z', ['call_window JP']],
    ['and not on Saturdays', [['JP'], 'Asia/Tokyo'], '2027-01-16T03:00:00Z', ['call_window JP']],
    ['Britain has no hours of law', [['GB'], 'Europe/London'], '2027-01-13T03:00:00Z', []],
    ['a Connecticut number with a Kentucky address is judged by both', [['US', 'US-CT', 'US-KY'], EASTERN], '2027-01-13T14:30:00Z', [us('KY')]],
    ['nothing happens on a leap day', FLORIDA, '2028-02-29T15:00:00Z', []],
  ])('%s', (_, place, at, wanted) => {
    const consents = [grant({ happenedAt: new Date(instant(at).getTime() - 86_400_000), method: 'dca' })];
    expect(there(place, at, { facts: { consents }, question: { callerId: '+911401234567' } })).toEqual(wanted);
  });

  test.each<[string, Asked, string, string[]]>([
    ['by hand in the evening', {}, '2027-01-13T23:00:00Z', []],
    ['recorded at a second before five', { question: { dialerMode: 'prerecorded' } }, '2027-01-13T21:59:59Z', []],
    ['recorded at five sharp', { question: { dialerMode: 'prerecorded' } }, '2027-01-13T22:00:00Z', ['call_window US-ME']],
    ['a dialer on a Saturday', { question: { dialerMode: 'predictive' } }, '2027-01-16T17:00:00Z', ['call_window US-ME']],
    ['a text message in the evening', { question: { channel: 'sms' } }, '2027-01-13T23:00:00Z', []],
  ])('Maine: %s', (_, asked, at, wanted) => {
    const consents = [grant({ grade: 'express_written' })];
    expect(there(stateOf('ME', EASTERN), at, { ...asked, facts: { consents } })).toEqual(wanted);
  });
});

describe('consent, by jurisdiction', () => {
  const at = '2027-01-13T14:30:00Z';
  const PARIS: Place = [['FR'], 'Europe/Paris'];
  const AI = { question: { dialerMode: 'ai_voice' } } as const;
  const contract = (endsAt: string | null) => relationship({ kind: 'contract', endsAt: endsAt === null ? null : instant(endsAt) });
  test.each<[string, Place, Asked, string[]]>([
    ['Germany requires it', [['DE'], 'Europe/Berlin'], {}, ['consent_missing DE']],
    ['Germany requires it for e-mail', [['DE'], 'Europe/Berlin'], { question: { channel: 'email' } }, ['consent_missing DE']],
    ['France requires it', PARIS, {}, ['consent_missing FR']],
    ['a contract replaces it in France', PARIS, { facts: { relationships: [contract(null)] } }, []],
    ['until it ends', PARIS, { facts: { relationships: [contract(at)] } }, ['consent_missing FR']],
    ['China requires it', [['CN'], 'Asia/Shanghai'], { at }, ['consent_missing CN', 'call_window CN']],
    ['the United States do not', NEW_YORK, {}, []],
    ['but for artificial voices', NEW_YORK, AI, ['consent_missing US']],
    ['in writing', NEW_YORK, { ...AI, facts: { consents: [grant()] } }, ['consent_grade US']],
    ['Florida for a dialer', FLORIDA, { question: { dialerMode: 'predictive' } }, ['consent_missing US-FL']],
    ['a withdrawal denies where none is required', NEW_YORK, { facts: { consents: [withdrawal()] } }, ['consent_revoked company']],
    ['India counts only its own register', [['IN'], 'Asia/Kolkata'], { facts: { consents: [grant()] }, question: { callerId: null } }, ['consent_grade IN']],
    ['India wants its series', [['IN'], 'Asia/Kolkata'], { facts: { consents: [grant({ method: 'dca' })] } }, ['caller_id_series IN']],
    ['a toll-free number has no clock', [['US']], {}, ['zone_unknown company']],
  ])('%s', (_, place, asked, wanted) => {
    expect(there(place, at, asked)).toEqual(wanted);
  });

  test('in France it was not required the day before the law', () => {
    expect(there(PARIS, '2026-08-10T09:00:00Z')).toEqual([]);
    expect(there(PARIS, '2026-08-11T09:00:00Z')).toEqual(['consent_missing FR']);
  });

  test('in France an express one lifts the hours and the holidays, not the cap', () => {
    const sunday = '2027-11-14T03:00:00Z';
    const facts = { consents: [grant()], contacts: called('2027-11-10T10:00:00Z', '2027-11-09T10:00:00Z', '2027-11-08T10:00:00Z', '2027-11-05T10:00:00Z') };
    expect(there(PARIS, sunday, { facts: { consents: facts.consents } })).toEqual([]);
    expect(there(PARIS, '2027-07-14T09:00:00Z', { facts: { consents: facts.consents } })).toEqual([]);
    expect(there(PARIS, sunday, { facts })).toEqual(['attempt_cap FR']);
    expect(there(PARIS, sunday, { facts: { relationships: [contract(null)] } })).toEqual(['call_window FR']);
  });

  test('Japan, without a page, requires an express one, and says that this is a default', () => {
    const { reasons } = answer([['JP'], 'Asia/Tokyo'], '2027-01-13T03:00:00Z', { facts: { consents: [grant({ grade: 'implied' })] } });
    expect(reasons).toMatchObject([{ code: 'consent_grade', jurisdiction: 'JP', default: true, confidence: 'unconfirmed' }]);
  });

  test('from 2027-01-31 an opt-out in the United States reaches everything, by the day on which it was said', () => {
    const said = (text: string): Asked => ({ question: { channel: 'email', purpose: 'survey' }, facts: { consents: [withdrawal({ happenedAt: instant(text) })] } });
    expect(there(NEW_YORK, '2027-02-03T15:00:00Z', said('2027-01-31T04:59:59Z'))).toEqual([]);
    expect(there(NEW_YORK, '2027-02-03T15:00:00Z', said('2027-01-31T05:00:00Z'))).toEqual(['consent_revoked company']);
  });
});

describe('registers, by jurisdiction', () => {
  const at = '2027-01-13T17:00:00Z';
  const on = (list: keyof typeof LISTS, changes: Asked['facts'] = {}, since = '2027-01-01T00:00:00Z'): Asked => {
    return { facts: { ...listedOn(LISTS[list], list, at, since), ...changes } };
  };
  const SINGAPORE: Place = [['SG'], 'Asia/Singapore'];
  const SYDNEY: Place = [['AU'], 'Australia/Perth'];
  const TORONTO: Place = [['CA'], 'America/Toronto'];
  test.each<[string, Place, Asked, string[]]>([
    ['the national registry', NEW_YORK, on('US'), ['dnc_listed US']],
    ['is overridden in writing', NEW_YORK, on('US', { consents: [grant({ grade: 'express_written' })] }), []],
    ['not merely expressly', NEW_YORK, on('US', { consents: [grant()] }), ['dnc_listed US']],
    ['by a purchase of 18 months ago', NEW_YORK, on('US', { relationships: [relationship({ at: instant('2025-07-13T16:00:00Z') })] }), []],
    ['not by a contract', NEW_YORK, on('US', { relationships: [relationship({ kind: 'contract' })] }), ['dnc_listed US']],
    ['Canada: by an express consent', TORONTO, on('CA', { consents: [grant()] }), []],
    ['Canada: by an inquiry of five months ago', TORONTO, on('CA', { relationships: [relationship({ kind: 'inquiry', at: instant('2026-08-13T16:00:00Z') })] }), []],
    ['Canada: not by one of seven', TORONTO, on('CA', { relationships: [relationship({ kind: 'inquiry', at: instant('2026-06-13T16:00:00Z') })] }), ['dnc_listed CA']],
    ['Canada: not by a contract', TORONTO, on('CA', { relationships: [relationship({ kind: 'contract' })] }), ['dnc_listed CA']],
    ['Britain: not by a consent that names nobody', [['GB'], 'Europe/London'], on('GB', { consents: [grant({ grade: 'express_written' })] }), ['dnc_listed GB']],
    ['Britain: by one that names the caller', [['GB'], 'Europe/London'], on('GB', { consents: [grant({ namesSeller: true })] }), []],
    ['Italy: an earlier consent is annulled', [['IT'], 'Europe/Rome'], on('IT', { consents: [grant({ happenedAt: instant('2026-12-31T23:59:59Z') })] }),
      ['consent_revoked IT', 'dnc_listed IT']],
    ['Italy: a later one stands', [['IT'], 'Europe/Rome'], on('IT', { consents: [grant({ happenedAt: instant('2027-01-01T00:00:00Z') })] }), []],
    ['Singapore: free for 21 days', SINGAPORE, on('SG', {}, '2026-12-23T17:00:01Z'), []],
    ['Singapore: listed from their end', SINGAPORE, on('SG', {}, '2026-12-23T17:00:00Z'), ['dnc_listed SG']],
    ['Australia: a consent without an end lapses', SYDNEY, on('AU', { consents: [grant({ happenedAt: instant('2026-10-13T17:00:00Z') })] }), ['dnc_listed AU', 'call_window AU']],
  ])('%s', (_, place, asked, wanted) => {
    expect(there(place, at, asked)).toEqual(wanted);
  });

  test.each<[string, Place, string, string, number]>([
    ['United States', NEW_YORK, 'us-federal', 'US', 31], ['Britain', [['GB'], 'Europe/London'], 'gb-tps', 'GB', 28],
    ['Italy', [['IT'], 'Europe/Rome'], 'it-rpo', 'IT', 15], ['Canada', TORONTO, 'ca-dncl', 'CA', 31], ['Singapore', SINGAPORE, 'sg-voice', 'SG', 30],
  ])('%s: the list is fresh to its last second, and then the answer is hold', (_, place, list, jurisdiction, days) => {
    const aged = (seconds: number): Asked => {
      const asOf = new Date(instant(at).getTime() - days * 86_400_000 - seconds * 1000);
      return { facts: { lists: [listState({ list, jurisdiction, release: { id: 'r', asOf } })] } };
    };
    expect(answer(place, at, aged(0)).decision).toBe('allow');
    expect(answer(place, at, aged(1))).toMatchObject({ decision: 'hold', reasons: [{ code: 'list_stale', jurisdiction }] });
    expect(answer(place, at, { facts: { lists: [] } })).toMatchObject({ decision: 'hold', reasons: [{ code: 'list_missing', jurisdiction }] });
  });
});

describe('caps and quiet time, by jurisdiction', () => {
  const at = '2027-01-13T17:00:00Z';
  const day = ['2027-01-13T15:00:00Z', '2027-01-13T14:00:00Z', '2027-01-12T17:00:01Z'];
  const after = (outcome: Contact['outcome'], endedAt: string): Asked => ({ facts: { contacts: [contact({ outcome, startedAt: instant(endedAt) })] } });
  test.each<[string, Place, Asked, string[]]>([
    ['Florida: three in 24 hours', FLORIDA, { facts: { contacts: called(...day) } }, ['attempt_cap US-FL']],
    ['New York has no cap of law', NEW_YORK, { facts: { contacts: called(...day) } }, []],
    ['Oklahoma: three', stateOf('OK', CENTRAL), { facts: { contacts: called(...day) } }, ['attempt_cap US-OK']],
    ['Georgia: four', stateOf('GA', EASTERN), { facts: { contacts: called(...day) } }, []],
    ['Georgia: and no more', stateOf('GA', EASTERN), { facts: { contacts: called(...day, '2027-01-13T13:00:00Z') } }, ['attempt_cap US-GA']],
    ['Britain: no redial within 72 hours of an abandoned call', [['GB'], 'Europe/London'], after('abandoned', '2027-01-10T17:00:01Z'), ['cooldown GB']],
    ['Britain: at their end', [['GB'], 'Europe/London'], after('abandoned', '2027-01-10T17:00:00Z'), []],
    ['Washington: a year after a refusal', stateOf('WA', 'America/Los_Angeles'), after('refused', '2026-01-13T17:00:01Z'), ['cooldown US-WA']],
    ['Washington: at its end', stateOf('WA', 'America/Los_Angeles'), after('refused', '2026-01-13T17:00:00Z'), []],
    ['a mobile line in Arizona', stateOf('AZ', 'America/Phoenix'), { lead: { lineType: 'mobile' } }, ['dialer_mode US-AZ']],
    ['Florida counts for each seller', FLORIDA, { question: { seller: 'globex' }, facts: { contacts: called(...day) } }, []],
    ['the company counts them all', NEW_YORK, { settings: { caps: DEFAULT_SETTINGS.caps }, facts: { contacts: called(...day) } }, ['attempt_cap company']],
  ])('%s', (_, place, asked, wanted) => {
    expect(there(place, at, asked)).toEqual(wanted);
  });

  test('China: a refusal ends with a later consent only', () => {
    const noon = '2027-01-13T04:00:00Z';
    const CHINA: Place = [['CN'], 'Asia/Shanghai'];
    const contacts = [contact({ outcome: 'refused', startedAt: instant('2020-01-01T00:00:00Z') })];
    const given = (happenedAt: string) => ({ facts: { contacts, consents: [grant({ happenedAt: instant(happenedAt) })] } });
    expect(there(CHINA, noon, given('2019-12-31T00:00:00Z'))).toEqual(['cooldown CN']);
    expect(there(CHINA, noon, given('2020-01-02T00:00:00Z'))).toEqual([]);
  });

  test('France: sixty days after a refusal, on the calendar of Paris', () => {
    const PARIS: Place = [['FR'], 'Europe/Paris'];
    const asked = after('refused', '2027-03-01T12:00:00Z');
    const facts = { ...asked.facts, consents: [grant()] };
    expect(there(PARIS, '2027-04-30T10:59:59Z', { facts })).toEqual(['cooldown FR']);
    expect(there(PARIS, '2027-04-30T11:00:00Z', { facts })).toEqual([]);
  });
});
