import { earliest, plus } from './civil-time.ts';
import type { Deadline } from './subject-deadlines.ts';

/** How near a deadline is that is not met. */
export const ALARM_LEVELS = ['due_soon', 'urgent', 'overdue'] as const;
export type AlarmLevel = (typeof ALARM_LEVELS)[number];

/** How long before a deadline somebody is told, the last time when it has passed. */
const BEFORE: Record<AlarmLevel, string> = { due_soon: 'P7D', urgent: 'P2D', overdue: 'PT0S' };

/** What of a request says whether a deadline is met. */
export interface Course {
  acknowledgedAt: Date | null;
  endedAt: Date | null;
}

/** The deadlines that are not met, the earliest first. Whoever has been acknowledged still waits for the answer. */
export function openDeadlines(deadlines: readonly Deadline[], { acknowledgedAt, endedAt }: Course): Deadline[] {
  if (endedAt) return [];
  return deadlines.filter(({ kind }) => kind !== 'acknowledge' || acknowledgedAt === null);
}

/** What somebody has to be told about now: of each deadline only how bad it has become. */
export function alarmsDue(open: readonly Deadline[], now: Date): { level: AlarmLevel; deadline: Deadline }[] {
  return open.flatMap((deadline) => {
    const level = levelOf(deadline.dueAt, now);
    return level ? [{ level, deadline }] : [];
  });
}

/** How near a moment is; null while it is further away than anybody is told about. */
export function levelOf(dueAt: Date, now: Date): AlarmLevel | null {
  return ALARM_LEVELS.findLast((level) => plus(dueAt, BEFORE[level], -1) <= now) ?? null;
}

/** When the next of these alarms is due; null when none is to come. */
export function nextAlarmAt(open: readonly Deadline[], now: Date): Date | null {
  const moments = open.flatMap(({ dueAt }) => ALARM_LEVELS.map((level) => plus(dueAt, BEFORE[level], -1)));
  return earliest(moments.filter((moment) => moment > now));
}
