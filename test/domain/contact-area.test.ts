import { describe, expect, test } from '@jest/globals';
import type { Grade } from '../../domain/consent.ts';
import { areaOfName, gradeForHours, isOpenArea, nameOfArea, type ContactArea } from '../../domain/contact-area.ts';
import type { Policy, RuleValues } from '../../domain/policy.ts';
import { NEW_YORK, NOON, asking, dated, instant, page } from './gate-facts.ts';

const weekdays: RuleValues['call_window'] = {
  hours: { mon: [[600, 1200]], tue: [[600, 1200]], wed: [[600, 1200]], thu: [[600, 1200]], fri: [[600, 1200]] }, closedOnHolidays: false, dialing: 'any',
};
const lifted = page('FR', { call_window: [dated({ ...weekdays, liftedBy: 'express' as const })] });
const firm = page('US', { call_window: [dated(weekdays)] });
const area = (changes: Partial<ContactArea> = {}): ContactArea => ({ jurisdictions: ['US'], zones: [NEW_YORK], grade: null, ...changes });

describe('the name of an area', () => {
  test.each<[string, ContactArea, string]>([
    ['of one country and clock', area(), 'US|America/New_York|'],
    ['of several, in whatever order they were found', area({ jurisdictions: ['US-TX', 'US', 'MX'], zones: ['America/Denver', 'America/Chicago'] }),
      'MX,US,US-TX|America/Chicago,America/Denver|'],
    ['with a consent that opens hours', area({ grade: 'express' }), 'US|America/New_York|express'],
    ['of nowhere', area({ jurisdictions: [], zones: [] }), '||'],
  ])('%s', (_, { jurisdictions, zones, grade }, name) => {
    expect(nameOfArea({ jurisdictions, zones, grade })).toBe(name);
    expect(areaOfName(name)).toEqual({ jurisdictions: jurisdictions.toSorted(), zones: zones.toSorted(), grade });
  });

  test.each(['', 'US', 'US|America/New_York', 'US|America/New_York|a-later-grade'])('that is cut short or newer, %j, has no consent', (name) => {
    const [jurisdiction, zone] = name.split('|');
    const named = { jurisdictions: jurisdiction ? [jurisdiction] : [], zones: zone ? [zone] : [] };
    expect(areaOfName(name)).toEqual({ ...named, grade: null });
  });
});

describe('the grade that counts for hours', () => {
  const mixed = page('FR', { call_window: [dated(weekdays), dated({ ...weekdays, liftedBy: 'express' as const })] });
  test.each<[string, readonly Policy[], Grade[], Grade | null]>([
    ['is none where no law opens hours for a consent', [firm], ['express'], null],
    ['is none without a law', [page('GB', {})], ['express'], null],
    ['is none without a consent', [lifted], [], null],
    ['is that of the only one', [lifted], ['implied'], 'implied'],
    ['is the best of several, where one law of two asks', [firm, lifted], ['implied', 'express_written', 'express'], 'express_written'],
    ['is asked for where one of two hours is opened', [mixed], ['express'], 'express'],
  ])('%s', (_, policies, grades, wanted) => {
    expect(gradeForHours(policies, grades.map((grade) => ({ grade })))).toBe(wanted);
  });
});

describe('whether people of an area may be called by hand', () => {
  const SATURDAY = instant('2027-01-16T17:00:00Z');
  test.each([
    ['on a Wednesday at noon', area(), [firm], NOON, true],
    ['not a second after closing', area(), [firm], instant('2027-01-14T01:00:00Z'), false],
    ['in its last second', area(), [firm], instant('2027-01-14T00:59:59Z'), true],
    ['not on a Saturday', area(), [firm], SATURDAY, false],
    ['not on a Saturday where a consent would open it', area(), [lifted], SATURDAY, false],
    ['with that consent', area({ grade: 'express' }), [lifted], SATURDAY, true],
    ['with a better one', area({ grade: 'express_written' }), [lifted], SATURDAY, true],
    ['not with a weaker one', area({ grade: 'implied' }), [lifted], SATURDAY, false],
    ['not while it is early in one of its zones', area({ zones: [NEW_YORK, 'America/Los_Angeles'] }), [firm], NOON, false],
    ['at any time where nobody sets hours', area(), [], SATURDAY, true],
  ] as const)('%s', (_, of, policies, at, open) => {
    expect(isOpenArea(of, policies, asking(), at)).toBe(open);
  });
});
