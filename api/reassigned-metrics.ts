import { Gauge } from 'prom-client';
import type { Db } from '../db/connection.ts';
import { reassignedBacklog } from '../db/reassigned-checks.ts';
import type { Measure } from './metrics-server.ts';
import type { Metrics } from './metrics.ts';

const MOST_COUNTED = 10_000;

/** Measures the questions to the database of reassigned numbers that wait for an answer, and whether it answers at all. */
export function measureReassigned({ registry }: Metrics, db: Db, now: () => Date): Measure {
  const registers = [registry];
  const waiting = new Gauge({ name: 'leadwarden_reassigned_checks', help: 'Questions about reassigned numbers without an answer yet, counted up to 10000', registers });
  const oldest = new Gauge({ name: 'leadwarden_reassigned_checks_oldest_seconds', help: 'For how long the oldest of them has waited', registers });
  const failures = new Gauge({ name: 'leadwarden_reassigned_failures', help: 'Requests to the database without an answer since the last one that had one', registers });
  return async () => {
    const found = await reassignedBacklog(db, MOST_COUNTED).catch(() => null);
    if (!found) return;
    waiting.set(found.waiting);
    oldest.set(found.oldestAt ? Math.max(0, now().getTime() - found.oldestAt.getTime()) / 1_000 : 0);
    failures.set(found.failures);
  };
}
