/** At least one part, and after a T at least one part of a day. */
const PATTERN = /^P(?!$)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?!$)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/**
 * The instant one ISO 8601 duration after (or, with `sign` -1, before) another. Years and months are civil: the same day and
 * time of day, clamped to the month's end, so that a year from 29 February is 28 February. Weeks and days are civil days of
 * UTC; hours, minutes and seconds are exact. Throws a RangeError for a text that is no duration.
 */
export function plus(instant: Date, duration: string, sign: 1 | -1 = 1): Date {
  const { months, exactMs } = lengthOf(duration);
  return new Date(addMonths(instant, sign * months).getTime() + sign * exactMs);
}

const lengths = new Map<string, Length>();
const MOST_REMEMBERED = 1000;

interface Length {
  months: number;
  exactMs: number;
}

/** Law and settings name the same few durations again and again. */
function lengthOf(duration: string): Length {
  const known = lengths.get(duration);
  if (known) return known;
  const length = read(duration);
  if (lengths.size >= MOST_REMEMBERED) lengths.clear();
  lengths.set(duration, length);
  return length;
}

function read(duration: string): Length {
  const parts = PATTERN.exec(duration);
  if (!parts) throw new RangeError('not an ISO 8601 duration');
  const [years, months, weeks, days, hours, minutes, seconds] = parts.slice(1).map((part) => Number(part ?? 0)) as Seven;
  return { months: years * 12 + months, exactMs: ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 };
}

/** Whether a text is an ISO 8601 duration, as `plus` reads them. */
export function isDuration(text: string): boolean {
  return PATTERN.test(text);
}

type Seven = [number, number, number, number, number, number, number];

function addMonths(instant: Date, months: number): Date {
  if (months === 0) return instant;
  const moved = new Date(instant);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  moved.setUTCDate(Math.min(instant.getUTCDate(), daysInMonth(moved)));
  return moved;
}

function daysInMonth(instant: Date): number {
  return new Date(Date.UTC(instant.getUTCFullYear(), instant.getUTCMonth() + 1, 0)).getUTCDate();
}

/** The latest of some instants, or null when there is none. */
export function latest(instants: Iterable<Date | null | undefined>): Date | null {
  let found: Date | null = null;
  for (const instant of instants) if (instant && (!found || instant > found)) found = instant;
  return found;
}

/** The earliest of some instants, or null when there is none. */
export function earliest(instants: Iterable<Date | null | undefined>): Date | null {
  let found: Date | null = null;
  for (const instant of instants) if (instant && (!found || instant < found)) found = instant;
  return found;
}

/** A clock that is a duration ahead of another one: a rehearsal of the future on a copy of a store. */
export function shifted(clock: () => Date, duration: string | undefined): () => Date {
  return duration === undefined ? clock : () => plus(clock(), duration);
}
