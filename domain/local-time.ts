import { plus } from './civil-time.ts';
import { DAYS, type Day } from './policy.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Clocks change at quarters of an hour of UTC at the finest, so an offset holds for the whole of one. */
const QUARTER_MS = 15 * MINUTE_MS;
const MOST_REMEMBERED = 50_000;

/** A moment as the clock on the wall shows it. */
export interface LocalTime {
  /** `YYYY-MM-DD` */
  day: string;
  weekday: Day;
  /** Milliseconds since midnight on the wall. */
  ofDay: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();
let remembered = 0;

/** How far the clocks of an IANA zone are ahead of UTC at an instant, in milliseconds. Throws a RangeError for no zone. */
export function offsetAt(zone: string, instant: number): number {
  const quarter = Math.floor(instant / QUARTER_MS);
  const known = offsets.get(zone)?.get(quarter);
  if (known !== undefined) return known;
  const offset = readOffset(zone, quarter * QUARTER_MS);
  if (remembered >= MOST_REMEMBERED) {
    offsets.clear();
    remembered = 0;
  }
  const ofZone = offsets.get(zone) ?? new Map<number, number>();
  offsets.set(zone, ofZone.set(quarter, offset));
  remembered += 1;
  return offset;
}

function readOffset(zone: string, instant: number): number {
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, format);
  const name = format.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes, seconds] = /([+-])(\d\d):(\d\d)(?::(\d\d))?/.exec(name) ?? [];
  const size = ((Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0)) * 1000;
  return sign === '-' ? -size : size;
}

/** What the clock on the wall of a zone shows at an instant. */
export function localTime(zone: string, instant: number): LocalTime {
  const wall = instant + offsetAt(zone, instant);
  const midnight = Math.floor(wall / DAY_MS) * DAY_MS;
  return { day: dayOf(midnight), weekday: weekdayOf(midnight), ofDay: wall - midnight };
}

/** The local day of an instant in a zone: `YYYY-MM-DD`. */
export function localDay(zone: string, instant: number): string {
  return dayOf(Math.floor((instant + offsetAt(zone, instant)) / DAY_MS) * DAY_MS);
}

const days = new Map<number, string>();

function dayOf(midnight: number): string {
  const known = days.get(midnight);
  if (known !== undefined) return known;
  const day = new Date(midnight).toISOString().slice(0, 10);
  if (days.size >= MOST_REMEMBERED) days.clear();
  days.set(midnight, day);
  return day;
}

function weekdayOf(midnight: number): Day {
  return DAYS[((Math.floor(midnight / DAY_MS) + 4) % 7 + 7) % 7] as Day;
}

/** The first instant, from `instant` on, at which a zone's wall shows a time some days later, `minute` minutes after midnight. */
export function wallTimeAfter(zone: string, instant: number, daysLater: number, minute: number): number {
  const wall = instant + offsetAt(zone, instant);
  const wanted = Math.floor(wall / DAY_MS) * DAY_MS + daysLater * DAY_MS + minute * MINUTE_MS;
  return Math.max(instant, instantOfWall(zone, wanted));
}

/** Where clocks are put back the first of the two moments, where they skip ahead the moment of skipping. */
function instantOfWall(zone: string, wall: number): number {
  const before = wall - offsetAt(zone, wall - DAY_MS);
  const after = wall - offsetAt(zone, wall + DAY_MS);
  for (const instant of [Math.min(before, after), Math.max(before, after)]) {
    if (instant + offsetAt(zone, instant) === wall) return instant;
  }
  let instant = Math.min(before, after);
  while (instant + offsetAt(zone, instant) < wall) instant = (Math.floor(instant / QUARTER_MS) + 1) * QUARTER_MS;
  return instant;
}

/**
 * The instant one ISO 8601 duration after another as the law counts: years, months, weeks and days on the local calendar (same
 * time on the wall, clamped to the month's end), hours and less exactly. With several zones the latest of them, which is the
 * strictest for a quiet time; without any, on the calendar of UTC.
 */
export function civilPlus(instant: Date, duration: string, zones: readonly string[]): Date {
  if (duration.startsWith('PT') || zones.length === 0) return plus(instant, duration);
  return new Date(Math.max(...civilEnds(instant, duration, zones)));
}

/** As `civilPlus`, but the earliest of several zones: the strictest for a time in which something is allowed. */
export function civilPlusEarliest(instant: Date, duration: string, zones: readonly string[]): Date {
  if (duration.startsWith('PT') || zones.length === 0) return plus(instant, duration);
  return new Date(Math.min(...civilEnds(instant, duration, zones)));
}

function civilEnds(instant: Date, duration: string, zones: readonly string[]): number[] {
  return zones.map((zone) => {
    const wall = new Date(instant.getTime() + offsetAt(zone, instant.getTime()));
    return instantOfWall(zone, plus(wall, duration).getTime());
  });
}

/** The milliseconds of an exact duration, such as `PT24H` or `P30D` counted as 30 times 24 hours. */
export function exactMs(duration: string): number {
  return plus(new Date(0), duration).getTime();
}
