import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { civilPlus, civilPlusEarliest, localDay, localTime, offsetAt, wallTimeAfter } from '../../domain/local-time.ts';

const RUNS = { seed: 20_261_124, numRuns: 500 };
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ZONES = [
  'America/New_York', 'America/St_Johns', 'America/Phoenix', 'America/Havana', 'America/Santiago', 'Europe/London', 'Europe/Paris',
  'Africa/Cairo', 'Africa/Casablanca', 'Asia/Kathmandu', 'Asia/Kolkata', 'Asia/Tehran', 'Australia/Lord_Howe', 'Australia/Adelaide',
  'Pacific/Apia', 'Pacific/Chatham', 'Pacific/Kiritimati', 'Pacific/Marquesas', 'UTC',
] as const;

const zones = fc.constantFrom(...ZONES);
const instants = fc.integer({ min: Date.parse('2011-01-01'), max: Date.parse('2040-01-01') });

const formats = new Map(ZONES.map((timeZone) => [timeZone, new Intl.DateTimeFormat('en-CA', {
  timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
})]));

/** What the wall shows, in milliseconds of a calendar without zones: from the fields that Intl prints, not from an offset. */
function wallAt(zone: (typeof ZONES)[number], instant: number): number {
  const parts = formats.get(zone)?.formatToParts(instant) ?? [];
  const field = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const seconds = Date.UTC(field('year'), field('month') - 1, field('day'), field('hour'), field('minute'), field('second'));
  return seconds + ((instant % 1000) + 1000) % 1000;
}

/** The first instant at which the wall shows a time, or, where it never does, the first after which it shows a later one. */
function instantOf(zone: (typeof ZONES)[number], wall: number): number {
  const from = wall - 16 * 3_600_000;
  for (let instant = from; instant < wall + 16 * 3_600_000; instant += 15 * MINUTE_MS) {
    const shown = wallAt(zone, instant);
    if (shown > wall) return instant;
    const ahead = instant + (wall - shown);
    if (wall - shown < 15 * MINUTE_MS && wallAt(zone, ahead) === wall) return ahead;
  }
  throw new Error('the wall never got there');
}

describe('the wall of a zone', () => {
  test('shows what Intl prints', () => {
    fc.assert(fc.property(zones, instants, (zone, instant) => {
      const wall = wallAt(zone, instant);
      const local = localTime(zone, instant);
      expect(Date.parse(`${local.day}T00:00:00Z`) + local.ofDay).toBe(wall);
      expect(offsetAt(zone, instant)).toBe(wall - instant);
      expect(localDay(zone, instant)).toBe(new Date(wall).toISOString().slice(0, 10));
      expect(local.weekday).toBe(['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][new Date(wall).getUTCDay()]);
    }), RUNS);
  });

  test('was behind Greenwich by seconds as well in Liberia until 1972', () => {
    expect(offsetAt('Africa/Monrovia', Date.parse('1971-06-01T00:00:00Z'))).toBe(-(44 * 60 + 30) * 1000);
    expect(offsetAt('Africa/Monrovia', Date.parse('1973-06-01T00:00:00Z'))).toBe(0);
  });

  test('is no zone for a name that is none', () => {
    expect(() => offsetAt('Nowhere/Town', 0)).toThrow(RangeError);
  });
});

describe('the next time a wall shows an hour', () => {
  test('is what going through the quarters of the day finds', () => {
    const quarters = fc.integer({ min: 0, max: 95 });
    fc.assert(fc.property(zones, instants, fc.integer({ min: 0, max: 8 }), quarters, (zone, instant, days, quarter) => {
      const midnight = Math.floor(wallAt(zone, instant) / DAY_MS) * DAY_MS;
      const wanted = Math.max(instant, instantOf(zone, midnight + days * DAY_MS + quarter * 15 * MINUTE_MS));
      expect(wallTimeAfter(zone, instant, days, quarter * 15)).toBe(wanted);
    }), RUNS);
  });

  test.each([
    ['eight tomorrow, across the change to summer time', 'America/New_York', '2027-03-13T17:00:00Z', 1, 480, '2027-03-14T12:00:00.000Z'],
    ['a time that is skipped is the moment of skipping', 'America/New_York', '2027-03-13T17:00:00Z', 1, 150, '2027-03-14T07:00:00.000Z'],
    ['of a time that comes twice the first', 'America/New_York', '2027-11-06T16:00:00Z', 1, 90, '2027-11-07T05:30:00.000Z'],
    ['half an hour of summer time on Lord Howe', 'Australia/Lord_Howe', '2027-10-01T20:00:00Z', 1, 480, '2027-10-02T21:00:00.000Z'],
    ['midnight in Cairo where it is skipped', 'Africa/Cairo', '2027-04-29T12:00:00Z', 1, 0, '2027-04-29T22:00:00.000Z'],
    ['the day that Samoa left out', 'Pacific/Apia', '2011-12-29T20:00:00Z', 1, 480, '2011-12-30T10:00:00.000Z'],
  ])('%s', (_, zone, from, days, minute, wanted) => {
    expect(new Date(wallTimeAfter(zone, Date.parse(from), days, minute)).toISOString()).toBe(wanted);
  });
});

describe('civil durations on the wall', () => {
  test('of days land on the same time, or on the moment at which it is skipped', () => {
    fc.assert(fc.property(zones, instants, fc.integer({ min: 0, max: 400 }), (zone, instant, days) => {
      const wanted = instantOf(zone, wallAt(zone, instant) + days * DAY_MS);
      expect(civilPlus(new Date(instant), `P${days}D`, [zone]).getTime()).toBe(wanted);
    }), { ...RUNS, numRuns: 300 });
  });

  test('of months keep the day of the month, or its end', () => {
    fc.assert(fc.property(zones, instants, fc.integer({ min: 1, max: 60 }), (zone, instant, months) => {
      const from = new Date(wallAt(zone, instant));
      const lastDay = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months + 1, 0)).getUTCDate();
      const day = Math.min(from.getUTCDate(), lastDay);
      const wall = Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + months, day) + (from.getTime() % DAY_MS);
      expect(civilPlus(new Date(instant), `P${months}M`, [zone]).getTime()).toBe(instantOf(zone, wall));
    }), { ...RUNS, numRuns: 300 });
  });

  test('of hours are exact everywhere', () => {
    fc.assert(fc.property(zones, instants, fc.integer({ min: 0, max: 1000 }), (zone, instant, hours) => {
      expect(civilPlus(new Date(instant), `PT${hours}H`, [zone]).getTime()).toBe(instant + hours * 3_600_000);
      expect(civilPlusEarliest(new Date(instant), `PT${hours}H`, [zone]).getTime()).toBe(instant + hours * 3_600_000);
    }), RUNS);
  });

  test('over several zones are the latest, or the earliest, of each', () => {
    fc.assert(fc.property(fc.array(zones, { minLength: 1, maxLength: 4 }), instants, (several, instant) => {
      const each = several.map((zone) => civilPlus(new Date(instant), 'P18M', [zone]).getTime());
      expect(civilPlus(new Date(instant), 'P18M', several).getTime()).toBe(Math.max(...each));
      expect(civilPlusEarliest(new Date(instant), 'P18M', several).getTime()).toBe(Math.min(...each));
    }), RUNS);
  });

  test('without a zone are those of UTC', () => {
    expect(civilPlus(new Date('2028-02-29T12:00:00Z'), 'P12M', []).toISOString()).toBe('2029-02-28T12:00:00.000Z');
    expect(civilPlusEarliest(new Date('2028-02-29T12:00:00Z'), 'P12M', []).toISOString()).toBe('2029-02-28T12:00:00.000Z');
  });
});
