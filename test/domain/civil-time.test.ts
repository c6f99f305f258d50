import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { earliest, isDuration, latest, plus, shifted } from '../../domain/civil-time.ts';

describe('civil durations', () => {
  it.each([
    ['a month from the last of January is the last of February', '2026-01-31T10:00:00Z', 'P1M', '2026-02-28T10:00:00Z'],
    ['a year from a leap day is the day before its missing twin', '2024-02-29T00:00:00Z', 'P1Y', '2025-02-28T00:00:00Z'],
    ['four years from a leap day is a leap day', '2024-02-29T00:00:00Z', 'P4Y', '2028-02-29T00:00:00Z'],
    ['twelve months are a year', '2025-11-22T23:59:59Z', 'P12M', '2026-11-22T23:59:59Z'],
    ['ten weeks are seventy days', '2026-11-22T00:00:00Z', 'P10W', '2027-01-31T00:00:00Z'],
    ['two weeks are fourteen days', '2026-11-22T00:00:00Z', 'P2W', '2026-12-06T00:00:00Z'],
    ['years, months, days and time add up', '2026-01-01T00:00:00Z', 'P1Y2M3DT4H5M6S', '2027-03-04T04:05:06Z'],
    ['ninety seconds are a minute and a half, into another year', '2026-12-31T23:59:00Z', 'PT90S', '2027-01-01T00:00:30Z'],
    ['ninety minutes are exact', '2026-11-22T23:00:00Z', 'PT90M', '2026-11-23T00:30:00Z'],
  ])('%s', (_, from, duration, to) => {
    expect(plus(new Date(from), duration).toISOString()).toBe(new Date(to).toISOString());
  });

  it('goes back as well', () => {
    expect(plus(new Date('2026-03-31T00:00:00Z'), 'P1M', -1).toISOString()).toBe('2026-02-28T00:00:00.000Z');
  });

  it.each(['', 'P', 'PT', 'P1', '1D', 'P1H', 'PT1D', '-P1D', 'P1.5D', 'P1DT', 'xP1D', 'P1D ', 'P1M1Y'])('refuses %j', (text) => {
    expect(() => plus(new Date(0), text)).toThrow(new RangeError('not an ISO 8601 duration'));
    expect(isDuration(text)).toBe(false);
  });

  it.each(['P1Y', 'P12M', 'P2W', 'P30D', 'PT72H', 'PT15M', 'PT0S', 'P1Y2M3W4DT5H6M7S', 'P1DT12H'])('knows %s', (text) => {
    expect(isDuration(text)).toBe(true);
  });

  it('never lands on another day of the month, except at a shorter month\'s end', () => {
    const day = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 600 }), (from, months) => {
        const to = plus(from, `P${months}M`);
        const lastOfMonth = new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate();
        return to.getUTCDate() === Math.min(from.getUTCDate(), lastOfMonth);
      }),
    );
  });
});

describe('the first and the last of some instants', () => {
  const [a, b] = [new Date(1), new Date(2)];
  it('skips what is not there', () => {
    expect(earliest([null, b, undefined, a])).toBe(a);
    expect(latest([null, a, undefined, b])).toBe(b);
    expect(earliest([])).toBeNull();
    expect(latest([null])).toBeNull();
  });
});

describe('a shifted clock', () => {
  it('is the duration ahead, and the clock itself without one', () => {
    const clock = () => new Date('2026-11-22T00:00:00Z');
    expect(shifted(clock, 'P18M')().toISOString()).toBe('2028-05-22T00:00:00.000Z');
    expect(shifted(clock, undefined)).toBe(clock);
  });
});
