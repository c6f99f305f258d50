import type { Reason } from '../clearance.ts';
import { isEnough, type Grade } from '../consent.ts';
import { localDay, localTime, wallTimeAfter, type LocalTime } from '../local-time.ts';
import { inForce, type Dated, type Policy, type RuleValues } from '../policy.ts';
import { reasonOf, type Situation } from './situation.ts';

const MINUTE_MS = 60_000;
/** Days looked ahead for the next opening; beyond, nobody can say. */
const DAYS_AHEAD = 60;
/** Rounds of moving on until all zones of a jurisdiction are open at once. */
const MOST_ROUNDS = 200;

type Window = Dated<RuleValues['call_window']>;

/** All that calling hours depend on. */
export type Hourly = Pick<Situation, 'question' | 'policies' | 'zones' | 'at' | 'isPhone'> & {
  consent: { grants: readonly { grade: Grade }[] };
};

/** Calls and messages only within the hours of every candidate jurisdiction, in every candidate zone. */
export function withinHours(situation: Hourly): Reason[] {
  if (!situation.isPhone) return [];
  const at = situation.at.getTime();
  return situation.policies.flatMap((policy) => {
    if (!policy.values.call_window) return [];
    const closed = situation.zones.flatMap((zone) => {
      const window = closedWindow(situation, policy, localTime(zone, at));
      return window ? [{ zone, window }] : [];
    });
    const [first] = closed;
    if (!first) return [];
    const facts = closed.map(({ zone }) => `zone:${zone}`);
    const each = { policy, dated: first.window, value: first.window.value };
    return [reasonOf('call_window', 'call_window', each, { facts, notBefore: nextOpening(situation, policy) })];
  });
}

/** The first window of a jurisdiction that is closed at a local time, or null when all that apply are open. */
function closedWindow(situation: Hourly, policy: Policy, local: LocalTime): Window | null {
  return windowsOn(situation, policy, local.day).find((window) => !isOpen(policy, window, local)) ?? null;
}

function windowsOn({ question, consent }: Hourly, policy: Policy, day: string): Window[] {
  const automated = question.channel === 'call' && question.dialerMode !== 'manual' && question.dialerMode !== 'preview';
  return inForce(policy, 'call_window', day).filter(({ value: { dialing, liftedBy } }) => {
    if (dialing === 'automated' && !automated) return false;
    return !liftedBy || !consent.grants.some(({ grade }) => isEnough(grade, liftedBy));
  });
}

function isOpen(policy: Policy, { value }: Window, { day, weekday, ofDay }: LocalTime): boolean {
  if (value.closedOnHolidays && isHoliday(policy, day)) return false;
  return (value.hours[weekday] ?? []).some(([start, end]) => ofDay >= start * MINUTE_MS && ofDay < end * MINUTE_MS);
}

/** A day beyond the table, or without one, cannot be known to be a working day. */
function isHoliday({ holidays }: Policy, day: string): boolean {
  if (!holidays) return true;
  const year = Number(day.slice(0, 4));
  return year < holidays.firstYear || year > holidays.lastYear || holidays.days.has(day);
}

/** The first moment, from the one judged on, at which a jurisdiction is open in every zone; null when there is none soon. */
function nextOpening(situation: Hourly, policy: Policy): Date | null {
  let moment = situation.at.getTime();
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const openings = situation.zones.map((zone) => nextOpeningIn(situation, policy, zone, moment));
    if (openings.includes(null)) return null;
    const all = Math.max(...(openings as number[]));
    if (all === moment) return new Date(moment);
    moment = all;
  }
  return null;
}

/** The minutes of the day at which any window of a day begins, whatever its weekday. */
function startsOn(situation: Hourly, policy: Policy, day: string): Set<number> {
  const hours = windowsOn(situation, policy, day).flatMap(({ value }) => Object.values(value.hours).flat());
  return new Set(hours.map(([start]) => start));
}

function nextOpeningIn(situation: Hourly, policy: Policy, zone: string, from: number): number | null {
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead += 1) {
    const midnight = wallTimeAfter(zone, from, ahead, 0);
    const minutes = startsOn(situation, policy, localDay(zone, midnight));
    const starts = [...minutes].map((minute) => wallTimeAfter(zone, from, ahead, minute));
    // A day on which a rule has ended, or has not begun yet, opens at midnight; of today that is the moment itself.
    const opening = [midnight, ...starts]
      .sort((a, b) => a - b)
      .find((moment) => closedWindow(situation, policy, localTime(zone, moment)) === null);
    if (opening !== undefined) return opening;
  }
  return null;
}
