const DAY_MS = 86_400_000;
const OFFSET = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/;

/** Whether a name is an IANA time zone. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * Turns local times of one IANA zone into instants. A time that occurs twice, when clocks go back, is the first of the two;
 * one that is skipped, when they go forward, is read as if they had not yet.
 */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #evenDays = new Map<number, number | null>();

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  }

  /** The instant, in milliseconds, of a local time given as the milliseconds it would be in UTC. */
  instantOf(local: number): number {
    const day = Math.floor(local / DAY_MS);
    let offset = this.#evenDays.get(day);
    if (offset === undefined) {
      offset = this.#offsetOfDay(day);
      this.#evenDays.set(day, offset);
    }
    return offset === null ? this.#nearTransition(local) : local - offset;
  }

  /** The offset of a day around which it does not change; null where it does. */
  #offsetOfDay(day: number): number | null {
    const before = this.#offsetAt((day - 1) * DAY_MS);
    return before === this.#offsetAt((day + 2) * DAY_MS) ? before : null;
  }

  #nearTransition(local: number): number {
    const before = this.#offsetAt(local - DAY_MS);
    const after = this.#offsetAt(local + DAY_MS);
    const isAfter = this.#offsetAt(local - after) === after && this.#offsetAt(local - before) !== before;
    return local - (isAfter ? after : before);
  }

  #offsetAt(instant: number): number {
    const name = this.#format.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? '';
    const [, sign, hours, minutes, seconds] = OFFSET.exec(name) ?? [];
    const size = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 + Number(seconds ?? 0);
    return (sign === '-' ? -size : size) * 1000;
  }
}
