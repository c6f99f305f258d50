import { ZoneClock } from './zoned-time.ts';

/** The order of day, month and year in dates that are not ISO 8601. */
export type DateOrder = 'DMY' | 'MDY' | 'YMD';

/** Why a cell is no moment. */
export type TimeRefusal = 'invalid_time' | 'time_without_offset';

// Most cells are like this, and every one of these exists in every month.
const PLAIN = /^(?:19|20|21)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,3})?Z$/;
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?([Zz]|[+-]\d\d:?\d\d)?)?$/;
const ORDERED =
  /^(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:(?:,? |T)(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?([AaPp])\.?[Mm]\.?)? ?([Zz]|[+-]\d\d:?\d\d)?)?$/;
const YEARS = { first: 1900, last: 9999 };

interface Written {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  offset: string | undefined;
}

/**
 * Reads cells as moments: RFC 3339, or with `dateOrder` numeric dates in that order with a year of four digits, optionally
 * followed by a time of day in 24 or 12 hours. What has no offset is read in `zone`, a bare date as the start of its day;
 * without a zone such a cell is refused, because guessing would move consents in time.
 */
export class TimeCells {
  readonly #order: DateOrder | undefined;
  readonly #clock: ZoneClock | undefined;

  constructor(dateOrder: DateOrder | undefined, zone: string | undefined) {
    this.#order = dateOrder;
    this.#clock = zone === undefined ? undefined : new ZoneClock(zone);
  }

  read(cell: string): Date | TimeRefusal {
    if (PLAIN.test(cell)) return new Date(cell);
    const written = readIso(cell) ?? (this.#order && readOrdered(cell, this.#order));
    if (!written || !exists(written)) return 'invalid_time';
    const { year, month, day, hour, minute, second, millisecond, offset } = written;
    const local = Date.UTC(year, month - 1, day, hour, minute, second, millisecond);
    if (offset !== undefined) return instantWithOffset(local, offset);
    return this.#clock ? new Date(this.#clock.instantOf(local)) : 'time_without_offset';
  }
}

function readIso(cell: string): Written | undefined {
  const match = ISO.exec(cell);
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', offset] = match;
  return written([year, month, day], [hour, minute, second], fraction, offset);
}

function readOrdered(cell: string, order: DateOrder): Written | undefined {
  const match = ORDERED.exec(cell);
  if (!match) return undefined;
  const [, one = '', two = '', three = '', hour = '0', minute = '0', second = '0', fraction = '0', half, offset] = match;
  const year = order === 'YMD' ? one : three;
  if (year.length !== 4 || (order === 'YMD' ? three : one).length > 2) return undefined;
  const date = { DMY: [three, two, one], MDY: [three, one, two], YMD: [one, two, three] }[order];
  const clockHour = half === undefined ? hour : hourOfHalf(Number(hour), half);
  return written(date, [clockHour, minute, second], fraction, offset);
}

/** 12 AM is midnight, 12 PM noon; an hour beyond 12 has no half of the day and becomes one that does not exist. */
function hourOfHalf(hour: number, half: string): string {
  if (hour < 1 || hour > 12) return '99';
  return String((hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0));
}

function written(
  date: readonly (string | undefined)[], time: readonly string[], fraction: string, offset: string | undefined,
): Written {
  const [year, month, day] = date.map(Number) as [number, number, number];
  const [hour, minute, second] = time.map(Number) as [number, number, number];
  return { year, month, day, hour, minute, second, millisecond: Number(fraction.padEnd(3, '0').slice(0, 3)), offset };
}

function exists({ year, month, day, hour, minute, second }: Written): boolean {
  if (year < YEARS.first || year > YEARS.last || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return false;
  return day >= 1 && (day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate());
}

function instantWithOffset(local: number, offset: string): Date | TimeRefusal {
  if (offset === 'Z' || offset === 'z') return new Date(local);
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(-2));
  if (hours > 23 || minutes > 59) return 'invalid_time';
  const size = (hours * 60 + minutes) * 60_000;
  return new Date(offset.startsWith('-') ? local + size : local - size);
}
