import type { Logger } from 'pino';
import { Gauge } from 'prom-client';
import type { Db } from '../db/connection.ts';
import { oldestDue } from '../db/retention-sweep.ts';
import type { Measure } from './metrics-server.ts';
import type { Metrics } from './metrics.ts';

/** Many that are due on one day are spread over it, and the sweep finds whoever was missed within the hour after. */
const LATE_AFTER_SECONDS = 24 * 3_600;

const LATE = {
  archive: 'leads should have been archived more than a day ago: the store fails, or no worker runs',
  disposal: 'leads should have been disposed of more than a day ago: a store does not confirm, or no worker runs',
};

/** Measures for how long leads whose time has come have been waiting. Calls for help once each time that it becomes a day. */
export function measureEndings({ registry }: Metrics, { db, now, log }: { db: Db; now: () => Date; log: Logger }): Measure {
  const waiting = new Gauge({
    name: 'leadwarden_ends_oldest_due_seconds', help: 'For how long the lead that is due longest has been waiting for its end: archive or disposal',
    labelNames: ['end'], registers: [registry],
  });
  const late = new Set<string>();
  return async () => {
    const at = now();
    const due = await oldestDue(db, at).catch(() => null);
    if (!due) return;
    for (const end of ['archive', 'disposal'] as const) {
      const since = due[end];
      const seconds = since ? Math.max(0, at.getTime() - since.getTime()) / 1_000 : 0;
      waiting.set({ end }, seconds);
      if (seconds > LATE_AFTER_SECONDS && !late.has(end)) log.warn({ event: 'ends.late', end, since }, LATE[end]);
      if (seconds > LATE_AFTER_SECONDS) late.add(end);
      else late.delete(end);
    }
  };
}
