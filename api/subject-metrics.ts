import { Gauge } from 'prom-client';
import type { Db } from '../db/connection.ts';
import { countDueRequests } from '../db/subject-requests.ts';
import { plus } from '../domain/civil-time.ts';
import type { Measure } from './metrics-server.ts';
import type { Metrics } from './metrics.ts';

const MOST_COUNTED = 10_000;

/** Measures how many requests of persons are open, and how many of them have a deadline within a week, or behind them. */
export function measureSubjectRequests({ registry }: Metrics, db: Db, now: () => Date): Measure {
  const requests = new Gauge({
    name: 'leadwarden_subject_requests', help: 'Open requests of persons, counted up to 10000; due_soon: a deadline within 7 days; overdue: one that has passed',
    labelNames: ['state'], registers: [registry],
  });
  return async () => {
    const at = now();
    const found = await countDueRequests(db, at, plus(at, 'P7D'), MOST_COUNTED).catch(() => null);
    if (!found) return;
    requests.set({ state: 'open' }, found.open);
    requests.set({ state: 'due_soon' }, found.dueSoon);
    requests.set({ state: 'overdue' }, found.overdue);
  };
}
