/** What a clock on the wall shows somewhere, read as plainly as possible. */
export interface Wall {
  day: string;
  weekday: string;
  minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone, weekday: 'short', year: 'numeric', month: '2-digit', day: '2-digit',
    hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  });
  formats.set(zone, made);
  return made;
}

function partsIn(at: Date, zone: string): Record<string, string> {
  return Object.fromEntries(formatOf(zone).formatToParts(at).map(({ type, value }) => [type, value]));
}

export function wallIn(at: Date, zone: string): Wall {
  const { year, month, day, weekday = '', hour, minute } = partsIn(at, zone);
  return { day: `${year}-${month}-${day}`, weekday, minute: Number(hour) * 60 + Number(minute) };
}

/** The wall's time as if it were UTC, in milliseconds. */
function wallMillis(at: Date, zone: string): number {
  const { year, month, day, hour, minute, second } = partsIn(at, zone);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) + at.getUTCMilliseconds();
}

/** So many days and months later by the calendar on the wall, at the same time of day. */
export function laterOnTheWall(at: Date, months: number, days: number, zone: string): Date {
  const wall = new Date(wallMillis(at, zone));
  const dayOfMonth = wall.getUTCDate();
  wall.setUTCDate(1);
  wall.setUTCMonth(wall.getUTCMonth() + months);
  const last = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 0)).getUTCDate();
  wall.setUTCDate(Math.min(dayOfMonth, last) + days);
  let found = new Date(wall.getTime());
  for (let step = 0; step < 3; step += 1) found = new Date(found.getTime() + wall.getTime() - wallMillis(found, zone));
  return found;
}
