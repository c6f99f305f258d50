import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import { readBackupWatch } from '../db/backup-watch.ts';
import type { Db } from '../db/connection.ts';
import type { Measure } from './metrics-server.ts';
import type { Metrics } from './metrics.ts';

/** Backups are looked through every hour: after three that found nobody to do it, somebody has to know. */
const CHECKED_WITHIN_MS = 3 * 3_600_000;

/**
 * Measures how old backups are, and whether one is past its time. Calls for help, once for each time that it begins, when one is,
 * or when nobody looks any more: the day that certificates of disposals name would not hold.
 */
export function measureBackups({ registry }: Metrics, { db, now, log }: { db: Db; now: () => Date; log: Logger }): Measure {
  const registers = [registry];
  const overdue = new Gauge({ name: 'leadwarden_backups_overdue', help: 'Backups past BACKUP_KEEP_DAYS whose keys are still there', registers });
  const ages = new Gauge({
    name: 'leadwarden_backup_age_seconds', help: 'Age of the oldest and of the newest backup that has its keys; checked: how long ago backups were looked through',
    labelNames: ['backup'], registers,
  });
  let isAlarmed = false;
  return async () => {
    const watch = await readBackupWatch(db).catch(() => null);
    if (!watch) return;
    const ageMs = (moment: Date) => Math.max(0, now().getTime() - moment.getTime());
    overdue.set(watch.overdue);
    ages.reset();
    for (const [backup, moment] of Object.entries({ oldest: watch.oldestAt, newest: watch.newestAt, checked: watch.checkedAt })) {
      if (moment) ages.set({ backup }, ageMs(moment) / 1_000);
    }
    const isWrong = watch.overdue > 0 || ageMs(watch.checkedAt) > CHECKED_WITHIN_MS;
    if (isWrong && !isAlarmed) {
      log.warn({ overdue: watch.overdue, checkedAt: watch.checkedAt }, 'backups past their time are still there, or nobody looks: the day that certificates name does not hold');
    }
    isAlarmed = isWrong;
  };
}
