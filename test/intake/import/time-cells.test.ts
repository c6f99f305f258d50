import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TimeCells } from '../../../intake/import/time-cells.ts';
import { isZone, ZoneClock } from '../../../intake/import/zoned-time.ts';

const read = (cell: string, order?: 'DMY' | 'MDY' | 'YMD', zone?: string): string => {
  const moment = new TimeCells(order, zone).read(cell);
  return typeof moment === 'string' ? moment : moment.toISOString();
};

describe('a cell with a time', () => {
  it.each([
    ['2026-11-01T15:04:05Z', '2026-11-01T15:04:05.000Z'],
    ['2026-11-01t15:04:05z', '2026-11-01T15:04:05.000Z'],
    ['2026-11-01T15:04:05.57Z', '2026-11-01T15:04:05.570Z'],
    ['2026-11-01T15:04:05.123456789Z', '2026-11-01T15:04:05.123Z'],
    ['2026-11-01 15:04:05+02:00', '2026-11-01T13:04:05.000Z'],
    ['2026-11-01 15:04 -0530', '2026-11-01T20:34:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('is read as RFC 3339: %s', (cell, instant) => {
    expect(read(cell)).toBe(instant);
    expect(read(cell, 'DMY', 'Asia/Tokyo')).toBe(instant);
  });

  it.each([
    ['31.12.2025 23:59', 'DMY', '2025-12-31T22:59:00.000Z'],
    ['1/2/2026 1:05:09 PM', 'DMY', '2026-02-01T12:05:09.000Z'],
    ['1/2/2026, 12:00 am', 'MDY', '2026-01-01T23:00:00.000Z'],
    ['2026/01/02', 'YMD', '2026-01-01T23:00:00.000Z'],
    ['01-02-2026 10:00 +00:00', 'DMY', '2026-02-01T10:00:00.000Z'],
    ['2026-03-04', undefined, '2026-03-03T23:00:00.000Z'],
    ['2026-03-04 08:00:00', undefined, '2026-03-04T07:00:00.000Z'],
  ] as const)('is read in the order and the zone that the sender names: %s', (cell, order, instant) => {
    expect(read(cell, order, 'Europe/Berlin')).toBe(instant);
  });

  it.each([
    ['2026-11-01T15:04:05', undefined, 'time_without_offset'],
    ['2026-11-01', undefined, 'time_without_offset'],
    ['01/02/2026', 'DMY', 'time_without_offset'],
    ['01/02/2026 10:00Z', undefined, 'invalid_time'],
    ['01/02/26 10:00Z', 'DMY', 'invalid_time'],
    ['13/13/2026 10:00Z', 'DMY', 'invalid_time'],
    ['12/31/2026 10:00Z', 'DMY', 'invalid_time'],
    ['2026-02-29T00:00:00Z', undefined, 'invalid_time'],
    ['2026-04-31T00:00:00Z', undefined, 'invalid_time'],
    ['2026-13-01T00:00:00Z', undefined, 'invalid_time'],
    ['2026-11-01T24:00:00Z', undefined, 'invalid_time'],
    ['2026-11-01T15:60:00Z', undefined, 'invalid_time'],
    ['2026-11-01T15:04:05+25:00', undefined, 'invalid_time'],
    ['1/2/2026 13:00 PM Z', 'DMY', 'invalid_time'],
    ['0001-01-01T00:00:00Z', undefined, 'invalid_time'],
    ['2026-11-01Z', undefined, 'invalid_time'],
    ['45000.5', 'DMY', 'invalid_time'],
    ['yesterday', undefined, 'invalid_time'],
  ] as const)('is refused rather than guessed: %s', (cell, order, refusal) => {
    expect(read(cell, order)).toBe(refusal);
  });

  it('reads every instant that JavaScript writes', () => {
    const instants = fc.date({ min: new Date('1900-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    fc.assert(fc.property(instants, (instant) => expect(read(instant.toISOString())).toBe(instant.toISOString())));
  });
});

describe('the clock of a zone', () => {
  const at = (zone: string, local: string): string => new Date(new ZoneClock(zone).instantOf(Date.parse(`${local}Z`))).toISOString();

  it.each([
    ['an ordinary day', 'America/New_York', '2026-07-01T12:00:00', '2026-07-01T16:00:00.000Z'],
    ['before clocks go forward', 'America/New_York', '2026-03-08T01:59:59', '2026-03-08T06:59:59.000Z'],
    ['after they went forward', 'America/New_York', '2026-03-08T03:00:00', '2026-03-08T07:00:00.000Z'],
    ['the hour that is skipped', 'America/New_York', '2026-03-08T02:30:00', '2026-03-08T07:30:00.000Z'],
    ['the hour that comes twice', 'America/New_York', '2026-11-01T01:30:00', '2026-11-01T05:30:00.000Z'],
    ['after it came twice', 'America/New_York', '2026-11-01T02:00:00', '2026-11-01T07:00:00.000Z'],
    ['half an hour of daylight saving', 'Australia/Lord_Howe', '2026-04-05T01:45:00', '2026-04-04T14:45:00.000Z'],
    ['a zone of odd minutes', 'Asia/Kathmandu', '2026-01-01T00:00:00', '2025-12-31T18:15:00.000Z'],
    ['the day that Samoa left out', 'Pacific/Apia', '2011-12-31T00:30:00', '2011-12-30T10:30:00.000Z'],
  ])('knows %s', (_, zone, local, instant) => {
    expect(at(zone, local)).toBe(instant);
  });

  it('is undone by the local time of the instant, for any hour of many years', () => {
    const format = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/London', dateStyle: 'short', timeStyle: 'medium' });
    const clock = new ZoneClock('Europe/London');
    const hours = fc.date({ min: new Date('1975-01-01'), max: new Date('2035-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(hours, (date) => {
        const instant = Math.floor(date.getTime() / 1000) * 1000;
        const back = clock.instantOf(Date.parse(`${format.format(instant).replace(' ', 'T')}Z`));
        // The second of two equal local times is read as the first.
        expect([0, 3_600_000]).toContain(instant - back);
      }),
      { numRuns: 1000 },
    );
  });

  it('is only there for zones that are', () => {
    expect([isZone('Europe/Berlin'), isZone('Mars/Olympus')]).toEqual([true, false]);
  });
});
