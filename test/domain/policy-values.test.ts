import { describe, expect, test } from '@jest/globals';
import { DAYS } from '../../domain/policy.ts';
import { dated, hours, state } from '../../domain/policies/value.ts';

describe('calling hours as they are written', () => {
  const nineToEight = [[540, 1200]];
  test.each<[string, Parameters<typeof hours>[0], object]>([
    ['daily is every day of the week', { daily: '9:00-20:00' }, Object.fromEntries(DAYS.map((day) => [day, nineToEight]))],
    ['weekdays leave out the weekend', { weekdays: '9:00-20:00' }, { mon: nineToEight, tue: nineToEight, wed: nineToEight, thu: nineToEight, fri: nineToEight }],
    ['Monday to Saturday leaves out the Sunday', { 'mon-sat': '9:00-20:00' },
      { mon: nineToEight, tue: nineToEight, wed: nineToEight, thu: nineToEight, fri: nineToEight, sat: nineToEight }],
    ['the weekend is Saturday and Sunday', { weekend: '9:00-20:00' }, { sat: nineToEight, sun: nineToEight }],
    ['a day has its own name', { sun: '12:00-21:30' }, { sun: [[720, 1290]] }],
    ['a day that is named later has other hours than the rest', { weekend: '9:00-20:00', sun: '12:30-24:00' }, { sat: nineToEight, sun: [[750, 1440]] }],
    ['a lunch break parts two stretches', { wed: '10:00-13:00, 14:15-20:45' }, { wed: [[600, 780], [855, 1245]] }],
    ['hours may be written without minutes', { wed: '8-21' }, { wed: [[480, 1260]] }],
    ['nothing is closed', {}, {}],
  ])('%s', (_, written, wanted) => {
    expect(hours(written).hours).toStrictEqual(wanted);
  });

  test('bind all calls on any workday or holiday, unless it is said otherwise', () => {
    expect(hours({})).toEqual({ hours: {}, closedOnHolidays: false, dialing: 'any' });
    expect(hours({}, { closedOnHolidays: true, dialing: 'automated', liftedBy: 'express' })).toEqual({
      hours: {}, closedOnHolidays: true, dialing: 'automated', liftedBy: 'express',
    });
  });
});

test('a value of law says since when, where, how well checked and when, and its end only if it has one', () => {
  const value = { period: 'P5Y' };
  const verifiedAt = expect.stringMatching(/^\d{4}-\d\d-\d\d$/);
  expect(dated('2024-10-15', value, '16 CFR 310.5(a)', 'primary')).toStrictEqual({
    from: '2024-10-15', value, source: '16 CFR 310.5(a)', verifiedAt, confidence: 'primary',
  });
  expect(dated('1995-12-31', value, '16 CFR 310.5(a)', 'secondary', '2024-10-15')).toStrictEqual({
    from: '1995-12-31', to: '2024-10-15', value, source: '16 CFR 310.5(a)', verifiedAt, confidence: 'secondary',
  });
});

test('a state is a part of the United States, with holidays only where it has a table', () => {
  const holidays = { source: 'Code', firstYear: 2026, lastYear: 2030, days: new Set<string>() };
  expect(state('FL', 'Florida', {})).toStrictEqual({ jurisdiction: 'US-FL', name: 'Florida', values: {} });
  expect(state('AL', 'Alabama', {}, holidays)).toStrictEqual({ jurisdiction: 'US-AL', name: 'Alabama', values: {}, holidays });
});
