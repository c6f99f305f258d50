import type { Channel } from '../consent.ts';
import { DAYS, type Confidence, type Dated, type Day, type Holidays, type Hours, type Policy, type RuleValues } from '../policy.ts';

/** The day on which every value of this book was last held against its source. */
const VERIFIED_AT = '2026-11-22';

/** One value of law: in force from a day on, where it is written, and how well that was checked. */
export function dated<T>(from: string, value: T, source: string, confidence: Confidence, to?: string): Dated<T> {
  return { from, ...(to === undefined ? {} : { to }), value, source, verifiedAt: VERIFIED_AT, confidence };
}

const WORKDAYS: readonly Day[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
const NAMED_DAYS: Record<string, readonly Day[]> = { daily: DAYS, weekdays: WORKDAYS, 'mon-sat': [...WORKDAYS, 'sat'], weekend: ['sat', 'sun'] };

/** Calling hours as they are usually written: `{ weekdays: '9:00-20:00', sat: '9:00-17:00' }`; several stretches with a comma. */
export function hours(
  written: Partial<Record<Day | 'daily' | 'weekdays' | 'mon-sat' | 'weekend', string>>,
  more: Partial<Omit<RuleValues['call_window'], 'hours'>> = {},
): RuleValues['call_window'] {
  const byDay: Partial<Record<Day, Hours>> = {};
  for (const [name, stretches] of Object.entries(written)) {
    for (const day of NAMED_DAYS[name] ?? [name as Day]) byDay[day] = stretches.split(', ').map(stretch);
  }
  return { hours: byDay, closedOnHolidays: false, dialing: 'any', ...more };
}

function stretch(text: string): readonly [number, number] {
  const [start = 0, end = 0] = text.split('-').map((time) => {
    const [hour = 0, minute = 0] = time.split(':').map(Number);
    return hour * 60 + minute;
  });
  return [start, end];
}

/** Calls and text messages: what the law of calls binds in most places. */
export const PHONE: readonly Channel[] = ['call', 'sms'];

/** The page of a state of the United States. */
export function state(code: string, name: string, values: Policy['values'], holidays?: Holidays): Policy {
  return { jurisdiction: `US-${code}`, name, values, ...(holidays ? { holidays } : {}) };
}
